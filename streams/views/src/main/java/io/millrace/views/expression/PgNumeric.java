package io.millrace.views.expression;

import io.millrace.schemas.row.SpecialNumeric;
import io.millrace.views.plan.ExpressionFailure;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.function.UnaryOperator;

/**
 * Postgres' arithmetic of numerics, with the scales that it gives to results. A value is a {@code BigDecimal} or a {@link
 * SpecialNumeric}.
 */
public final class PgNumeric {
    private static final int LEAST_SIGNIFICANT_DIGITS = 16;
    private static final int LARGEST_DIVISION_SCALE = 1_000;
    private static final int LARGEST_SCALE = 16_383;
    private static final int MOST_DIGITS_BEFORE_POINT = 131_072;
    private static final int BASE_DIGITS = 4;

    private PgNumeric() {}

    /** A whole number, or a numeric that is not special. */
    public static BigDecimal of(Object value) {
        return switch (value) {
            case BigDecimal decimal -> decimal;
            case Integer integer -> BigDecimal.valueOf(integer);
            case Long integer -> BigDecimal.valueOf(integer);
            default -> throw new ExpressionFailure("numeric " + value + " is not supported here");
        };
    }

    private static int sign(Object value) {
        return switch (value) {
            case BigDecimal decimal -> decimal.signum();
            case SpecialNumeric.POSITIVE_INFINITY -> 1;
            case SpecialNumeric.NEGATIVE_INFINITY -> -1;
            default -> 0;
        };
    }

    private static SpecialNumeric infinity(int sign) {
        return sign < 0 ? SpecialNumeric.NEGATIVE_INFINITY : SpecialNumeric.POSITIVE_INFINITY;
    }

    private static boolean isNan(Object left, Object right) {
        return left == SpecialNumeric.NAN || right == SpecialNumeric.NAN;
    }

    static ExpressionFailure divisionByZero() {
        return new ExpressionFailure("division by zero");
    }

    private static BigDecimal inRange(BigDecimal value) {
        if (value.precision() - value.scale() > MOST_DIGITS_BEFORE_POINT) {
            throw new ExpressionFailure("value overflows numeric format");
        }
        return value.scale() > LARGEST_SCALE ? value.setScale(LARGEST_SCALE, RoundingMode.HALF_UP) : value;
    }

    public static Object add(Object left, Object right) {
        if (left instanceof BigDecimal a && right instanceof BigDecimal b) {
            return inRange(a.add(b));
        }
        if (isNan(left, right)) {
            return SpecialNumeric.NAN;
        }
        if (left instanceof SpecialNumeric && right instanceof SpecialNumeric) {
            return left.equals(right) ? left : SpecialNumeric.NAN;
        }
        return left instanceof SpecialNumeric ? left : right;
    }

    public static Object subtract(Object left, Object right) {
        return add(left, negate(right));
    }

    public static Object multiply(Object left, Object right) {
        if (left instanceof BigDecimal a && right instanceof BigDecimal b) {
            return inRange(a.multiply(b));
        }
        int sign = sign(left) * sign(right);
        return isNan(left, right) || sign == 0 ? SpecialNumeric.NAN : infinity(sign);
    }

    /** @throws ExpressionFailure "division by zero" */
    public static Object divide(Object left, Object right) {
        if (left instanceof BigDecimal a && right instanceof BigDecimal b) {
            return divide(a, b);
        }
        if (isNan(left, right) || left instanceof SpecialNumeric && right instanceof SpecialNumeric) {
            return SpecialNumeric.NAN;
        }
        if (left instanceof BigDecimal) {
            return BigDecimal.ZERO;
        }
        if (sign(right) == 0) {
            throw divisionByZero();
        }
        return infinity(sign(left) * sign(right));
    }

    /** @throws ExpressionFailure "division by zero" */
    public static BigDecimal divide(BigDecimal dividend, BigDecimal divisor) {
        if (divisor.signum() == 0) {
            throw divisionByZero();
        }
        return inRange(dividend.divide(divisor, divisionScale(dividend, divisor), RoundingMode.HALF_UP));
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
    public static Object remainder(Object left, Object right) {
        if (left instanceof BigDecimal a && right instanceof BigDecimal b) {
            if (b.signum() == 0) {
                throw divisionByZero();
            }
            return a.remainder(b).setScale(Math.max(a.scale(), b.scale()));
        }
        if (isNan(left, right)) {
            return SpecialNumeric.NAN;
        }
        if (left instanceof SpecialNumeric && sign(right) == 0) {
            throw divisionByZero();
        }
        return left instanceof SpecialNumeric ? SpecialNumeric.NAN : left;
    }

    public static Object negate(Object value) {
        return switch (value) {
            case BigDecimal decimal -> decimal.negate();
            case SpecialNumeric.NAN -> value;
            default -> infinity(-sign(value));
        };
    }

    static Object absolute(Object value) {
        return switch (value) {
            case BigDecimal decimal -> decimal.abs();
            case SpecialNumeric.NAN -> value;
            default -> SpecialNumeric.POSITIVE_INFINITY;
        };
    }

    static Object signum(Object value) {
        return value == SpecialNumeric.NAN ? value : BigDecimal.valueOf(sign(value));
    }

    /** Special values stay as they are. */
    static Object finite(Object value, UnaryOperator<BigDecimal> function) {
        return value instanceof BigDecimal decimal ? function.apply(decimal) : value;
    }

    /** Half away from zero; a negative number of places rounds before the point. */
    public static BigDecimal round(BigDecimal value, int places) {
        return toPlaces(value, places, RoundingMode.HALF_UP);
    }

    static BigDecimal toPlaces(BigDecimal value, int places, RoundingMode mode) {
        int limited = Math.clamp(places, -MOST_DIGITS_BEFORE_POINT, LARGEST_SCALE);
        if (limited < 0 && -limited > value.precision() - value.scale() + 1) {
            return BigDecimal.ZERO;
        }
        BigDecimal rounded = value.setScale(limited, mode);
        return inRange(limited < 0 ? rounded.setScale(0) : rounded);
    }

    /** As {@code numeric(precision, scale)}. */
    static Object declare(Object value, int precision, int scale) {
        if (value instanceof SpecialNumeric special) {
            if (special != SpecialNumeric.NAN) {
                throw new ExpressionFailure("numeric field overflow");
            }
            return value;
        }
        BigDecimal rounded = ((BigDecimal) value).setScale(scale, RoundingMode.HALF_UP);
        if (rounded.signum() != 0 && rounded.precision() > precision) {
            throw new ExpressionFailure("numeric field overflow");
        }
        return scale < 0 ? rounded.setScale(0) : rounded;
    }

    /** Rounded to an integer of the range. */
    public static long toInteger(Object value, long least, long most, String type) {
        if (value instanceof SpecialNumeric special) {
            throw new ExpressionFailure(
                    "cannot convert " + (special == SpecialNumeric.NAN ? "NaN" : "infinity") + " to " + type);
        }
        BigDecimal rounded = of(value).setScale(0, RoundingMode.HALF_UP);
        if (rounded.compareTo(BigDecimal.valueOf(least)) < 0 || rounded.compareTo(BigDecimal.valueOf(most)) > 0) {
            throw new ExpressionFailure(type + " out of range");
        }
        return rounded.longValue();
    }
}
