package io.millrace.source.reader;

import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.SpecialNumeric;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Values as Postgres writes them, with {@code DateStyle=ISO} and time zone UTC. */
public final class PgText {
    private static final DateTimeFormatter TIMESTAMP = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral(' ')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .toFormatter(java.util.Locale.ROOT);
    private static final DateTimeFormatter TIMESTAMPTZ = new DateTimeFormatterBuilder()
            .append(TIMESTAMP)
            .appendOffset("+HH:mm", "+00")
            .toFormatter(java.util.Locale.ROOT);

    private PgText() {}

    /** @throws IllegalArgumentException if the text is not a value of the type */
    public static Object parse(PgType type, String text) {
        return switch (type.kind()) {
            case BOOL -> text.equals("t");
            case INT2, INT4 -> Integer.valueOf(text);
            case INT8 -> Long.valueOf(text);
            case FLOAT4 -> Float.valueOf(text);
            case FLOAT8 -> Double.valueOf(text);
            case NUMERIC -> numeric(text);
            case MONEY -> new BigDecimal(text.replaceAll("[^0-9.-]", ""));
            case TEXT -> text;
            case DATE -> date(text);
            case TIME -> LocalTime.parse(text);
            case TIMESTAMP -> timestamp(text);
            case TIMESTAMPTZ -> timestamptz(text);
            case BYTEA -> ByteBuffer.wrap(HexFormat.of().parseHex(text, 2, text.length()));
            case ARRAY -> new ArrayText(text).parse(Objects.requireNonNull(type.element()));
        };
    }

    public static Object numeric(String text) {
        return switch (text) {
            case "NaN" -> SpecialNumeric.NAN;
            case "Infinity" -> SpecialNumeric.POSITIVE_INFINITY;
            case "-Infinity" -> SpecialNumeric.NEGATIVE_INFINITY;
            default -> new BigDecimal(text);
        };
    }

    private static LocalDate date(String text) {
        return switch (text) {
            case "infinity" -> LocalDate.MAX;
            case "-infinity" -> LocalDate.MIN;
            default -> LocalDate.parse(text);
        };
    }

    private static LocalDateTime timestamp(String text) {
        return switch (text) {
            case "infinity" -> LocalDateTime.MAX;
            case "-infinity" -> LocalDateTime.MIN;
            default -> LocalDateTime.parse(text, TIMESTAMP);
        };
    }

    private static Instant timestamptz(String text) {
        return switch (text) {
            case "infinity" -> Instant.MAX;
            case "-infinity" -> Instant.MIN;
            default -> OffsetDateTime.parse(text, TIMESTAMPTZ).toInstant();
        };
    }

    /** An array in braces: {@code {1,NULL,"a \"b\""}}. */
    private static final class ArrayText {
        private final String text;
        private int at = 1;

        ArrayText(String text) {
            if (text.isEmpty() || text.charAt(0) != '{') {
                throw new IllegalArgumentException("arrays must begin at 1 and have one dimension: " + text);
            }
            this.text = text;
        }

        List<@Nullable Object> parse(PgType element) {
            List<@Nullable Object> values = new ArrayList<>();
            while (text.charAt(at) != '}') {
                boolean quoted = text.charAt(at) == '"';
                if (text.charAt(at) == '{') {
                    throw new IllegalArgumentException("arrays of more than one dimension are not supported: " + text);
                }
                String value = quoted ? quoted() : plain();
                values.add(!quoted && value.equals("NULL") ? null : PgText.parse(element, value));
                if (text.charAt(at) == ',') {
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
            while (text.charAt(at) != ',' && text.charAt(at) != '}') {
                at++;
            }
            return text.substring(begin, at);
        }
    }
}
