package io.millrace.views.expression;

import io.millrace.views.plan.ExpressionFailure;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Dates and times, of which the largest and the least stand for the infinities; in UTC, within Postgres' ranges. */
final class Times {
    private static final LocalDate FIRST_DATE = LocalDate.of(-4713, 11, 24);
    private static final LocalDate LAST_DATE = LocalDate.of(5874897, 12, 31);
    private static final LocalDateTime FIRST_TIME = LocalDateTime.of(-4713, 11, 24, 0, 0);
    private static final LocalDateTime END_OF_TIME = LocalDateTime.of(294277, 1, 1, 0, 0);

    private Times() {}

    static boolean isInfinite(Object time) {
        return time.equals(LocalDate.MAX)
                || time.equals(LocalDate.MIN)
                || time.equals(LocalDateTime.MAX)
                || time.equals(LocalDateTime.MIN)
                || time.equals(Instant.MAX)
                || time.equals(Instant.MIN);
    }

    /** Of an infinite one: whether it is after all others. */
    static boolean isLast(Object time) {
        return time.equals(LocalDate.MAX) || time.equals(LocalDateTime.MAX) || time.equals(Instant.MAX);
    }

    /** Any kind of time as a local one, not checked for its range: dates go further than timestamps. */
    static LocalDateTime local(Object time) {
        if (isInfinite(time)) {
            return isLast(time) ? LocalDateTime.MAX : LocalDateTime.MIN;
        }
        return switch (time) {
            case LocalDateTime local -> local;
            case LocalDate date -> date.atStartOfDay();
            case Instant instant -> LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
            default -> throw new IllegalStateException("time of " + time.getClass());
        };
    }

    static LocalDateTime timestamp(Object time) {
        LocalDateTime local = local(time);
        if (!isInfinite(local) && (local.isBefore(FIRST_TIME) || !local.isBefore(END_OF_TIME))) {
            throw new ExpressionFailure("timestamp out of range");
        }
        return local;
    }

    static Instant instant(Object time) {
        LocalDateTime local = timestamp(time);
        if (isInfinite(local)) {
            return isLast(local) ? Instant.MAX : Instant.MIN;
        }
        return local.toInstant(ZoneOffset.UTC);
    }

    static LocalDate date(Object time) {
        if (isInfinite(time)) {
            return isLast(time) ? LocalDate.MAX : LocalDate.MIN;
        }
        return inRange(local(time).toLocalDate());
    }

    static LocalDate inRange(LocalDate date) {
        if (date.isBefore(FIRST_DATE) || date.isAfter(LAST_DATE)) {
            throw new ExpressionFailure("date out of range");
        }
        return date;
    }

    /** A local time as the kind that another value is. */
    static Object like(Object example, LocalDateTime local) {
        return example instanceof Instant ? instant(local) : timestamp(local);
    }
}
