package io.millrace.operations.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A secret that lets somebody in, as it is sent: {@code mr_<id>_<secret>} for a key. Its text in a log says the id only.
 *
 * @param id 12 hexadecimal digits
 * @param secret 256 random bits, base64url
 */
public record Token(Kind kind, String id, String secret) {
    private static final Pattern FORM = Pattern.compile("(m[rsl])_([0-9a-f]{12})_([A-Za-z0-9_-]{43})");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ID_BYTES = 6;
    private static final int SECRET_BYTES = 32;

    /** What a token is for. */
    public enum Kind {
        /** A program sends it with each request. */
        KEY("mr"),
        /** A browser sends it as a cookie. */
        SESSION("ms"),
        /** A person sets a password with it, once. */
        LINK("ml");

        private final String prefix;

        Kind(String prefix) {
            this.prefix = prefix;
        }
    }

    static Token random(Kind kind) {
        byte[] id = new byte[ID_BYTES];
        byte[] secret = new byte[SECRET_BYTES];
        RANDOM.nextBytes(id);
        RANDOM.nextBytes(secret);
        return new Token(
                kind,
                HexFormat.of().formatHex(id),
                Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
    }

    /** Empty if the text is no token of that kind. */
    public static Optional<Token> parse(Kind kind, String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches() && matcher.group(1).equals(kind.prefix)
                ? Optional.of(new Token(kind, matcher.group(2), matcher.group(3)))
                : Optional.empty();
    }

    /** The whole token, for the one who is to have it. */
    public String reveal() {
        return kind.prefix + "_" + id + "_" + secret;
    }

    /** A fast hash is right for it: nobody guesses 256 random bits. */
    byte[] hash() {
        return sha256(secret);
    }

    /**
     * A second secret, which follows from this one and does not give it away: what a page sends with a request that changes something,
     * and a foreign page cannot know.
     */
    public String derived(String purpose) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(sha256(purpose + "\0" + secret));
    }

    /** In constant time. */
    boolean hasHash(byte[] hash) {
        return MessageDigest.isEqual(hash(), hash);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    @Override
    public String toString() {
        return kind.prefix + "_" + id + "_***";
    }
}
