package io.millrace.notifications.provider;

/**
 * A mail to one recipient, as it is sent, however often it is tried.
 *
 * @param id of the delivery: the key by which a provider may tell two tries from two mails
 * @param html body; null values do not occur
 * @param text the same for readers without HTML
 * @param maybeAgain whether a provider may have sent it before
 */
public record Mail(String id, String from, String to, String subject, String html, String text, boolean maybeAgain) {
    /** Stable over all tries, without the angle brackets. */
    public String messageId() {
        return id + "@millrace";
    }
}
