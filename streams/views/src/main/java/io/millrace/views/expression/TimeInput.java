package io.millrace.views.expression;

import io.millrace.views.plan.ExpressionFailure;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Dates and times of the ISO forms: {@code 2026-01-31}, {@code 20260131}, with {@code 12:30[:59[.123456]]} behind, and of a
 * timestamptz an offset. Forms that depend on a server's settings, and days such as "today", are refused.
 */
final class TimeInput {
    private static final Pattern FORM =
            Pattern.compile("(?:([0-9]{4,7})-([0-9]{1,2})-([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2}))"
                    + "(?:(?:\\s+|[tT])([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\\.([0-9]+))?)?\\s*"
                    + "([zZ]|[uU][tT][cC]|[gG][mM][tT]|[+-][0-9]{1,2}(?::?[0-9]{2})?)?)?(\\s+[bB][cC])?");
    private static final int MICRO_DIGITS = 6;
    private static final int NANOS_PER_MICRO = 1_000;

    private TimeInput() {}

    static LocalDate date(String text) {
        LocalDateTime special = special(text);
        if (special != null) {
            return Times.date(special);
        }
        Matcher form = form(text, "date");
        // What stands behind the date must be a time, and is skipped.
        time(form, text, "date");
        return Times.inRange(day(form, text));
    }

    /** @param zoned whether an offset counts; without a zone it is skipped */
    static LocalDateTime timestamp(String text, boolean zoned) {
        LocalDateTime special = special(text);
        if (special != null) {
            return special;
        }
        String type = zoned ? "timestamp with time zone" : "timestamp";
        Matcher form = form(text, type);
        LocalDateTime time = day(form, text).atStartOfDay().plusNanos(time(form, text, type));
        String zone = form.group(11);
        if (zoned && zone != null && (zone.startsWith("+") || zone.startsWith("-"))) {
            time = time.minusSeconds(offset(zone, text));
        }
        return Times.timestamp(time);
    }

    private static @Nullable LocalDateTime special(String text) {
        return switch (Inputs.stripped(text).toLowerCase(Locale.ROOT)) {
            case "infinity", "+infinity" -> LocalDateTime.MAX;
            case "-infinity" -> LocalDateTime.MIN;
            case "epoch" -> LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC);
            default -> null;
        };
    }

    private static Matcher form(String text, String type) {
        Matcher form = FORM.matcher(Inputs.stripped(text));
        if (!form.matches()) {
            throw new ExpressionFailure("invalid input syntax for type " + type + ": \"" + text
                    + "\": write it as 'YYYY-MM-DD" + (type.equals("date") ? "'" : " HH:MM:SS'"));
        }
        return form;
    }

    private static LocalDate day(Matcher form, String text) {
        boolean parted = form.group(1) != null;
        int year = Integer.parseInt(parted ? form.group(1) : form.group(4));
        int month = Integer.parseInt(parted ? form.group(2) : form.group(5));
        int day = Integer.parseInt(parted ? form.group(3) : form.group(6));
        try {
            if (year == 0) {
                throw new DateTimeException("there is no year 0");
            }
            return LocalDate.of(form.group(12) == null ? year : 1 - year, month, day);
        } catch (DateTimeException invalid) {
            throw new ExpressionFailure("date/time field value out of range: \"" + text + '"');
        }
    }

    /** Nanoseconds of the day, rounded to microseconds; of 24:00, the next one's begin. */
    private static long time(Matcher form, String text, String type) {
        if (form.group(7) == null) {
            return 0;
        }
        int hour = Integer.parseInt(form.group(7));
        int minute = Integer.parseInt(form.group(8));
        int second = form.group(9) == null ? 0 : Integer.parseInt(form.group(9));
        boolean inRange = hour <= 24 && minute < 60 && second <= 60;
        long seconds = hour * 3_600L + minute * 60L + second;
        String fraction = form.group(10) == null ? "" : form.group(10);
        if (!inRange || seconds > 86_400 || seconds == 86_400 && !fraction.matches("0*")) {
            throw new ExpressionFailure("date/time field value out of range: \"" + text + '"');
        }
        if (fraction.length() > MICRO_DIGITS) {
            throw new ExpressionFailure("invalid input syntax for type " + type + ": \"" + text
                    + "\": write no more than 6 digits of a second");
        }
        long micros = fraction.isEmpty() ? 0 : Long.parseLong((fraction + "000000").substring(0, MICRO_DIGITS));
        return seconds * LocalTime.MIN.plusSeconds(1).toNanoOfDay() + micros * NANOS_PER_MICRO;
    }

    private static long offset(String zone, String text) {
        String digits = zone.substring(1).replace(":", "");
        int hours = Integer.parseInt(digits.length() > 2 ? digits.substring(0, digits.length() - 2) : digits);
        int minutes = digits.length() > 2 ? Integer.parseInt(digits.substring(digits.length() - 2)) : 0;
        if (hours > 15 || minutes > 59) {
            throw new ExpressionFailure("time zone displacement out of range: \"" + text + '"');
        }
        return (zone.startsWith("-") ? -1 : 1) * (hours * 3_600L + minutes * 60L);
    }
}
