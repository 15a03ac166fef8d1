package io.millrace.operations.access;

import java.util.Locale;

/**
 * Something that happened at the gateway's door, for the audit trail.
 *
 * @param actor who did it; where nobody is known, who tried to
 * @param subject whom or what it is about
 * @param address where it came from; empty: the command line
 * @param detail in words
 * @param times how often, where equal ones are counted together
 */
public record AccessEvent(Kind kind, String actor, String subject, String address, String detail, int times) {
    /** What happened. */
    public enum Kind {
        SIGNED_IN,
        SIGN_IN_FAILED,
        NEW_DEVICE,
        SESSION_ENDED,
        PASSWORD_CHANGED,
        SECOND_FACTOR_CHANGED,
        USER_CREATED,
        USER_CHANGED,
        LINK_CREATED,
        ROLE_CHANGED,
        KEY_CREATED,
        KEY_ROTATED,
        KEY_REVOKED,
        KEY_AT_NEW_ADDRESS,
        KEY_REFUSED,
        VERSION_PROPOSED,
        VERSION_APPROVED,
        FLAG_CHANGED,
        NOT_PERMITTED,
        TOO_MANY_REQUESTS;

        /** As it is stored: such as "signed in". */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** One that happened once. */
    static AccessEvent of(Kind kind, Origin origin, String subject, String detail) {
        return new AccessEvent(kind, origin.by(), subject, origin.address(), detail, 1);
    }
}
