package io.millrace.views.analysis;

import io.millrace.views.expression.Constant;
import io.millrace.views.expression.Implementation;
import io.millrace.views.expression.Operation;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Position;
import java.util.IdentityHashMap;
import java.util.List;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlOperator;
import org.jspecify.annotations.Nullable;

/** Makes expressions of plans, and remembers where in the text columns are named. */
final class Rex {
    private final RexBuilder builder;
    private final IdentityHashMap<RexNode, Position> places = new IdentityHashMap<>();

    Rex(RexBuilder builder) {
        this.builder = builder;
    }

    RexBuilder builder() {
        return builder;
    }

    static ValueType type(RexNode node) {
        return RelTypes.of(node.getType());
    }

    static boolean isUnknown(RexNode node) {
        return type(node).equals(ValueType.UNKNOWN);
    }

    RexNode constant(ValueType type, @Nullable Object value) {
        return builder.makeCall(new RelType(type, value == null), new Constant(type, value), List.of());
    }

    /** The value of a constant, which may be null; null also for what is no constant. */
    static @Nullable Object value(RexNode node) {
        return node instanceof RexCall call && call.getOperator() instanceof Constant constant
                ? constant.value()
                : null;
    }

    static boolean isConstant(RexNode node) {
        return node instanceof RexCall call && call.getOperator() instanceof Constant;
    }

    /** A call that is null if an argument is. */
    RexNode call(String name, Implementation implementation, ValueType result, List<RexNode> arguments) {
        boolean nullable = implementation.givesNull() || anyNullable(arguments);
        return call(name, implementation, result, nullable, arguments);
    }

    RexNode call(
            String name, Implementation implementation, ValueType result, boolean nullable, List<RexNode> arguments) {
        return builder.makeCall(new RelType(result, nullable), new Operation(name, implementation), arguments);
    }

    /** A call of one of Calcite's operators that gives a truth value. */
    RexNode standard(SqlOperator operator, RexNode... operands) {
        return builder.makeCall(
                new RelType(ValueType.BOOL, anyNullable(List.of(operands))), operator, List.of(operands));
    }

    static boolean anyNullable(List<RexNode> nodes) {
        return nodes.stream().anyMatch(node -> node.getType().isNullable());
    }

    RexNode at(Position place, RexNode node) {
        places.put(node, place);
        return node;
    }

    Position place(RexNode node, Position otherwise) {
        return places.getOrDefault(node, otherwise);
    }
}
