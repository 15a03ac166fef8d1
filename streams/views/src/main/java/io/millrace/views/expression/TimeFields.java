package io.millrace.views.expression;

import io.millrace.schemas.row.SpecialNumeric;
import io.millrace.views.planner.Unsupported;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Fields of dates, times and intervals: {@code extract, date_part, date_trunc}, and precisions. */
final class TimeFields {
    private static final int MICROS = 6;
    private static final int NANOS_PER_MICRO = 1_000;
    private static final double DAYS_PER_YEAR = 365.25;
    private static final int SECONDS_PER_DAY = 86_400;
    /** Those of which an infinite time has an infinite one; of the others it has none. */
    private static final Set<String> ENDLESS = Set.of("year", "decade", "century", "millennium", "isoyear", "epoch");

    private static final Set<String> OF_TIME = Set.of("hour", "minute", "second", "millisecond", "microsecond");
    private static final List<String> FIELDS = List.of(
            "millennium",
            "century",
            "decade",
            "year",
            "isoyear",
            "quarter",
            "month",
            "week",
            "day",
            "doy",
            "dow",
            "isodow",
            "hour",
            "minute",
            "second",
            "millisecond",
            "microsecond",
            "epoch");
    private static final Set<String> TRUNCATED = Set.of(
            "millennium",
            "century",
            "decade",
            "year",
            "quarter",
            "month",
            "week",
            "day",
            "hour",
            "minute",
            "second",
            "millisecond",
            "microsecond");
    private static final Set<String> OF_INTERVAL = Set.of(
            "millennium",
            "century",
            "decade",
            "year",
            "month",
            "day",
            "hour",
            "minute",
            "second",
            "millisecond",
            "microsecond",
            "epoch",
            "week");

    private TimeFields() {}

    /** The field that a constant names. */
    static String field(Implementation.Argument argument, String function) {
        if (!argument.constant() || !(argument.value() instanceof String text)) {
            throw new Unsupported(
                    function + " with a computed argument", "name the field: " + function + "('month', …)");
        }
        String name = text.toLowerCase(Locale.ROOT);
        for (String field : FIELDS) {
            if (name.equals(field)
                    || name.equals(field + "s")
                    || name.equals("millennia") && field.equals("millennium")
                    || name.equals("centuries") && field.equals("century")) {
                return field;
            }
        }
        throw new Unsupported(function + " of " + text, "use one of " + String.join(", ", FIELDS));
    }

    /** Numerics, as extract gives them. */
    static Implementation extract(String type) {
        return Implementation.nullable(arguments -> {
            String field = field(arguments.getFirst(), "extract");
            if (type.equals("date") && OF_TIME.contains(field)) {
                throw new Unsupported("extract(" + field + " from a date)", "extract it from a timestamp");
            }
            if (type.equals("interval") && !OF_INTERVAL.contains(field)) {
                throw new Unsupported("extract(" + field + " from an interval)", "extract another field");
            }
            return Implementation.one(value -> of(field, value)).compile(List.of(arguments.get(1)));
        });
    }

    /** The same as double precision, computed as such; of a date as of its midnight. */
    static Implementation datePart(String type) {
        Implementation extract = extract(type.equals("date") ? "timestamp" : type);
        return Implementation.nullable(arguments -> {
            String field = field(arguments.getFirst(), "date_part");
            extract.compile(arguments);
            return Implementation.one(value -> {
                        Object of = type.equals("date") ? Times.timestamp(value) : value;
                        Object numeric = of(field, of);
                        return numeric instanceof BigDecimal exact
                                ? floating(field, of, exact)
                                : numeric == null ? null : Casts.float8(numeric);
                    })
                    .compile(List.of(arguments.get(1)));
        });
    }

    /** Of fields with a fraction Postgres adds up floating point numbers. */
    private static double floating(String field, Object value, BigDecimal exact) {
        if (field.equals("epoch") && value instanceof PgInterval interval) {
            double seconds = interval.micros() / (double) PgInterval.MICROS_PER_SECOND;
            seconds += DAYS_PER_YEAR * SECONDS_PER_DAY * interval.years();
            seconds += (double) PgInterval.DAYS_PER_MONTH * SECONDS_PER_DAY * interval.monthsOfYear();
            return seconds + (double) SECONDS_PER_DAY * interval.days();
        }
        return switch (field) {
            case "epoch" -> exact.movePointRight(MICROS).doubleValue() / PgInterval.MICROS_PER_SECOND;
            case "second" -> {
                BigDecimal whole = exact.setScale(0, java.math.RoundingMode.DOWN);
                yield whole.doubleValue()
                        + exact.subtract(whole).movePointRight(MICROS).doubleValue() / PgInterval.MICROS_PER_SECOND;
            }
            case "millisecond" -> {
                BigDecimal whole = exact.movePointLeft(3)
                        .setScale(0, java.math.RoundingMode.DOWN)
                        .movePointRight(3);
                yield whole.doubleValue()
                        + exact.subtract(whole).movePointRight(3).doubleValue() / 1_000;
            }
            default -> exact.doubleValue();
        };
    }

