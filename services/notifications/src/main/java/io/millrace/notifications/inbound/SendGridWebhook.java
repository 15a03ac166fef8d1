package io.millrace.notifications.inbound;

import io.millrace.notifications.inbound.MailEvent.Kind;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** SendGrid's event webhook, signed with ECDSA over time and body. A repeated request is known by its events' ids. */
public final class SendGridWebhook implements Webhook {
    static final String SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature";
    static final String TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp";

    private final PublicKey key;

    /** @param key the verification key that SendGrid shows: base64 of a public key */
    public SendGridWebhook(String key) {
        try {
            byte[] encoded = Base64.getDecoder().decode(key);
            this.key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(encoded));
        } catch (IllegalArgumentException | GeneralSecurityException wrong) {
            throw new MillraceException(
                    Category.USER,
                    "mail.sendgrid.webhook-key is not a public key: " + wrong.getMessage(),
                    "copy the verification key from SendGrid's Signed Event Webhook settings",
                    wrong);
        }
    }

    @Override
    public String provider() {
        return "sendgrid";
    }

    @Override
    public List<MailEvent> events(Function<String, Optional<String>> header, byte[] body, Instant now) {
        String signature = header.apply(SIGNATURE).orElseThrow(() -> new Forged("there is no header " + SIGNATURE));
        String timestamp = header.apply(TIMESTAMP).orElseThrow(() -> new Forged("there is no header " + TIMESTAMP));
        if (!signed(signature, timestamp, body)) {
            throw new Forged("the signature is not of mail.sendgrid.webhook-key");
        }
        List<MailEvent> events = new ArrayList<>();
        for (JsonNode event : Json.array(body)) {
            events.add(new MailEvent(
                    provider(),
                    Json.text(event, "sg_event_id"),
                    Json.text(event, "delivery"),
                    kind(event),
                    Json.line(Json.text(event, "event") + " " + Json.text(event, "reason")),
                    Instant.ofEpochSecond(event.path("timestamp").asLong(now.getEpochSecond()))));
        }
        return events;
    }

    private boolean signed(String signature, String timestamp, byte[] body) {
        try {
            Signature verifier = Signature.getInstance("SHA256withECDSA");
            verifier.initVerify(key);
            verifier.update(timestamp.getBytes(StandardCharsets.UTF_8));
            verifier.update(body);
            return verifier.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException noSignature) {
            return false;
        }
    }

    private static Kind kind(JsonNode event) {
        return switch (Json.text(event, "event")) {
            case "processed" -> Kind.TAKEN;
            case "delivered" -> Kind.DELIVERED;
            case "deferred" -> Kind.DEFERRED;
            // A block is of this mail or this moment; a bounce is the address's.
            case "bounce" -> Json.text(event, "type").equals("blocked") ? Kind.FAILED : Kind.BOUNCED;
            case "dropped" -> Kind.FAILED;
            case "spamreport" -> Kind.COMPLAINED;
            case "unsubscribe", "group_unsubscribe" -> Kind.UNSUBSCRIBED;
            default -> Kind.OTHER;
        };
    }
}
