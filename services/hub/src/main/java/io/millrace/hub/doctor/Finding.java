package io.millrace.hub.doctor;

/**
 * What was found of a part.
 *
 * @param part such as kafka
 * @param what in a sentence
 * @param remedy empty where there is nothing to do
 */
public record Finding(String part, State state, String what, String remedy) {
    /** How it is. */
    public enum State {
        OK,
        /** Nobody could tell, or nobody needs it. */
        SKIPPED,
        /** It works, and may not for long, or not well. */
        WARNING,
        /** It does not work. */
        PROBLEM
    }

    static Finding ok(String part, String what) {
        return new Finding(part, State.OK, what, "");
    }

    static Finding skipped(String part, String what) {
        return new Finding(part, State.SKIPPED, what, "");
    }

    static Finding warning(String part, String what, String remedy) {
        return new Finding(part, State.WARNING, what, remedy);
    }

    static Finding problem(String part, String what, String remedy) {
        return new Finding(part, State.PROBLEM, what, remedy);
    }
}
