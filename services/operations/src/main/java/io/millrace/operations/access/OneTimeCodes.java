package io.millrace.operations.access;

import com.eatthepath.otp.TimeBasedOneTimePasswordGenerator;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import javax.crypto.spec.SecretKeySpec;
import org.apache.commons.codec.binary.Base32;

/** Codes of a second factor, as authenticator apps show them (RFC 6238: SHA-1, six digits, 30 seconds). */
final class OneTimeCodes {
    private static final Duration STEP = Duration.ofSeconds(30);
    private static final int SECRET_BYTES = 20;
    private static final SecureRandom RANDOM = new SecureRandom();

    private OneTimeCodes() {}

    static byte[] newSecret() {
        byte[] secret = new byte[SECRET_BYTES];
        RANDOM.nextBytes(secret);
        return secret;
    }

    /** As people type it into an app. */
    static String typed(byte[] secret) {
        return new Base32().encodeToString(secret).replace("=", "");
    }

    /** As an app reads it from a link. */
    static String link(String user, byte[] secret) {
        return "otpauth://totp/Millrace:" + URLEncoder.encode(user, StandardCharsets.UTF_8) + "?secret=" + typed(secret)
                + "&issuer=Millrace";
    }

    /** The code of a time. */
    static String code(byte[] secret, Instant at) {
        TimeBasedOneTimePasswordGenerator generator = new TimeBasedOneTimePasswordGenerator(STEP);
        try {
            return generator.generateOneTimePasswordString(new SecretKeySpec(secret, generator.getAlgorithm()), at);
        } catch (InvalidKeyException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * The step whose code this is: the current one, or one beside it, for clocks that differ.
     *
     * @param after the step that was used last: each code is taken once
     */
    static OptionalLong step(byte[] secret, String code, Instant now, long after) {
        long current = now.getEpochSecond() / STEP.toSeconds();
        for (long step = current - 1; step <= current + 1; step++) {
            String expected = code(secret, Instant.ofEpochSecond(step * STEP.toSeconds()));
            boolean same = MessageDigest.isEqual(
                    expected.getBytes(StandardCharsets.US_ASCII),
                    code.replace(" ", "").getBytes(StandardCharsets.UTF_8));
            if (same && step > after) {
                return OptionalLong.of(step);
            }
        }
        return OptionalLong.empty();
    }
}
