package io.millrace.notifications.inbound;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A provider's side of its webhook. */
interface Signer {
    Webhook webhook();

    /** @param id of the request, where the provider has one */
    Map<String, String> headers(String id, Instant now, byte[] body);

    static Signer sendGrid() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            return new SendGrid(pair);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static Signer resend() {
        return new Resend("a secret of thirty-two characters");
    }

    /** ECDSA over time and body. */
    record SendGrid(KeyPair pair) implements Signer {
        @Override
        public Webhook webhook() {
            return new SendGridWebhook(
                    Base64.getEncoder().encodeToString(pair.getPublic().getEncoded()));
        }

        @Override
        public Map<String, String> headers(String id, Instant now, byte[] body) {
            String time = Long.toString(now.getEpochSecond());
            try {
                Signature signature = Signature.getInstance("SHA256withECDSA");
                signature.initSign(pair.getPrivate());
                signature.update(time.getBytes(StandardCharsets.UTF_8));
                signature.update(body);
                return Map.of(
                        SendGridWebhook.SIGNATURE,
                        Base64.getEncoder().encodeToString(signature.sign()),
                        SendGridWebhook.TIMESTAMP,
                        time);
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    /** HMAC over id, time and body. */
    record Resend(String secret) implements Signer {
        @Override
        public Webhook webhook() {
            return new ResendWebhook(
                    "whsec_" + Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        public Map<String, String> headers(String id, Instant now, byte[] body) {
            String time = Long.toString(now.getEpochSecond());
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
                mac.update((id + "." + time + ".").getBytes(StandardCharsets.UTF_8));
                String code = Base64.getEncoder().encodeToString(mac.doFinal(body));
                return Map.of(
                        ResendWebhook.ID, id, ResendWebhook.TIMESTAMP, time, ResendWebhook.SIGNATURE, "v1," + code);
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }
}
