package io.millrace.notifications.provider;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What became of one try. */
public sealed interface Outcome {
    /** @param providerId what the provider calls the mail, if it says */
    record Accepted(@Nullable String providerId) implements Outcome {}

    /**
     * Not sent.
     *
     * @param detail what the provider said
     * @param pause before the next try, if the provider said so
     */
    record Refused(Action action, String detail, @Nullable Duration pause) implements Outcome {
        public Refused(Action action, String detail) {
            this(action, detail, null);
        }
    }

    /** Nobody knows whether it was sent. */
    record Unknown(String detail) implements Outcome {}

    /** What to do about a refusal: whose fault it is decides. */
    enum Action {
        /** It passes: the same provider again, a little later. */
        RETRY,
        /** The provider's fault: another one, and the breaker counts it. */
        FAIL_OVER,
        /** The account's fault (key, quota): another provider; this one is not asked for a while, and somebody must act. */
        FAIL_OVER_AND_PAGE,
        /** The message's fault: no provider will take it. */
        PERMANENT,
        /** The recipient does not exist: not this mail, and none after it. */
        PERMANENT_AND_SUPPRESS
    }
}
