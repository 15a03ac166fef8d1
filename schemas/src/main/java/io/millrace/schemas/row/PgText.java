package io.millrace.schemas.row;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Values as text that Postgres reads, dates and times as it writes them with {@code DateStyle} ISO in UTC. {@link PgTextParser} is
 * the way back.
 */
public final class PgText {
    private static final int NANOS_PER_MICRO = 1_000;

    private PgText() {}

    public static String of(Object value) {
        return switch (value) {
            case BigDecimal decimal -> decimal.toPlainString();
            case LocalDate date -> date(date);
            case LocalDateTime time -> timestamp(time);
            case Instant time -> timestamptz(time);
            case ByteBuffer bytes -> {
                byte[] copy = new byte[bytes.remaining()];
                bytes.duplicate().get(copy);
                yield "\\x" + HexFormat.of().formatHex(copy);
            }
            case List<?> array -> array(array);
            default -> value.toString();
        };
    }

    private static String date(LocalDate date) {
        if (date.equals(LocalDate.MAX)) {
            return "infinity";
        }
        return date.equals(LocalDate.MIN) ? "-infinity" : days(date) + era(date.getYear());
    }

    private static String timestamp(LocalDateTime time) {
        if (time.equals(LocalDateTime.MAX)) {
            return "infinity";
        }
        return time.equals(LocalDateTime.MIN) ? "-infinity" : timestamp(time, "");
    }

    private static String timestamptz(Instant time) {
        if (time.equals(Instant.MAX)) {
            return "infinity";
        }
        return time.equals(Instant.MIN) ? "-infinity" : timestamp(LocalDateTime.ofInstant(time, ZoneOffset.UTC), "+00");
    }

    private static String timestamp(LocalDateTime time, String zone) {
        return days(time.toLocalDate())
                + ' '
                + time(time.getHour(), time.getMinute(), time.getSecond(), time.getNano() / NANOS_PER_MICRO)
                + zone
                + era(time.getYear());
    }

    private static String days(LocalDate date) {
        int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
        return padded(year, 4) + '-' + padded(date.getMonthValue(), 2) + '-' + padded(date.getDayOfMonth(), 2);
    }

    private static String era(int year) {
        return year > 0 ? "" : " BC";
    }

    /** A time of day as Postgres writes it. */
    public static String time(int hour, int minute, int second, int micros) {
        String whole = padded(hour, 2) + ':' + padded(minute, 2) + ':' + padded(second, 2);
        return micros == 0 ? whole : whole + '.' + padded(micros, 6).replaceFirst("0+$", "");
    }

    private static String padded(int number, int digits) {
        String text = Integer.toString(number);
        return "0".repeat(Math.max(0, digits - text.length())) + text;
    }

    private static final Pattern PLAIN_ELEMENT = Pattern.compile("(?i)(?!null$)[^{}\",;\\\\\\s]+");

    private static String array(List<?> values) {
        StringBuilder text = new StringBuilder("{");
        for (Object value : values) {
            text.append(text.length() == 1 ? "" : ",");
            String element = value == null ? "NULL" : of(value);
            boolean plain = value == null || PLAIN_ELEMENT.matcher(element).matches();
            text.append(plain ? element : quoted(element));
        }
        return text.append('}').toString();
    }

    private static String quoted(String element) {
        return '"' + element.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
