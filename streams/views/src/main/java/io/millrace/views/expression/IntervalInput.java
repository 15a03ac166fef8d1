package io.millrace.views.expression;

import io.millrace.views.plan.ExpressionFailure;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Intervals as they are mostly written: {@code 1 month}, {@code 2 days 03:00:00}, or a number with the unit behind the literal. */
public final class IntervalInput {
    private static final Pattern PART = Pattern.compile(
            "([+-]?)([0-9]+):([0-9]{2})(?::([0-9]{2}(?:\\.[0-9]{1,6})?))?|([+-]?[0-9]+(?:\\.[0-9]+)?)\\s*([a-z]+|$)");
    private static final Map<String, PgInterval> UNITS = Map.ofEntries(
            Map.entry("microsecond", new PgInterval(0, 0, 1)),
            Map.entry("millisecond", new PgInterval(0, 0, 1_000)),
            Map.entry("second", new PgInterval(0, 0, PgInterval.MICROS_PER_SECOND)),
            Map.entry("minute", new PgInterval(0, 0, 60 * PgInterval.MICROS_PER_SECOND)),
            Map.entry("hour", new PgInterval(0, 0, 3_600 * PgInterval.MICROS_PER_SECOND)),
            Map.entry("day", new PgInterval(0, 1, 0)),
            Map.entry("week", new PgInterval(0, 7, 0)),
            Map.entry("month", new PgInterval(1, 0, 0)),
            Map.entry("year", new PgInterval(12, 0, 0)));
    private static final Map<String, String> SHORT = Map.ofEntries(
            Map.entry("sec", "second"),
            Map.entry("min", "minute"),
            Map.entry("hr", "hour"),
            Map.entry("h", "hour"),
            Map.entry("d", "day"),
            Map.entry("w", "week"),
            Map.entry("mon", "month"),
            Map.entry("yr", "year"),
            Map.entry("y", "year"),
            Map.entry("s", "second"),
            Map.entry("us", "microsecond"),
            Map.entry("ms", "millisecond"));

    private IntervalInput() {}

    /**
     * @param field of {@code interval '1' day}; empty where the text has the units
     * @throws ExpressionFailure if it is none, or in a form that is not read here
     */
    public static PgInterval read(String text, String field) {
        String written = Inputs.stripped(text).toLowerCase(Locale.ROOT);
        if (written.equals("infinity") || written.equals("-infinity")) {
            return written.startsWith("-") ? PgInterval.MINUS_INFINITY : PgInterval.INFINITY;
        }
        if (!field.isEmpty()) {
            if (!written.matches("[+-]?[0-9]+(\\.[0-9]+)?") || field.contains(" to ")) {
                throw invalid(text);
            }
            boolean cuts = written.contains(".") && !field.equals("second");
            written = (cuts ? written.substring(0, written.indexOf('.')) : written) + " " + field;
        }
        boolean ago = written.endsWith(" ago");
        written = ago ? written.substring(0, written.length() - " ago".length()) : written;
        PgInterval sum = new PgInterval(0, 0, 0);
        int at = 0;
        Matcher part = PART.matcher(written);
        java.util.Set<String> seen = new java.util.HashSet<>();
        while (at < written.length() && part.region(at, written.length()).lookingAt()) {
            String unit = part.group(6) == null ? "clock" : unit(part.group(6), text);
            if (!seen.add(unit)) {
                throw invalid(text);
            }
            sum = sum.plus(
                    unit.equals("clock") ? clock(part, text) : scaled(new BigDecimal(part.group(5)), unit, text));
            at = part.end();
            while (at < written.length() && Character.isWhitespace(written.charAt(at))) {
                at++;
            }
        }
        if (at < written.length() || seen.isEmpty()) {
            throw invalid(text);
        }
        return ago ? sum.negated() : sum;
    }

    /** Seconds, if none is named. */
    private static String unit(String word, String text) {
        if (word.isEmpty()) {
            return "second";
        }
        String one = word.length() > 2 && word.endsWith("s") ? word.substring(0, word.length() - 1) : word;
        String unit = SHORT.getOrDefault(one, one);
        if (!UNITS.containsKey(unit)) {
            throw invalid(text);
        }
        return unit;
    }

    private static ExpressionFailure invalid(String text) {
        return new ExpressionFailure(
                "invalid input syntax for type interval: \"" + text + "\": write it as '1 month' or '2 days 03:00:00'");
    }

    private static PgInterval clock(Matcher part, String text) {
        BigDecimal seconds = new BigDecimal(part.group(4) == null ? "0" : part.group(4));
        BigDecimal minutes = new BigDecimal(part.group(3));
        if (minutes.compareTo(BigDecimal.valueOf(59)) > 0 || seconds.compareTo(BigDecimal.valueOf(60)) >= 0) {
            throw invalid(text);
        }
        BigDecimal all = new BigDecimal(part.group(2))
                .multiply(BigDecimal.valueOf(3_600))
                .add(minutes.multiply(BigDecimal.valueOf(60)))
                .add(seconds);
        return scaled("-".equals(part.group(1)) ? all.negate() : all, "second", text);
    }

    /** Fractions of a second are exact; those of larger units would spill into the smaller ones. */
    private static PgInterval scaled(BigDecimal amount, String unit, String text) {
        PgInterval one = UNITS.get(unit);
        if (one == null) {
            throw invalid(text);
        }
        try {
            if (one.micros() > 0) {
                BigDecimal micros = amount.multiply(BigDecimal.valueOf(one.micros()));
                return new PgInterval(
                        0, 0, micros.setScale(0, RoundingMode.UNNECESSARY).longValueExact());
            }
            int whole = amount.intValueExact();
            return new PgInterval(Math.multiplyExact(one.months(), whole), Math.multiplyExact(one.days(), whole), 0);
        } catch (ArithmeticException inexact) {
            throw invalid(text);
        }
    }
}
