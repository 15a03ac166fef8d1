package io.millrace.notifications.inbound;

import io.millrace.notifications.inbound.MailEvent.Kind;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/** Resend's webhook, signed by Svix: an HMAC over id, time and body. */
public final class ResendWebhook implements Webhook {
    static final String ID = "svix-id";
    static final String TIMESTAMP = "svix-timestamp";
    static final String SIGNATURE = "svix-signature";

    private static final String KEY_PREFIX = "whsec_";
    private static final Duration TOLERANCE = Duration.ofMinutes(5);

    private final SecretKeySpec key;

    /** @param key the signing secret that Resend shows; it begins with {@code whsec_} */
    public ResendWebhook(String key) {
        try {
            this.key = new SecretKeySpec(
                    Base64.getDecoder().decode(key.startsWith(KEY_PREFIX) ? key.substring(KEY_PREFIX.length()) : key),
                    "HmacSHA256");
        } catch (IllegalArgumentException wrong) {
            // Without the cause: it could quote the secret.
            throw new MillraceException(
                    Category.USER,
                    "mail.resend.webhook-key is not a signing secret",
                    "copy it from the webhook's page at Resend; it begins with " + KEY_PREFIX);
        }
    }

    @Override
    public String provider() {
        return "resend";
    }

    @Override
    public List<MailEvent> events(Function<String, Optional<String>> header, byte[] body, Instant now) {
        String id = header.apply(ID).orElseThrow(() -> new Forged("there is no header " + ID));
        String timestamp = header.apply(TIMESTAMP).orElseThrow(() -> new Forged("there is no header " + TIMESTAMP));
        if (!timestamp.matches("\\d{1,12}")
                || Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), now)
                                .abs()
                                .compareTo(TOLERANCE)
                        > 0) {
            throw new Forged("it was signed more than " + TOLERANCE.toMinutes() + " minutes ago, or in the future");
        }
        byte[] right = code(id + "." + timestamp + ".", body);
        boolean signed = false;
        for (String signature : header.apply(SIGNATURE).orElse("").split(" ", -1)) {
            signed |= signature.startsWith("v1,")
                    && MessageDigest.isEqual(
                            Base64.getEncoder().encode(right),
                            signature.substring(3).getBytes(StandardCharsets.US_ASCII));
        }
        if (!signed) {
            throw new Forged("the signature is not of mail.resend.webhook-key");
        }
        return List.of(event(id, Json.object(body), now));
    }

    private byte[] code(String begin, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update(begin.getBytes(StandardCharsets.UTF_8));
            return mac.doFinal(body);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private MailEvent event(String id, JsonNode event, Instant now) {
        JsonNode data = event.path("data");
        JsonNode bounce = data.path("bounce");
        return new MailEvent(
                provider(),
                id,
                delivery(data.path("tags")),
                kind(Json.text(event, "type"), Json.text(bounce, "type")),
                Json.line(Json.text(event, "type") + " " + Json.text(bounce, "message")),
                now);
    }

    /** Tags are sent as a list of names and values; they come back as an object. */
    private static String delivery(JsonNode tags) {
        for (JsonNode tag : tags) {
            if (Json.text(tag, "name").equals("delivery")) {
                return Json.text(tag, "value");
            }
        }
        return Json.text(tags, "delivery");
    }

    private static Kind kind(String type, String bounce) {
        return switch (type) {
            case "email.sent" -> Kind.TAKEN;
            case "email.delivered" -> Kind.DELIVERED;
            case "email.delivery_delayed" -> Kind.DEFERRED;
            case "email.bounced" -> bounce.equals("Permanent") ? Kind.BOUNCED : Kind.FAILED;
            case "email.failed", "email.suppressed" -> Kind.FAILED;
            case "email.complained" -> Kind.COMPLAINED;
            default -> Kind.OTHER;
        };
    }
}
