package io.millrace.gateway.http;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Something that a request may say: how it is written, what it means, and what is taken if it is not said.
 *
 * @param repeated whether it may be said more than once
 * @param required whether it must be said
 * @param fallback null if nothing is taken
 * @param schema of a value, as OpenAPI has it
 * @param parse fails with an {@link IllegalArgumentException} whose message continues "limit is 'x': "
 */
public record Parameter<T>(
        String name,
        Place place,
        String description,
        boolean repeated,
        boolean required,
        @Nullable T fallback,
        Map<String, Object> schema,
        Function<String, T> parse) {

    /** Where in the request it is. */
    public enum Place {
        PATH,
        QUERY
    }

    private static final int LONGEST = 4_096;

    /** Whatever it is, up to 4,096 characters without control characters. */
    public static Parameter<String> text(String name, String description) {
        return new Parameter<>(
                name, Place.QUERY, description, false, false, null, schema("maxLength", LONGEST), Parameter::checked);
    }

    /** One of these words. */
    public static <E extends Enum<E>> Parameter<E> choice(String name, E fallback, String description) {
        List<E> choices = Arrays.asList(fallback.getDeclaringClass().getEnumConstants());
        List<String> words = choices.stream().map(Parameter::word).toList();
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "string");
        schema.put("enum", words);
        schema.put("default", word(fallback));
        return new Parameter<>(name, Place.QUERY, description, false, false, fallback, schema, text -> {
            int index = words.indexOf(text);
            if (index < 0) {
                throw new IllegalArgumentException("it is one of " + String.join(", ", words));
            }
            return choices.get(index);
        });
    }

    private static String word(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A number from min to max. */
    public static Parameter<Integer> number(String name, int min, int max, int fallback, String description) {
        return number(name, min, max, Integer.valueOf(fallback), description);
    }

    /** The same, without one that is taken if it is not said. */
    public static Parameter<Integer> optionalNumber(String name, int min, int max, String description) {
        return number(name, min, max, null, description);
    }

    private static Parameter<Integer> number(
            String name, int min, int max, @Nullable Integer fallback, String description) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "integer");
        schema.put("minimum", min);
        schema.put("maximum", max);
        if (fallback != null) {
            schema.put("default", fallback);
        }
        return new Parameter<>(name, Place.QUERY, description, false, false, fallback, schema, text -> {
            int number;
            try {
                number = Integer.parseInt(text);
            } catch (NumberFormatException wrong) {
                number = min - 1;
            }
            if (number < min || number > max) {
                throw new IllegalArgumentException("it is a number from " + min + " to " + max);
            }
            return number;
        });
    }

    /** Seconds from 0 to max, such as {@code 2.5}, or {@code 500ms}. */
    public static Parameter<Duration> seconds(String name, int max, int fallback, String description) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "string");
        schema.put("pattern", "^([0-9]{1,6}ms|[0-9]{1,3}(\\.[0-9]{1,3})?s?)$");
        schema.put("default", fallback + "s");
        return new Parameter<>(
                name, Place.QUERY, description, false, false, Duration.ofSeconds(fallback), schema, text -> {
                    Duration duration;
                    try {
                        duration = text.endsWith("ms")
                                ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)))
                                : Duration.parse("PT"
                                        + (text.endsWith("s") ? text.substring(0, text.length() - 1) : text) + "S");
                    } catch (NumberFormatException | DateTimeParseException wrong) {
                        duration = Duration.ofSeconds(-1);
                    }
                    if (duration.isNegative() || duration.compareTo(Duration.ofSeconds(max)) > 0) {
                        throw new IllegalArgumentException(
                                "it is a time from 0s to " + max + "s, such as 500ms or 2.5s");
                    }
                    return duration;
                });
    }

    /** A text of a form. */
    public static Parameter<String> form(String name, Pattern form, String what, String description) {
        return new Parameter<>(
                name,
                Place.QUERY,
                description,
                false,
                false,
                null,
                schema("pattern", "^" + form.pattern() + "$"),
                text -> {
                    if (!form.matcher(text).matches()) {
                        throw new IllegalArgumentException("it is " + what);
                    }
                    return text;
                });
    }

    /** The same, as a part of the path. */
    public Parameter<T> inPath() {
        return new Parameter<>(name, Place.PATH, description, false, true, null, schema, parse);
    }

    /** The same, which must be said. */
    public Parameter<T> mandatory() {
        return new Parameter<>(name, place, description, repeated, true, null, schema, parse);
    }

    /** The same, which may be said more than once. */
    public Parameter<T> repeatable() {
        return new Parameter<>(name, place, description, true, required, fallback, schema, parse);
    }

    /** Of a text; in this order, since the document is compared. */
    private static Map<String, Object> schema(String keyword, Object value) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "string");
        schema.put(keyword, value);
        return schema;
    }

    private static String checked(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("it has more than " + LONGEST + " characters");
        }
        if (text.chars().anyMatch(c -> c < ' ' && c != '\t' || c == 0x7f)) {
            throw new IllegalArgumentException("it has a control character");
        }
        return text;
    }
}
