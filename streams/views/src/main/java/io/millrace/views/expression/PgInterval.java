package io.millrace.views.expression;

import io.millrace.views.plan.ExpressionFailure;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;

/** An interval as Postgres keeps it. The largest and the least are the infinities. */
record PgInterval(int months, int days, long micros) implements Comparable<PgInterval> {
    static final PgInterval INFINITY = new PgInterval(Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE);
    static final PgInterval MINUS_INFINITY = new PgInterval(Integer.MIN_VALUE, Integer.MIN_VALUE, Long.MIN_VALUE);

    static final long MICROS_PER_SECOND = 1_000_000;
    static final long MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;
    static final int DAYS_PER_MONTH = 30;
    private static final int MONTHS_PER_YEAR = 12;

    boolean isInfinite() {
        return equals(INFINITY) || equals(MINUS_INFINITY);
    }

    private static ExpressionFailure outOfRange() {
        return new ExpressionFailure("interval out of range");
    }

    PgInterval negated() {
        if (isInfinite()) {
            return equals(INFINITY) ? MINUS_INFINITY : INFINITY;
        }
        try {
            return checked(Math.negateExact(months), Math.negateExact(days), Math.negateExact(micros));
        } catch (ArithmeticException overflow) {
            throw outOfRange();
        }
    }

    PgInterval plus(PgInterval other) {
        if (isInfinite() || other.isInfinite()) {
            if (isInfinite() && other.isInfinite() && !equals(other)) {
                throw outOfRange();
            }
            return isInfinite() ? this : other;
        }
        try {
            return checked(
                    Math.addExact(months, other.months),
                    Math.addExact(days, other.days),
                    Math.addExact(micros, other.micros));
        } catch (ArithmeticException overflow) {
            throw outOfRange();
        }
    }

    private static PgInterval checked(int months, int days, long micros) {
        PgInterval interval = new PgInterval(months, days, micros);
        if (interval.isInfinite()) {
            throw outOfRange();
        }
        return interval;
    }

    /** Between two times, in days and what is less than a day. */
    static PgInterval between(LocalDateTime from, LocalDateTime to) {
        boolean endless = Times.isInfinite(from) || Times.isInfinite(to);
        if (endless) {
            if (from.equals(to)) {
                throw outOfRange();
            }
            boolean up = Times.isInfinite(to) ? Times.isLast(to) : !Times.isLast(from);
            return up ? INFINITY : MINUS_INFINITY;
        }
        try {
            long micros = from.until(to, ChronoUnit.MICROS);
            return new PgInterval(0, (int) (micros / MICROS_PER_DAY), micros % MICROS_PER_DAY);
        } catch (ArithmeticException overflow) {
            throw outOfRange();
        }
    }

    /** Months first, of which the day is not after the month's last, then days, then the rest. */
    LocalDateTime addTo(LocalDateTime time) {
        if (isInfinite()) {
            boolean up = equals(INFINITY);
            if (Times.isInfinite(time) && Times.isLast(time) != up) {
                throw new ExpressionFailure("timestamp out of range");
            }
            return up ? LocalDateTime.MAX : LocalDateTime.MIN;
        }
        if (Times.isInfinite(time)) {
            return time;
        }
        try {
            LocalDateTime moved = months == 0 ? time : Times.timestamp(time.plusMonths(months));
            moved = days == 0 ? moved : Times.timestamp(moved.plusDays(days));
            return Times.timestamp(moved.plus(micros, ChronoUnit.MICROS));
        } catch (DateTimeException | ArithmeticException outOfRange) {
            throw new ExpressionFailure("timestamp out of range");
        }
    }

    /** Months of 30 days, days of 24 hours: by this they are equal and in order. */
    private BigInteger span() {
        return BigInteger.valueOf(months)
                .multiply(BigInteger.valueOf(DAYS_PER_MONTH))
                .add(BigInteger.valueOf(days))
                .multiply(BigInteger.valueOf(MICROS_PER_DAY))
                .add(BigInteger.valueOf(micros));
    }

    @Override
    public int compareTo(PgInterval other) {
        return span().compareTo(other.span());
    }

    int years() {
        return months / MONTHS_PER_YEAR;
    }

    int monthsOfYear() {
        return months % MONTHS_PER_YEAR;
    }

    /** As {@code IntervalStyle} postgres has it. */
    @Override
    public String toString() {
        if (isInfinite()) {
            return equals(INFINITY) ? "infinity" : "-infinity";
        }
        StringBuilder text = new StringBuilder();
        boolean negative = part(text, years(), "year", false);
        negative = part(text, monthsOfYear(), "mon", negative);
        negative = part(text, days, "day", negative);
        if (text.isEmpty() || micros != 0) {
            text.append(text.isEmpty() ? "" : " ")
                    .append(micros < 0 ? "-" : negative ? "+" : "")
                    .append(clock());
        }
        return text.toString();
    }

    /** Whether the last part that was written is negative: then the next one, if positive, has a sign. */
    private static boolean part(StringBuilder text, int value, String unit, boolean negativeBefore) {
        if (value == 0) {
            return negativeBefore;
        }
        text.append(text.isEmpty() ? "" : " ")
                .append(negativeBefore && value > 0 ? "+" : "")
                .append(value)
                .append(' ')
                .append(unit)
                .append(value == 1 ? "" : "s");
        return value < 0;
    }

    private String clock() {
        BigInteger all = BigInteger.valueOf(micros).abs();
        long seconds = all.divide(BigInteger.valueOf(MICROS_PER_SECOND)).longValueExact();
        int fraction = all.mod(BigInteger.valueOf(MICROS_PER_SECOND)).intValueExact();
        String shown = fraction == 0 ? "" : "." + Texts.padded(fraction, 6).replaceFirst("0+$", "");
        String hours = Long.toString(seconds / 3_600);
        return (hours.length() < 2 ? "0" + hours : hours)
                + ':'
                + Texts.padded((int) (seconds / 60 % 60), 2)
                + ':'
                + Texts.padded((int) (seconds % 60), 2)
                + shown;
    }
}
