package io.millrace.operations.access;

import java.time.Duration;

/** Nobody is let in. */
public final class SignInRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final Duration after;

    /** Why. */
    public enum Reason {
        /** Of name, password and code, one is wrong: which, is not said. */
        WRONG,
        /** The password is right, and a code is needed. */
        CODE_NEEDED,
        /** Too many attempts: none is taken for a while. */
        BLOCKED,
        /** The link was used, is too old, or never was one. */
        NO_LINK
    }

    SignInRefused(Reason reason, Duration after) {
        super(reason.name());
        this.reason = reason;
        this.after = after;
    }

    public Reason reason() {
        return reason;
    }

    /** When an attempt is taken again. */
    public Duration after() {
        return after;
    }
}
