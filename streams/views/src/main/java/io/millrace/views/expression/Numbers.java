package io.millrace.views.expression;

import io.millrace.views.plan.ExpressionFailure;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;

/** Operators and functions of numbers. */
final class Numbers {
    private static final List<String> INTEGERS = List.of("int2", "int4", "int8");
    private static final Map<String, String> SHOWN = Map.of("int2", "smallint", "int4", "integer", "int8", "bigint");

    private Numbers() {}

    static void register(Map<String, Implementation> all) {
        integers(all);
        for (String operator : List.of("+", "-", "*", "/")) {
            all.put(operator + "(float4,float4)", Implementation.two((a, b) -> float4(operator, (Float) a, (Float) b)));
            for (String types : List.of("(float4,float8)", "(float8,float4)", "(float8,float8)")) {
                all.put(operator + types, Implementation.two((a, b) -> float8(operator, number(a), number(b))));
            }
        }
        numerics(all);
        signs(all);
        functionsOfFloats(all);
    }

    private static void integers(Map<String, Implementation> all) {
        for (String left : INTEGERS) {
            for (String right : INTEGERS) {
                String wider = INTEGERS.indexOf(left) > INTEGERS.indexOf(right) ? left : right;
                for (String operator : List.of("+", "-", "*", "/", "%")) {
                    all.put(
                            operator + '(' + left + ',' + right + ')',
                            Implementation.two((a, b) -> integer(wider, calculated(operator, wider, a, b))));
                }
            }
            all.put(
                    "mod(" + left + ',' + left + ')',
                    Implementation.two((a, b) -> integer(left, calculated("%", left, a, b))));
        }
    }

    private static long calculated(String operator, String type, Object left, Object right) {
        long a = ((Number) left).longValue();
        long b = ((Number) right).longValue();
        if (b == 0 && (operator.equals("/") || operator.equals("%"))) {
            throw PgNumeric.divisionByZero();
        }
        try {
            return switch (operator) {
                case "+" -> Math.addExact(a, b);
                case "-" -> Math.subtractExact(a, b);
                case "*" -> Math.multiplyExact(a, b);
                case "/" -> Math.divideExact(a, b);
                default -> a % b;
            };
        } catch (ArithmeticException overflow) {
            throw outOfRange(type);
        }
    }

    private static ExpressionFailure outOfRange(String type) {
        return new ExpressionFailure(SHOWN.get(type) + " out of range");
    }

    private static Object integer(String type, long value) {
        boolean fits = switch (type) {
            case "int2" -> value == (short) value;
            case "int4" -> value == (int) value;
            default -> true;
        };
        if (!fits) {
            throw outOfRange(type);
        }
        return type.equals("int8") ? (Object) value : (Object) (int) value;
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }

    private static Object float4(String operator, float a, float b) {
        float result = switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            default -> a / nonZero(b, a);
        };
        check(operator, a, b, result);
        return result;
    }

    private static Object float8(String operator, double a, double b) {
        double result = switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            default -> a / nonZero(b, a);
        };
        check(operator, a, b, result);
        return result;
    }

    private static float nonZero(float divisor, float dividend) {
        nonZero((double) divisor, dividend);
        return divisor;
    }

    private static double nonZero(double divisor, double dividend) {
        if (divisor == 0 && !Double.isNaN(dividend)) {
            throw PgNumeric.divisionByZero();
        }
        return divisor;
    }

    private static void check(String operator, double a, double b, double result) {
        boolean division = operator.equals("/");
        if (Double.isInfinite(result) && !Double.isInfinite(a) && (division || !Double.isInfinite(b))) {
            throw new ExpressionFailure("value out of range: overflow");
        }
        boolean multiplied = operator.equals("*") && b != 0 || division && !Double.isInfinite(b);
        if (result == 0 && a != 0 && multiplied) {
            throw new ExpressionFailure("value out of range: underflow");
        }
    }

    private static void numerics(Map<String, Implementation> all) {
        all.put("+(numeric,numeric)", Implementation.two(PgNumeric::add));
        all.put("-(numeric,numeric)", Implementation.two(PgNumeric::subtract));
        all.put("*(numeric,numeric)", Implementation.two(PgNumeric::multiply));
        all.put("/(numeric,numeric)", Implementation.two(PgNumeric::divide));
        all.put("%(numeric,numeric)", Implementation.two(PgNumeric::remainder));
        all.put("mod(numeric,numeric)", Implementation.two(PgNumeric::remainder));
        all.put("abs(numeric)", Implementation.one(PgNumeric::absolute));
        all.put("sign(numeric)", Implementation.one(PgNumeric::signum));
        whole(all, "ceil", RoundingMode.CEILING);
        whole(all, "ceiling", RoundingMode.CEILING);
        whole(all, "floor", RoundingMode.FLOOR);
        places(all, "round", RoundingMode.HALF_UP);
        places(all, "trunc", RoundingMode.DOWN);
    }

    private static void whole(Map<String, Implementation> all, String name, RoundingMode mode) {
        all.put(
                name + "(numeric)",
                Implementation.one(value -> PgNumeric.finite(value, number -> number.setScale(0, mode))));
    }

    private static void places(Map<String, Implementation> all, String name, RoundingMode mode) {
        whole(all, name, mode);
        all.put(
                name + "(numeric,int4)",
                Implementation.two((value, places) ->
                        PgNumeric.finite(value, number -> PgNumeric.toPlaces(number, (Integer) places, mode))));
    }

    private static void signs(Map<String, Implementation> all) {
        for (String type : INTEGERS) {
            Implementation negated = Implementation.one(value -> negated(type, value));
            all.put("-(" + type + ")", negated);
            all.put(
                    "abs(" + type + ")",
                    Implementation.one(value -> ((Number) value).longValue() < 0 ? negated(type, value) : value));
        }
        all.put("-(numeric)", Implementation.one(PgNumeric::negate));
        all.put("-(float4)", Implementation.one(value -> -(Float) value));
        all.put("-(float8)", Implementation.one(value -> -(Double) value));
        for (String type : List.of("int2", "int4", "int8", "numeric", "float4", "float8")) {
            all.put("+(" + type + ")", Implementation.one(value -> value));
        }
    }

    private static Object negated(String type, Object value) {
        try {
            return integer(type, Math.negateExact(((Number) value).longValue()));
        } catch (ArithmeticException overflow) {
            throw outOfRange(type);
        }
    }

    private static void functionsOfFloats(Map<String, Implementation> all) {
        all.put("abs(float4)", Implementation.one(value -> Math.abs((Float) value)));
        all.put("abs(float8)", Implementation.one(value -> Math.abs((Double) value)));
        all.put("ceil(float8)", Implementation.one(value -> Math.ceil((Double) value)));
        all.put("ceiling(float8)", Implementation.one(value -> Math.ceil((Double) value)));
        all.put("floor(float8)", Implementation.one(value -> Math.floor((Double) value)));
        all.put("round(float8)", Implementation.one(value -> Math.rint((Double) value)));
        all.put(
                "trunc(float8)",
                Implementation.one(
                        value -> (Double) value < 0 ? Math.ceil((Double) value) : Math.floor((Double) value)));
        // Postgres: of NaN it is 0, since NaN is neither above nor below 0.
        all.put(
                "sign(float8)",
                Implementation.one(value -> (Double) value > 0 ? 1.0 : (Double) value < 0 ? -1.0 : 0.0));
    }
}
