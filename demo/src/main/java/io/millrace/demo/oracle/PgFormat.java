package io.millrace.demo.oracle;

import io.millrace.schemas.row.PgType;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.HexFormat;
import java.util.Locale;

/** Values as Postgres writes them, with {@code DateStyle=ISO} and time zone UTC: for comparison with what it says itself. */
final class PgFormat {
    private static final DateTimeFormatter TIMESTAMP = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendPattern(" HH:mm:ss")
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .toFormatter(Locale.ROOT);

    private PgFormat() {}

    static String format(PgType type, Object value) {
        return switch (type.kind()) {
            case BOOL -> ((Boolean) value) ? "t" : "f";
            case NUMERIC -> value instanceof BigDecimal number ? number.toPlainString() : value.toString();
            case TIMESTAMP -> TIMESTAMP.format((LocalDateTime) value);
            case TIMESTAMPTZ -> TIMESTAMP.format(((Instant) value).atOffset(ZoneOffset.UTC)) + "+00";
            case BYTEA -> "\\x" + HexFormat.of().formatHex(bytes((ByteBuffer) value));
            case INT2, INT4, INT8, FLOAT4, FLOAT8, MONEY, TEXT, DATE, TIME, ARRAY -> value.toString();
        };
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
