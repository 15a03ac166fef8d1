package io.millrace.notifications.inbound;

import io.millrace.notifications.route.Importance;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Links by which recipients end mails of a route (RFC 8058). A link holds the mail's id, not the address, and a code that only a
 * holder of the ledger's secret can make.
 */
public final class Unsubscribe {
    /** Path of the page, below the public address. */
    public static final String PATH = "/unsubscribe/";

    private static final int ID_BYTES = 32;
    private static final int CODE_BYTES = 16;

    private final String publicUrl;
    private final byte[] secret;

    /** @param publicUrl address that recipients reach, without a slash at the end; empty for no links */
    public Unsubscribe(String publicUrl, byte[] secret) {
        this.publicUrl = publicUrl;
        this.secret = secret.clone();
    }

    /** Empty if the mail has none: nobody unsubscribes from what is critical. */
    public String link(String delivery, Importance importance) {
        if (publicUrl.isEmpty() || importance == Importance.CRITICAL) {
            return "";
        }
        byte[] id = HexFormat.of().parseHex(delivery);
        byte[] token = Arrays.copyOf(id, ID_BYTES + CODE_BYTES);
        System.arraycopy(code(id), 0, token, ID_BYTES, CODE_BYTES);
        return publicUrl + PATH + Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    /** Id of the mail that a link was in; empty for what is not such a link's end. */
    Optional<String> delivery(String token) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException noToken) {
            return Optional.empty();
        }
        if (bytes.length != ID_BYTES + CODE_BYTES) {
            return Optional.empty();
        }
        byte[] id = Arrays.copyOf(bytes, ID_BYTES);
        byte[] code = Arrays.copyOfRange(bytes, ID_BYTES, bytes.length);
        return MessageDigest.isEqual(code, code(id))
                ? Optional.of(HexFormat.of().formatHex(id))
                : Optional.empty();
    }

    private byte[] code(byte[] id) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update("unsubscribe".getBytes(StandardCharsets.US_ASCII));
            return Arrays.copyOf(mac.doFinal(id), CODE_BYTES);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
