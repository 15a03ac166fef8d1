package io.millrace.schemas.row;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Values as Postgres writes them, in a {@code COPY} and in a change stream alike, where {@code DateStyle} is ISO, {@code
 * TimeZone} UTC, {@code bytea_output} hex and {@code lc_monetary} C.
 */
public final class PgTextParser {
    private PgTextParser() {}

    /** @throws IllegalArgumentException if the text is no value of the type, or one that the type's kind cannot hold */
    public static Object parse(PgType type, String text) {
        return switch (type.kind()) {
            case BOOL -> text.equals("t");
            case INT2, INT4 -> Integer.valueOf(text);
            case INT8 -> Long.valueOf(text);
            case FLOAT4 -> Float.valueOf(text);
            case FLOAT8 -> Double.valueOf(text);
            case NUMERIC -> numeric(text);
            case MONEY -> money(text);
            case TEXT -> text;
            case DATE -> new TimeText(text).date();
            case TIME -> new TimeText(text).time();
            case TIMESTAMP -> new TimeText(text).timestamp();
            case TIMESTAMPTZ -> new TimeText(text).timestamptz();
            case BYTEA -> ByteBuffer.wrap(HexFormat.of().parseHex(text, 2, text.length()));
            case ARRAY -> new ArrayText(text).parse(Objects.requireNonNull(type.element()));
        };
    }

    /** A {@link BigDecimal}, with its scale, or a {@link SpecialNumeric}. */
    static Object numeric(String text) {
        return switch (text) {
            case "NaN" -> SpecialNumeric.NAN;
            case "Infinity" -> SpecialNumeric.POSITIVE_INFINITY;
            case "-Infinity" -> SpecialNumeric.NEGATIVE_INFINITY;
            default -> new BigDecimal(text);
        };
    }

    /** {@code -$1,234.50} */
    private static BigDecimal money(String text) {
        return new BigDecimal(text.replaceAll("[^0-9.-]", ""));
    }

    /** An array in braces: {@code {1,NULL,"a \"b\""}}. */
    private static final class ArrayText {
        private static final String WITH_SEMICOLONS = "box";

        private final String text;
        private char delimiter = ',';
        private int at = 1;

        ArrayText(String text) {
            if (text.isEmpty() || text.charAt(0) != '{') {
                throw new IllegalArgumentException("an array that does not begin at 1 is not supported");
            }
            this.text = text;
        }

        List<@Nullable Object> parse(PgType element) {
            delimiter = element.name().equals(WITH_SEMICOLONS) ? ';' : ',';
            List<@Nullable Object> values = new ArrayList<>();
            while (text.charAt(at) != '}') {
                boolean quoted = text.charAt(at) == '"';
                if (text.charAt(at) == '{') {
                    throw new IllegalArgumentException("an array of more than one dimension is not supported");
                }
                String value = quoted ? quoted() : plain();
                values.add(!quoted && value.equals("NULL") ? null : PgTextParser.parse(element, value));
                if (text.charAt(at) == delimiter) {
                    at++;
                }
            }
            return values;
        }

        private String quoted() {
            StringBuilder value = new StringBuilder();
            at++;
            while (text.charAt(at) != '"') {
                if (text.charAt(at) == '\\') {
                    at++;
                }
                value.append(text.charAt(at++));
            }
            at++;
            return value.toString();
        }

        private String plain() {
            int begin = at;
            while (text.charAt(at) != delimiter && text.charAt(at) != '}') {
                at++;
            }
            return text.substring(begin, at);
        }
    }
}
