package io.millrace.schemas.row;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** A date or time as Postgres writes it: {@code 20231-01-15 23:59:59.5+00 BC}, or an infinity. */
final class TimeText {
    private static final String ERA = " BC";
    private static final String ZONE = "+00";
    private static final int NANOS_PER_MICRO = 1_000;
    private static final int MICRO_DIGITS = 6;

    private final String text;
    private final int end;
    private int at;

    TimeText(String text) {
        this.text = text;
        this.end = text.endsWith(ERA) ? text.length() - ERA.length() : text.length();
    }

    LocalDate date() {
        LocalDateTime infinite = infinity();
        if (infinite != null) {
            return infinite.toLocalDate();
        }
        LocalDate date = days();
        ended();
        return date;
    }

    TimeOfDay time() {
        TimeOfDay time = clock();
        ended();
        return time;
    }

    LocalDateTime timestamp() {
        LocalDateTime infinite = infinity();
        if (infinite != null) {
            return infinite;
        }
        LocalDateTime time = local();
        ended();
        return time;
    }

    /** The session's zone is UTC. */
    Instant timestamptz() {
        LocalDateTime infinite = infinity();
        if (infinite != null) {
            return infinite.equals(LocalDateTime.MAX) ? Instant.MAX : Instant.MIN;
        }
        LocalDateTime local = local();
        if (!text.startsWith(ZONE, at)) {
            throw malformed();
        }
        at += ZONE.length();
        ended();
        return local.toInstant(ZoneOffset.UTC);
    }

    private @Nullable LocalDateTime infinity() {
        return switch (text) {
            case "infinity" -> LocalDateTime.MAX;
            case "-infinity" -> LocalDateTime.MIN;
            default -> null;
        };
    }

    private LocalDateTime local() {
        LocalDate date = days();
        skip(' ');
        return date.atStartOfDay().plusNanos(clock().micros() * NANOS_PER_MICRO);
    }

    private LocalDate days() {
        int year = number();
        skip('-');
        int month = number();
        skip('-');
        int day = number();
        try {
            // The year 1 BC is Java's year 0.
            return LocalDate.of(end < text.length() ? 1 - year : year, month, day);
        } catch (DateTimeException invalid) {
            throw malformed();
        }
    }

    private TimeOfDay clock() {
        int hour = number();
        skip(':');
        int minute = number();
        skip(':');
        int second = number();
        int micros = 0;
        if (at < end && text.charAt(at) == '.') {
            int begin = ++at;
            micros = number();
            for (int digits = at - begin; digits < MICRO_DIGITS; digits++) {
                micros *= 10;
            }
        }
        return TimeOfDay.of(hour, minute, second, micros);
    }

    private int number() {
        int begin = at;
        int value = 0;
        while (at < end && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            value = value * 10 + text.charAt(at++) - '0';
        }
        if (at == begin) {
            throw malformed();
        }
        return value;
    }

    private void skip(char delimiter) {
        if (at >= end || text.charAt(at) != delimiter) {
            throw malformed();
        }
        at++;
    }

    private void ended() {
        if (at < end) {
            throw malformed();
        }
    }

    private IllegalArgumentException malformed() {
        return new IllegalArgumentException("not a date or time as Postgres writes it: " + text);
    }
}
