package io.millrace.views.expression;

import io.millrace.views.plan.ExpressionFailure;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** Postgres' arithmetic of numerics, with the scales that it gives to results. */
public final class PgNumeric {
    private static final int LEAST_SIGNIFICANT_DIGITS = 16;
    private static final int LARGEST_DIVISION_SCALE = 1_000;
    private static final int BASE_DIGITS = 4;

    private PgNumeric() {}

    /** The operand as a decimal; NaN and the infinities have no arithmetic here. */
    public static BigDecimal of(Object value) {
        return switch (value) {
            case BigDecimal decimal -> decimal;
            case Integer integer -> BigDecimal.valueOf(integer);
            case Long integer -> BigDecimal.valueOf(integer);
            default -> throw new ExpressionFailure("numeric " + value + " is not supported in views");
        };
    }

    /** @throws ExpressionFailure "division by zero" */
    public static BigDecimal divide(BigDecimal dividend, BigDecimal divisor) {
        if (divisor.signum() == 0) {
            throw new ExpressionFailure("division by zero");
        }
        return dividend.divide(divisor, divisionScale(dividend, divisor), RoundingMode.HALF_UP);
    }

    /** Enough for 16 significant digits, counted in groups of four as Postgres stores them. */
    private static int divisionScale(BigDecimal dividend, BigDecimal divisor) {
        Leading first = leading(dividend);
        Leading second = leading(divisor);
        int weight = first.weight - second.weight;
        if (first.digit <= second.digit) {
            weight--;
        }
        int scale = LEAST_SIGNIFICANT_DIGITS - weight * BASE_DIGITS;
        scale = Math.max(scale, Math.max(dividend.scale(), divisor.scale()));
        return Math.min(Math.max(scale, 0), LARGEST_DIVISION_SCALE);
    }

    /** The first digit to base 10,000, and its exponent. */
    private record Leading(int weight, int digit) {}

    private static Leading leading(BigDecimal value) {
        if (value.signum() == 0) {
            return new Leading(0, 0);
        }
        BigInteger unscaled = value.unscaledValue().abs();
        int exponent = value.precision() - value.scale() - 1;
        int weight = Math.floorDiv(exponent, BASE_DIGITS);
        int digits = exponent - weight * BASE_DIGITS + 1;
        int drop = value.precision() - digits;
        BigInteger leading =
                drop >= 0 ? unscaled.divide(BigInteger.TEN.pow(drop)) : unscaled.multiply(BigInteger.TEN.pow(-drop));
        return new Leading(weight, leading.intValue());
    }

    /** @throws ExpressionFailure "division by zero" */
    public static BigDecimal remainder(BigDecimal dividend, BigDecimal divisor) {
        if (divisor.signum() == 0) {
            throw new ExpressionFailure("division by zero");
        }
        return dividend.remainder(divisor).setScale(Math.max(dividend.scale(), divisor.scale()));
    }

    /** Half away from zero; a negative number of places rounds before the point. */
    public static BigDecimal round(BigDecimal value, int places) {
        BigDecimal rounded = value.setScale(places, RoundingMode.HALF_UP);
        return places < 0 ? rounded.setScale(0) : rounded;
    }

    /** As {@code numeric(precision, scale)}. */
    public static BigDecimal declare(BigDecimal value, int precision, int scale) {
        BigDecimal rounded = value.setScale(scale, RoundingMode.HALF_UP);
        if (rounded.signum() != 0 && rounded.precision() > precision) {
            throw new ExpressionFailure("numeric field overflow");
        }
        return rounded;
    }

    /** Rounded to an integer of the range. */
    public static long toInteger(BigDecimal value, long least, long most, String type) {
        BigDecimal rounded = value.setScale(0, RoundingMode.HALF_UP);
        if (rounded.compareTo(BigDecimal.valueOf(least)) < 0 || rounded.compareTo(BigDecimal.valueOf(most)) > 0) {
            throw new ExpressionFailure(type + " out of range");
        }
        return rounded.longValue();
    }
}
