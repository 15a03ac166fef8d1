package io.millrace.views.expression;

import io.millrace.views.plan.Expression;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a function or an operator is computed. */
@FunctionalInterface
public interface Implementation {
    /** @throws io.millrace.views.planner.Unsupported for constants that it does not take */
    Expression compile(List<Argument> arguments);

    /** Whether a result may be null though no argument is. */
    default boolean givesNull() {
        return false;
    }

    /**
     * An argument of a call.
     *
     * @param value of a constant
     */
    record Argument(
            Expression expression,
            boolean constant,
            @Nullable Object value) {}

    /** A function of values that are not null; of a null it is null. */
    @FunctionalInterface
    interface Strict {
        @Nullable Object apply(Object[] values);
    }

    /** The same of one value. */
    @FunctionalInterface
    interface One {
        @Nullable Object apply(Object value);
    }

    /** The same of two. */
    @FunctionalInterface
    interface Two {
        @Nullable Object apply(Object left, Object right);
    }

    static Implementation strict(Strict function) {
        return arguments -> {
            Expression[] inputs = arguments.stream().map(Argument::expression).toArray(Expression[]::new);
            return row -> {
                Object[] values = new Object[inputs.length];
                for (int i = 0; i < inputs.length; i++) {
                    Object value = inputs[i].evaluate(row);
                    if (value == null) {
                        return null;
                    }
                    values[i] = value;
                }
                return function.apply(values);
            };
        };
    }

    static Implementation one(One function) {
        return arguments -> {
            Expression input = arguments.getFirst().expression();
            return row -> {
                Object value = input.evaluate(row);
                return value == null ? null : function.apply(value);
            };
        };
    }

    static Implementation two(Two function) {
        return arguments -> {
            Expression first = arguments.get(0).expression();
            Expression second = arguments.get(1).expression();
            return row -> {
                Object left = first.evaluate(row);
                Object right = second.evaluate(row);
                return left == null || right == null ? null : function.apply(left, right);
            };
        };
    }

    /** The same, where null may come of what is not null. */
    static Implementation nullable(Implementation implementation) {
        return new Implementation() {
            @Override
            public Expression compile(List<Argument> arguments) {
                return implementation.compile(arguments);
            }

            @Override
            public boolean givesNull() {
                return true;
            }
        };
    }
}
