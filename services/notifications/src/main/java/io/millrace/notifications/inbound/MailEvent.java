package io.millrace.notifications.inbound;

import java.time.Instant;

/**
 * News of a mail from the provider that took it.
 *
 * @param id the provider's own; the same in each repetition
 * @param delivery id of the mail in the ledger; empty if the provider does not say, so that it is not one of ours
 * @param detail what the provider says, in one line
 */
public record MailEvent(String provider, String id, String delivery, Kind kind, String detail, Instant at) {
    /** What happened, and what follows. */
    public enum Kind {
        /** On its way: the provider has it. */
        TAKEN,
        /** The recipient's server has it. */
        DELIVERED,
        /** Not yet; the provider goes on trying. */
        DEFERRED,
        /** It will not arrive; the next one may. */
        FAILED,
        /** The address does not take mail. */
        BOUNCED,
        /** The recipient called it spam. */
        COMPLAINED,
        /** The recipient wants no more mail, and told the provider so. */
        UNSUBSCRIBED,
        /** Opened, clicked and what else providers tell: of no consequence. */
        OTHER
    }
}
