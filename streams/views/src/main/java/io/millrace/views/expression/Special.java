package io.millrace.views.expression;

import io.millrace.views.plan.Expression;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What Postgres' grammar has beside functions: tests, CASE, COALESCE, and so on. Nulls are values like others here. */
public final class Special {
    private Special() {}

    /** Whether a value, or null, is what is asked for. */
    public interface Test {
        boolean test(@Nullable Object value);
    }

    static Expression test(Expression operand, Test test) {
        return row -> test.test(operand.evaluate(row));
    }

    public static Implementation test(Test test) {
        return arguments -> test(arguments.getFirst().expression(), test);
    }

    public static Implementation not() {
        return Implementation.one(value -> !(Boolean) value);
    }

    /** AND, or OR: what decides the result ends it, whatever the others are; otherwise null makes it null. */
    public static Implementation logic(boolean and) {
        return arguments -> {
            Expression[] operands =
                    arguments.stream().map(Implementation.Argument::expression).toArray(Expression[]::new);
            return row -> {
                boolean unknown = false;
                RuntimeException failure = null;
                for (Expression operand : operands) {
                    Object value;
                    try {
                        value = operand.evaluate(row);
                    } catch (RuntimeException failed) {
                        failure = failure == null ? failed : failure;
                        continue;
                    }
                    if (value == null) {
                        unknown = true;
                    } else if ((Boolean) value != and) {
                        return !and;
                    }
                }
                if (failure != null) {
                    throw failure;
                }
                return unknown ? null : (Object) and;
            };
        };
    }

    /** {@code IS [NOT] DISTINCT FROM}. */
    public static Implementation distinct(boolean wanted) {
        return arguments -> {
            Expression first = arguments.get(0).expression();
            Expression second = arguments.get(1).expression();
            return row -> {
                Object left = first.evaluate(row);
                Object right = second.evaluate(row);
                boolean distinct = left == null || right == null
                        ? (left == null) != (right == null)
                        : PgOrder.INSTANCE.compare(left, right) != 0;
                return distinct == wanted;
            };
        };
    }

    /** Condition, result, condition, result, …, and the result if none is true. */
    public static Implementation choice() {
        return arguments -> {
            List<Expression> parts =
                    arguments.stream().map(Implementation.Argument::expression).toList();
            return row -> {
                for (int i = 0; i + 1 < parts.size(); i += 2) {
                    if (Boolean.TRUE.equals(parts.get(i).evaluate(row))) {
                        return parts.get(i + 1).evaluate(row);
                    }
                }
                return parts.getLast().evaluate(row);
            };
        };
    }

    public static Implementation coalesce() {
        return arguments -> {
            List<Expression> parts =
                    arguments.stream().map(Implementation.Argument::expression).toList();
            return row -> {
                for (Expression part : parts) {
                    Object value = part.evaluate(row);
                    if (value != null) {
                        return value;
                    }
                }
                return null;
            };
        };
    }

    /** @param sign 1 for the greatest, -1 for the least */
    public static Implementation extreme(int sign) {
        return arguments -> {
            List<Expression> parts =
                    arguments.stream().map(Implementation.Argument::expression).toList();
            return row -> {
                Object extreme = null;
                for (Expression part : parts) {
                    Object value = part.evaluate(row);
                    if (value != null
                            && (extreme == null || Integer.signum(PgOrder.INSTANCE.compare(value, extreme)) == sign)) {
                        extreme = value;
                    }
                }
                return extreme;
            };
        };
    }

    /** The first argument, or null where the second is true. */
    public static Implementation nullIf() {
        return arguments -> {
            Expression value = arguments.get(0).expression();
            Expression equal = arguments.get(1).expression();
            return row -> {
                Object shown = value.evaluate(row);
                return Boolean.TRUE.equals(equal.evaluate(row)) ? null : shown;
            };
        };
    }

    public static Implementation concat() {
        return TextFunctions.concat();
    }

    /** @param escape empty for none */
    public static String likePattern(String pattern, String escape) {
        return LikePattern.escaped(pattern, escape);
    }
}