    private static @Nullable Object of(String field, Object value) {
        if (value instanceof PgInterval interval) {
            return ofInterval(field, interval);
        }
        if (Times.isInfinite(value)) {
            return ENDLESS.contains(field) ? infinity(Times.isLast(value)) : null;
        }
        return ofTime(field, Times.local(value), value instanceof LocalDate);
    }

    private static SpecialNumeric infinity(boolean positive) {
        return positive ? SpecialNumeric.POSITIVE_INFINITY : SpecialNumeric.NEGATIVE_INFINITY;
    }

    private static BigDecimal ofTime(String field, LocalDateTime time, boolean date) {
        int year = time.getYear();
        long micros = time.getSecond() * PgInterval.MICROS_PER_SECOND + time.getNano() / NANOS_PER_MICRO;
        return switch (field) {
            case "millennium" -> BigDecimal.valueOf(year > 0 ? (year + 999) / 1_000 : -((999 - (year - 1)) / 1_000));
            case "century" -> BigDecimal.valueOf(year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100));
            case "decade" -> BigDecimal.valueOf(year >= 0 ? year / 10 : -((8 - (year - 1)) / 10));
            case "year" -> BigDecimal.valueOf(year > 0 ? year : year - 1);
            case "isoyear" -> {
                int iso = time.get(IsoFields.WEEK_BASED_YEAR);
                yield BigDecimal.valueOf(iso > 0 ? iso : iso - 1);
            }
            case "quarter" -> BigDecimal.valueOf(time.get(IsoFields.QUARTER_OF_YEAR));
            case "month" -> BigDecimal.valueOf(time.getMonthValue());
            case "week" -> BigDecimal.valueOf(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case "day" -> BigDecimal.valueOf(time.getDayOfMonth());
            case "doy" -> BigDecimal.valueOf(time.getDayOfYear());
            case "dow" -> BigDecimal.valueOf(time.getDayOfWeek().getValue() % 7);
            case "isodow" -> BigDecimal.valueOf(time.getDayOfWeek().getValue());
            case "hour" -> BigDecimal.valueOf(time.getHour());
            case "minute" -> BigDecimal.valueOf(time.getMinute());
            case "second" -> BigDecimal.valueOf(micros, MICROS);
            case "millisecond" -> BigDecimal.valueOf(micros, 3);
            case "microsecond" -> BigDecimal.valueOf(micros);
            case "epoch" -> {
                BigDecimal seconds = BigDecimal.valueOf(time.toEpochSecond(ZoneOffset.UTC));
                yield date ? seconds : epoch(seconds.add(BigDecimal.valueOf(time.getNano() / NANOS_PER_MICRO, MICROS)));
            }
            default -> throw new IllegalStateException(field);
        };
    }

