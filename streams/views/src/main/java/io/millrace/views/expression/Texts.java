package io.millrace.views.expression;

import io.millrace.schemas.row.PgText;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/** Values as Postgres writes them: {@code DateStyle} ISO, time zone UTC, {@code extra_float_digits} 1. */
public final class Texts {
    private static final int FLOAT4_PLAIN_DIGITS = 6;
    private static final int FLOAT8_PLAIN_DIGITS = 15;
    private static final int LEAST_PLAIN_EXPONENT = -4;
    private static final BigDecimal TWO_TO_1024 = new BigDecimal(java.math.BigInteger.TWO.pow(1_024));

    private Texts() {}

    /** As a cast to text has it. */
    public static String of(Object value) {
        return switch (value) {
            case Float number -> float4(number);
            case Double number -> float8(number);
            default -> PgText.of(value);
        };
    }

    private static String floating(double number, BigDecimal below, BigDecimal above, int plainDigits) {
        String sign = number < 0 || 1 / number < 0 ? "-" : "";
        if (number == 0) {
            return sign + "0";
        }
        BigDecimal value = shortest(new BigDecimal(number).abs(), below, above);
        String digits = value.unscaledValue().toString();
        int exponent = digits.length() - 1 - value.scale();
        if (exponent >= LEAST_PLAIN_EXPONENT && exponent < plainDigits) {
            return sign + value.toPlainString();
        }
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        String power = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : String.valueOf(Math.abs(exponent));
        return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + power;
    }

    /**
     * The decimal with the fewest digits that is nearer to a number than to its neighbours. Postgres leaves out the middle between
     * two numbers, which Java takes where it is read as the number that is wanted.
     */
    private static BigDecimal shortest(BigDecimal number, BigDecimal below, BigDecimal above) {
        BigDecimal two = BigDecimal.valueOf(2);
        BigDecimal low = number.add(below).divide(two);
        BigDecimal high = number.add(above).divide(two);
        for (int digits = 1; ; digits++) {
            for (RoundingMode mode : List.of(RoundingMode.HALF_EVEN, RoundingMode.DOWN, RoundingMode.UP)) {
                BigDecimal candidate = number.round(new MathContext(digits, mode));
                if (candidate.compareTo(low) > 0 && candidate.compareTo(high) < 0) {
                    return candidate.stripTrailingZeros();
                }
            }
        }
    }

    private static String float8(double number) {
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return Double.toString(number);
        }
        double size = Math.abs(number);
        BigDecimal above = Double.isInfinite(Math.nextUp(size)) ? TWO_TO_1024 : new BigDecimal(Math.nextUp(size));
        return floating(number, new BigDecimal(Math.nextDown(size)), above, FLOAT8_PLAIN_DIGITS);
    }

    private static String float4(float number) {
        if (Float.isNaN(number) || Float.isInfinite(number)) {
            return Float.toString(number);
        }
        float size = Math.abs(number);
        BigDecimal above = new BigDecimal(Float.isInfinite(Math.nextUp(size)) ? 0x1p128 : Math.nextUp(size));
        return floating(number, new BigDecimal(Math.nextDown(size)), above, FLOAT4_PLAIN_DIGITS);
    }

    static String padded(int number, int digits) {
        String text = Integer.toString(number);
        return "0".repeat(Math.max(0, digits - text.length())) + text;
    }
}
