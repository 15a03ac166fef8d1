package io.millrace.monitoring.lag;

/** How a stage is, the best first. */
public enum State {
    /** It has everything, or is no later than it may be. */
    OK,
    /** Later than it may be, and its backlog shrinks. */
    CATCHING_UP,
    /** Later than it may be, and its backlog does not shrink. */
    LAGGING,
    /** Where it is cannot be known now. */
    UNKNOWN,
    /** Its position went back, and is not yet where it was. */
    REWOUND,
    /** Somebody is at work, and nothing moves. */
    STALLED,
    /** Nobody is at work. */
    STOPPED;

    /** The worse of two. */
    public State or(State other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