    /** Where microseconds would not fit into 64 bits, Postgres divides numerics, with fewer places. */
    private static BigDecimal epoch(BigDecimal seconds) {
        BigDecimal micros = seconds.movePointRight(MICROS).setScale(0);
        return micros.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) < 0
                ? seconds
                : PgNumeric.round(PgNumeric.divide(micros, BigDecimal.valueOf(PgInterval.MICROS_PER_SECOND)), MICROS);
    }

    private static @Nullable Object ofInterval(String field, PgInterval interval) {
        Set<String> endless = Set.of("year", "decade", "century", "millennium", "day", "hour", "epoch");
        if (interval.isInfinite()) {
            return endless.contains(field) ? infinity(interval.equals(PgInterval.INFINITY)) : null;
        }
        long micros = interval.micros();
        long ofMinute = micros % (60 * PgInterval.MICROS_PER_SECOND);
        return switch (field) {
            case "millennium" -> BigDecimal.valueOf(interval.years() / 1_000);
            case "century" -> BigDecimal.valueOf(interval.years() / 100);
            case "decade" -> BigDecimal.valueOf(interval.years() / 10);
            case "year" -> BigDecimal.valueOf(interval.years());
            case "month" -> BigDecimal.valueOf(interval.monthsOfYear());
            case "week" -> BigDecimal.valueOf(interval.days() / 7);
            case "day" -> BigDecimal.valueOf(interval.days());
            case "hour" -> BigDecimal.valueOf(micros / (3_600 * PgInterval.MICROS_PER_SECOND));
            case "minute" -> BigDecimal.valueOf(micros / (60 * PgInterval.MICROS_PER_SECOND) % 60);
            case "second" -> BigDecimal.valueOf(ofMinute, MICROS);
            case "millisecond" -> BigDecimal.valueOf(ofMinute, 3);
            case "microsecond" -> BigDecimal.valueOf(ofMinute);
            case "epoch" -> epoch(interval);
            default -> throw new IllegalStateException(field);
        };
    }

    /** Years of 365.25 days, and months of 30 beside. */
    private static BigDecimal epoch(PgInterval interval) {
        BigDecimal days = BigDecimal.valueOf(interval.years() * 1_461L, 0)
                .divide(BigDecimal.valueOf(4))
                .add(BigDecimal.valueOf(interval.monthsOfYear() * (long) PgInterval.DAYS_PER_MONTH))
                .add(BigDecimal.valueOf(interval.days()));
        return days.multiply(BigDecimal.valueOf(PgInterval.MICROS_PER_DAY))
                .add(BigDecimal.valueOf(interval.micros()))
                .setScale(0)
                .movePointLeft(MICROS)
                .setScale(MICROS);
    }

    /** {@code date_trunc}, of timestamps. */
    static Implementation truncate() {
        return arguments -> {
            String field = field(arguments.getFirst(), "date_trunc");
            if (!TRUNCATED.contains(field)) {
                throw new Unsupported("date_trunc to " + field, "truncate to year, quarter, month, week, day or less");
            }
            return Implementation.one(value ->
                            Times.isInfinite(value) ? value : Times.like(value, truncated(field, Times.local(value))))
                    .compile(List.of(arguments.get(1)));
        };
    }

    private static LocalDateTime truncated(String field, LocalDateTime time) {
        LocalDateTime day = time.truncatedTo(ChronoUnit.DAYS);
        int year = time.getYear();
        return switch (field) {
            case "microsecond" -> time;
            case "millisecond" -> time.truncatedTo(ChronoUnit.MILLIS);
            case "second" -> time.truncatedTo(ChronoUnit.SECONDS);
            case "minute" -> time.truncatedTo(ChronoUnit.MINUTES);
            case "hour" -> time.truncatedTo(ChronoUnit.HOURS);
            case "day" -> day;
            case "week" -> day.with(ChronoField.DAY_OF_WEEK, 1);
            case "month" -> day.withDayOfMonth(1);
            case "quarter" -> day.withDayOfMonth(1).withMonth((time.getMonthValue() - 1) / 3 * 3 + 1);
            case "year" -> day.withDayOfYear(1);
            case "decade" -> day.withDayOfYear(1).withYear(year > 0 ? year / 10 * 10 : -((8 - (year - 1)) / 10) * 10);
            case "century" ->
                day.withDayOfYear(1)
                        .withYear(year > 0 ? (year + 99) / 100 * 100 - 99 : -((99 - (year - 1)) / 100) * 100 + 1);
            case "millennium" ->
                day.withDayOfYear(1)
                        .withYear(
                                year > 0
                                        ? (year + 999) / 1_000 * 1_000 - 999
                                        : -((999 - (year - 1)) / 1_000) * 1_000 + 1);
            default -> throw new IllegalStateException(field);
        };
    }

    /** {@code timestamp(precision)}: half away from the year 2000. */
    static Object toPrecision(Object time, int precision) {
        if (precision < 0 || precision >= MICROS || Times.isInfinite(time)) {
            return time;
        }
        LocalDateTime local = Times.local(time);
        LocalDateTime from = LocalDateTime.of(2000, 1, 1, 0, 0);
        BigDecimal micros = BigDecimal.valueOf(from.until(local, ChronoUnit.MICROS), MICROS)
                .setScale(precision, java.math.RoundingMode.HALF_UP)
                .movePointRight(MICROS);
        LocalDateTime rounded = from.plus(micros.longValueExact(), ChronoUnit.MICROS);
        // As in Postgres it may be the first moment after the last one.
        return time instanceof Instant ? rounded.toInstant(ZoneOffset.UTC) : rounded;
    }

    /** {@code timezone('UTC', …)}: a timestamptz as a timestamp, and back. */
    static Implementation timezone() {
        return arguments -> {
            if (!arguments.getFirst().constant() || !(arguments.getFirst().value() instanceof String zone)) {
                throw new Unsupported("a computed time zone", "name the zone: timezone('UTC', …)");
            }
            if (!zone.equalsIgnoreCase("UTC")) {
                throw new Unsupported("time zone " + zone, "use timezone('UTC', …), or AT TIME ZONE 'UTC'");
            }
            return Implementation.one(value -> value instanceof Instant ? Times.timestamp(value) : Times.instant(value))
                    .compile(List.of(arguments.get(1)));
        };
    }
}
