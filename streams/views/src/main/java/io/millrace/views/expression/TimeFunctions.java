package io.millrace.views.expression;

import io.millrace.views.plan.ExpressionFailure;
import io.millrace.views.planner.Unsupported;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** Operators and functions of dates, times and intervals, in UTC. */
final class TimeFunctions {
    private TimeFunctions() {}

    static void register(Map<String, Implementation> all) {
        all.put("+(date,int4)", Implementation.two((date, days) -> plus((LocalDate) date, (Integer) days)));
        all.put("+(int4,date)", Implementation.two((days, date) -> plus((LocalDate) date, (Integer) days)));
        all.put("-(date,int4)", Implementation.two((date, days) -> plus((LocalDate) date, -(long) (Integer) days)));
        all.put("-(date,date)", Implementation.two((to, from) -> days((LocalDate) from, (LocalDate) to)));
        for (String type : List.of("date", "timestamp", "timestamptz")) {
            all.put("+(" + type + ",interval)", Implementation.two((time, by) -> plus(time, (PgInterval) by)));
            all.put("+(interval," + type + ")", Implementation.two((by, time) -> plus(time, (PgInterval) by)));
            all.put(
                    "-(" + type + ",interval)",
                    Implementation.two((time, by) -> plus(time, ((PgInterval) by).negated())));
            all.put("extract(text," + type + ")", TimeFields.extract(type));
            all.put("date_part(text," + type + ")", TimeFields.datePart(type));
        }
        all.put("extract(text,interval)", TimeFields.extract("interval"));
        all.put("date_part(text,interval)", TimeFields.datePart("interval"));
        for (String type : List.of("timestamp", "timestamptz")) {
            all.put(
                    "-(" + type + "," + type + ")",
                    Implementation.two((to, from) -> PgInterval.between(Times.local(from), Times.local(to))));
            all.put("date_trunc(text," + type + ")", TimeFields.truncate());
            all.put("timezone(text," + type + ")", TimeFields.timezone());
            all.put("to_char(" + type + ",text)", Implementation.nullable(TimeFunctions::toChar));
        }
        all.put("+(interval,interval)", Implementation.two((a, b) -> ((PgInterval) a).plus((PgInterval) b)));
        all.put(
                "-(interval,interval)",
                Implementation.two((a, b) -> ((PgInterval) a).plus(((PgInterval) b).negated())));
        all.put("-(interval)", Implementation.one(value -> ((PgInterval) value).negated()));
        all.put(
                "make_date(int4,int4,int4)",
                Implementation.strict(
                        values -> makeDate((Integer) values[0], (Integer) values[1], (Integer) values[2])));
    }

    private static LocalDate plus(LocalDate date, long days) {
        if (Times.isInfinite(date)) {
            return date;
        }
        try {
            return Times.inRange(date.plusDays(days));
        } catch (DateTimeException | ArithmeticException outOfRange) {
            throw new ExpressionFailure("date out of range");
        }
    }

    private static int days(LocalDate from, LocalDate to) {
        if (Times.isInfinite(from) || Times.isInfinite(to)) {
            throw new ExpressionFailure("cannot subtract infinite dates");
        }
        return Math.toIntExact(ChronoUnit.DAYS.between(from, to));
    }

    private static Object plus(Object time, PgInterval interval) {
        return Times.like(time, interval.addTo(Times.timestamp(time)));
    }

    private static LocalDate makeDate(int year, int month, int day) {
        try {
            if (year == 0) {
                throw new DateTimeException("there is no year 0");
            }
            return Times.inRange(LocalDate.of(year < 0 ? year + 1 : year, month, day));
        } catch (DateTimeException outOfRange) {
            throw new ExpressionFailure("date field value out of range: " + year + "-" + month + "-" + day);
        }
    }

    private static io.millrace.views.plan.Expression toChar(List<Implementation.Argument> arguments) {
        if (!arguments.get(1).constant() || !(arguments.get(1).value() instanceof String pattern)) {
            throw new Unsupported(
                    "to_char with a computed argument", "write the pattern as a literal: to_char(d, 'YYYY-MM')");
        }
        TimePattern compiled = TimePattern.parse(pattern);
        return Implementation.one(value ->
                        pattern.isEmpty() || Times.isInfinite(value) ? null : compiled.format(Times.local(value)))
                .compile(arguments.subList(0, 1));
    }
}
