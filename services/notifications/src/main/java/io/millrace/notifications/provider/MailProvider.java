package io.millrace.notifications.provider;

/** Takes mail. Implementations are thread-safe and answer within bounded time. */
public interface MailProvider {
    String name();

    /** Whether a second try under the same id is known to be the same mail. */
    boolean idempotent();

    /** Tries once. Never throws for what a provider may answer. */
    Outcome send(Mail mail);
}
