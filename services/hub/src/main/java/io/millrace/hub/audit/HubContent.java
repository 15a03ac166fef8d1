package io.millrace.hub.audit;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a hub runs with, as entries of a name and a text. */
public final class HubContent {
    private static final String BASE64 = "base64:";
    private static final String MASKED = "(secret)";
    private static final Pattern SECRET_NAME =
            Pattern.compile("password|secret|token|jaas|credential|keystore.key", Pattern.CASE_INSENSITIVE);
    /** Of addresses: a user and password before the host, and parameters that name one. */
    private static final Pattern IN_ADDRESS =
            Pattern.compile("(//)[^/@\\s]+@|([?&;](?:password|secret|token|key)=)[^&;]*", Pattern.CASE_INSENSITIVE);

    private HubContent() {}

    /** Each file of the catalog, by its path below it, and its SHA-256. */
    static Map<String, String> catalog(Path folder) {
        return files(folder, bytes -> {
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException(impossible);
            }
        });
    }

    /** Each file of the catalog, by its path below it, and its text; what is no text is {@value #BASE64} and that. */
    public static Map<String, String> catalogTexts(Path folder) {
        return files(folder, bytes -> {
            String text = new String(bytes, StandardCharsets.UTF_8);
            boolean exact = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)
                    && text.indexOf('\0') < 0
                    && !text.startsWith(BASE64);
            return exact ? text : BASE64 + Base64.getEncoder().encodeToString(bytes);
        });
    }

    /** The file of such a text. */
    public static byte[] bytes(String text) {
        return text.startsWith(BASE64)
                ? Base64.getDecoder().decode(text.substring(BASE64.length()))
                : text.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, String> files(Path folder, Function<byte[], String> shown) {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(file).toString().replace('\\', '/'), shown.apply(Files.readAllBytes(file)));
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return files;
    }

    /** Each key of the configuration as it stands in the file, and its value; secrets masked. */
    public static Map<String, String> configuration(HubConfig config) {
        Map<String, String> keys = new TreeMap<>();
        flatten("", config, keys);
        return keys;
    }

    private static void flatten(String prefix, Record record, Map<String, String> keys) {
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            String key =
                    prefix + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            Object value = value(record, component);
            switch (value) {
                case Secret secret -> keys.put(key, secret.isEmpty() ? "" : MASKED);
                case Record nested -> flatten(key + ".", nested, keys);
                case Map<?, ?> map ->
                    map.forEach((name, of) -> keys.put(
                            key + "." + name,
                            SECRET_NAME.matcher(name.toString()).find() ? MASKED : of.toString()));
                case List<?> list ->
                    keys.put(
                            key,
                            String.join(
                                    ", ", list.stream().map(Object::toString).toList()));
                default -> keys.put(key, IN_ADDRESS.matcher(value.toString()).replaceAll("$1$2" + MASKED));
            }
        }
    }

    private static Object value(Record record, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
