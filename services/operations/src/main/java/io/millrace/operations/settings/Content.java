package io.millrace.operations.settings;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a version is: texts by name.
 *
 * @param texts of a catalog: files by their paths below it; of a configuration: values by their keys, secrets masked
 */
public record Content(Version.Kind kind, Map<String, String> texts) {
    private static final int ID_DIGITS = 12;

    public Content {
        texts = Map.copyOf(texts);
    }

    /** The same content has the same. */
    public String id() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            add(digest, kind.name());
            new TreeMap<>(texts).forEach((name, text) -> {
                add(digest, name);
                add(digest, text);
            });
            return HexFormat.of().formatHex(digest.digest()).substring(0, ID_DIGITS);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /** With its length before it, so that no two contents are the same bytes. */
    private static void add(MessageDigest digest, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        digest.update((utf8.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(utf8);
    }
}
