package io.millrace.views.analysis;

import io.millrace.views.plan.AggregateCall;
import java.util.List;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.util.Optionality;

/** An aggregate of ours in Calcite's plans; before they are made, a placeholder in expressions. */
public final class Aggregation extends SqlAggFunction {
    private final AggregateCall.Function function;
    private final transient Shape shape;

    /**
     * What of a placeholder's operands is what.
     *
     * @param arguments how many of the operands come first
     * @param order directions of the operands that follow
     * @param filtered whether the last operand is a condition
     */
    record Shape(boolean distinct, int arguments, List<Direction> order, boolean filtered) {}

    record Direction(boolean descending, boolean nullsFirst) {}

    Aggregation(AggregateCall.Function function, RelType result, Shape shape) {
        super(
                function.name() + shape,
                null,
                SqlKind.OTHER_FUNCTION,
                binding -> result,
                null,
                null,
                SqlFunctionCategory.USER_DEFINED_FUNCTION,
                false,
                false,
                Optionality.OPTIONAL);
        this.function = function;
        this.shape = shape;
    }

    public AggregateCall.Function function() {
        return function;
    }

    Shape shape() {
        return shape;
    }
}
