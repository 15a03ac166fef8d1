package io.millrace.views.expression;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;

/** Values as Postgres writes them: {@code DateStyle} ISO, time zone UTC, {@code extra_float_digits} 1. */
public final class Texts {
    private static final int FLOAT4_PLAIN_DIGITS = 6;
    private static final int FLOAT8_PLAIN_DIGITS = 15;
    private static final int LEAST_PLAIN_EXPONENT = -4;

    private Texts() {}

    /** As a cast to text has it. */
    public static String of(Object value) {
        return switch (value) {
            case BigDecimal decimal -> decimal.toPlainString();
            case Float number -> floating(number.toString(), FLOAT4_PLAIN_DIGITS);
            case Double number -> floating(shortest(number), FLOAT8_PLAIN_DIGITS);
            case LocalDate date -> date(date);
            case LocalDateTime time -> timestamp(time, "");
            case Instant time -> timestamp(Times.local(time), "+00");
            case LocalTime time -> time(time);
            default -> value.toString();
        };
    }

    /** Java writes two digits where one suffices. */
    private static String shortest(double number) {
        String text = Double.toString(number);
        int exponent = text.indexOf('E');
        if (exponent == 3) {
            for (char digit : new char[] {text.charAt(0), (char) (text.charAt(0) + 1)}) {
                String one = digit + ".0" + text.substring(exponent);
                if (digit <= '9' && Double.parseDouble(one) == number) {
                    return one;
                }
            }
        }
        return text;
    }

    private static String floating(String java, int plainDigits) {
        if (java.equals("NaN") || java.endsWith("Infinity")) {
            return java;
        }
        BigDecimal value = new BigDecimal(java).stripTrailingZeros();
        String sign = java.startsWith("-") ? "-" : "";
        if (value.signum() == 0) {
            return sign + "0";
        }
        String digits = value.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - value.scale();
        if (exponent >= LEAST_PLAIN_EXPONENT && exponent < plainDigits) {
            return value.toPlainString();
        }
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        String power = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : String.valueOf(Math.abs(exponent));
        return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + power;
    }

    private static String date(LocalDate date) {
        if (date.equals(LocalDate.MAX)) {
            return "infinity";
        }
        return date.equals(LocalDate.MIN) ? "-infinity" : days(date) + era(date.getYear());
    }

    private static String days(LocalDate date) {
        int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
        return padded(year, 4) + '-' + padded(date.getMonthValue(), 2) + '-' + padded(date.getDayOfMonth(), 2);
    }

    private static String era(int year) {
        return year > 0 ? "" : " BC";
    }

    private static String timestamp(LocalDateTime time, String zone) {
        if (Times.isInfinite(time)) {
            return time.equals(LocalDateTime.MAX) ? "infinity" : "-infinity";
        }
        return days(time.toLocalDate()) + ' ' + time(time.toLocalTime()) + zone + era(time.getYear());
    }

    static String time(LocalTime time) {
        String fraction = "";
        int micros = time.getNano() / 1_000;
        if (micros > 0) {
            fraction = "." + padded(micros, 6).replaceFirst("0+$", "");
        }
        return padded(time.getHour(), 2)
                + ':'
                + padded(time.getMinute(), 2)
                + ':'
                + padded(time.getSecond(), 2)
                + fraction;
    }

    static String padded(int number, int digits) {
        String text = Integer.toString(number);
        return "0".repeat(Math.max(0, digits - text.length())) + text;
    }

    /** Micros of a time, as an instant that Postgres shows in UTC. */
    static Instant instant(LocalDateTime time) {
        return time.toInstant(ZoneOffset.UTC);
    }
}
