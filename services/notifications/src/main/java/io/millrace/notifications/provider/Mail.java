package io.millrace.notifications.provider;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A mail to one recipient, as it is sent, however often it is tried.
 *
 * @param id of the delivery: the key by which a provider may tell two tries from two mails
 * @param html body; null values do not occur
 * @param text the same for readers without HTML
 * @param unsubscribe link for a click that ends such mails; empty for none
 * @param maybeAgain whether a provider may have sent it before
 */
public record Mail(
        String id,
        String from,
        String to,
        String subject,
        String html,
        String text,
        String unsubscribe,
        boolean maybeAgain) {
    /** Headers beyond the usual. */
    Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("X-Millrace-Delivery", id);
        if (maybeAgain) {
            headers.put("X-Millrace-Maybe-Again", "true");
        }
        if (!unsubscribe.isEmpty()) {
            // RFC 8058: the mail program itself posts to it.
            headers.put("List-Unsubscribe", "<" + unsubscribe + ">");
            headers.put("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }
        return headers;
    }

    /** Stable over all tries, without the angle brackets. */
    public String messageId() {
        return id + "@millrace";
    }
}
