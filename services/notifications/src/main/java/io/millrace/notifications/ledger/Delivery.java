package io.millrace.notifications.ledger;

import io.millrace.notifications.provider.Mail;
import io.millrace.notifications.route.Importance;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A mail in the ledger. Its body is rendered once, before the first attempt.
 *
 * @param id see {@link #id(String, String, String)}
 * @param event what is told: an alert's id and version
 * @param unsubscribe link that ends mails of its route; empty if it has none. Frozen with the body.
 * @param refusals attempts that count against the mail
 * @param pinned the provider that has to be asked again, since it may have sent it
 * @param tried providers that failed since all were asked last
 * @param trace what it is part of, as {@link io.millrace.platform.trace.Trace#text} has it; empty for none
 */
public record Delivery(
        String id,
        String event,
        String alert,
        String route,
        String recipient,
        String template,
        Importance importance,
        String subject,
        String html,
        String text,
        String unsubscribe,
        Instant committedAt,
        Instant expiresAt,
        int attempts,
        int refusals,
        @Nullable String pinned,
        List<String> tried,
        boolean maybeAgain,
        String trace) {

    /** How long a mail is tried to be sent. */
    public static final Duration LONGEST = Duration.ofHours(24);

    /** After so long, a mail says that it is late. */
    static final Duration LATE = Duration.ofMinutes(15);

    /** Where the content of an HTML page begins, or else its beginning. */
    private static final Pattern BODY = Pattern.compile("(?i)<body[^>]*>|\\A(?![\\s\\S]*<body)");

    /** The alert of a digest, which has several. */
    public static final String NO_ALERT = "00000000-0000-0000-0000-000000000000";

    /** The same event, recipient and template is the same mail. */
    public static String id(String event, String recipient, String template) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((event + "\0" + recipient + "\0" + template + "\0email").getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * The mail as it is sent at a time: one that is late says so. Only before its first attempt, since a provider that may have sent it
     * knows it by its words.
     */
    Delivery sentAt(Instant now) {
        if (attempts > 0
                || alert.equals(NO_ALERT)
                || Duration.between(committedAt, now).compareTo(LATE) < 0) {
            return this;
        }
        String note = "This mail is late: what it tells of was committed at "
                + committedAt.truncatedTo(ChronoUnit.SECONDS) + ".";
        return new Delivery(
                id,
                event,
                alert,
                route,
                recipient,
                template,
                importance,
                "[late] " + subject,
                html.isEmpty() ? html : BODY.matcher(html).replaceFirst("$0<p><b>" + note + "</b></p>"),
                note + "\n\n" + text,
                unsubscribe,
                committedAt,
                expiresAt,
                attempts,
                refusals,
                pinned,
                tried,
                maybeAgain,
                trace);
    }

    public Mail mail(String from) {
        return new Mail(id, from, recipient, subject, html, text, unsubscribe, maybeAgain);
    }
}
