package io.millrace.schemas.row;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;

/** Values as text that Postgres reads. */
public final class PgText {
    private PgText() {}

    public static String of(Object value) {
        return switch (value) {
            case BigDecimal decimal -> decimal.toPlainString();
            case LocalDate date ->
                date.equals(LocalDate.MAX) ? "infinity" : date.equals(LocalDate.MIN) ? "-infinity" : date.toString();
            case LocalDateTime time ->
                time.equals(LocalDateTime.MAX)
                        ? "infinity"
                        : time.equals(LocalDateTime.MIN) ? "-infinity" : time.toString();
            case Instant time ->
                time.equals(Instant.MAX)
                        ? "infinity"
                        : time.equals(Instant.MIN)
                                ? "-infinity"
                                : time.atOffset(ZoneOffset.UTC).toString();
            case ByteBuffer bytes -> {
                byte[] copy = new byte[bytes.remaining()];
                bytes.duplicate().get(copy);
                yield "\\x" + HexFormat.of().formatHex(copy);
            }
            default -> value.toString();
        };
    }
}
