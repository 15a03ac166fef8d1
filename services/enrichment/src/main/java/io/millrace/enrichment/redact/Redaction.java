package io.millrace.enrichment.redact;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What leaves: only the fields that may, and in them tokens in the place of names, addresses and account numbers. The tokens in an
 * answer are exchanged back here; what they stand for never leaves.
 */
public final class Redaction {
    private static final Map<String, Pattern> PATTERNS = patterns();

    private final Map<String, String> data = new LinkedHashMap<>();
    private final Map<String, String> tokens = new LinkedHashMap<>();
    private final Map<String, Integer> numbers = new LinkedHashMap<>();

    private static Map<String, Pattern> patterns() {
        Map<String, Pattern> patterns = new LinkedHashMap<>();
        patterns.put("email", Pattern.compile("[\\p{Alnum}._%+-]+@[\\p{Alnum}.-]+\\.\\p{Alpha}{2,}"));
        patterns.put("iban", Pattern.compile("\\b[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\\b"));
        patterns.put("card", Pattern.compile("\\b(?:\\d[ -]?){12,18}\\d\\b"));
        patterns.put("phone", Pattern.compile("(?<![\\p{Alnum}.])\\+\\d[\\d ()/-]{6,}\\d"));
        return patterns;
    }

    private Redaction() {}

    /**
     * @param input all fields, in their order
     * @param fields that may leave; {@code *} stands for anything
     * @param redact fields whose whole value becomes a token, wherever it stands
     */
    public static Redaction of(Map<String, String> input, List<String> fields, List<String> redact) {
        Redaction redaction = new Redaction();
        Map<String, String> secrets = new LinkedHashMap<>();
        input.forEach((field, value) -> {
            if (matches(redact, field) && !value.isBlank()) {
                String word = field.substring(field.lastIndexOf('.') + 1);
                secrets.put(value, redaction.token(word, value));
            }
        });
        input.forEach((field, value) -> {
            if (matches(fields, field)) {
                redaction.data.put(field, redaction.clean(value, secrets));
            }
        });
        return redaction;
    }

    private static boolean matches(List<String> patterns, String field) {
        return patterns.stream()
                .map(pattern -> Pattern.quote(pattern).replace("*", "\\E.*\\Q"))
                .anyMatch(field::matches);
    }

    private String token(String word, String value) {
        for (Map.Entry<String, String> known : tokens.entrySet()) {
            if (known.getValue().equals(value)) {
                return known.getKey();
            }
        }
        String token = "[" + word + "_" + numbers.merge(word, 1, Integer::sum) + "]";
        tokens.put(token, value);
        return token;
    }

    private String clean(String text, Map<String, String> secrets) {
        String cleaned = text;
        List<String> longestFirst = new ArrayList<>(secrets.keySet());
        longestFirst.sort(Comparator.comparingInt(String::length).reversed());
        for (String secret : longestFirst) {
            cleaned = cleaned.replace(secret, String.valueOf(secrets.get(secret)));
        }
        for (Map.Entry<String, Pattern> pattern : PATTERNS.entrySet()) {
            cleaned = pattern.getValue()
                    .matcher(cleaned)
                    .replaceAll(found -> Matcher.quoteReplacement(token(pattern.getKey(), found.group())));
        }
        return cleaned;
    }

    /** What leaves. */
    public Map<String, String> data() {
        return Collections.unmodifiableMap(data);
    }

    /** A text with what its tokens stand for. */
    public String restore(String text) {
        String restored = text;
        for (Map.Entry<String, String> token : tokens.entrySet()) {
            restored = restored.replace(token.getKey(), token.getValue());
        }
        return restored;
    }
}
