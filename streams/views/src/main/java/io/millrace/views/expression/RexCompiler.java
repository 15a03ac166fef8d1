package io.millrace.views.expression;

import io.millrace.views.plan.Expression;
import io.millrace.views.planner.Unsupported;
import java.util.List;
import java.util.Objects;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexFieldAccess;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;

/** Turns the planner's expressions into ours: our operations, and those few of Calcite's that its rules look for. */
public final class RexCompiler {
    private RexCompiler() {}

    /** @throws Unsupported for an operator without an implementation */
    public static Expression compile(RexNode node) {
        return switch (node) {
            case RexInputRef reference -> {
                int index = reference.getIndex();
                yield row -> row[index];
            }
            case RexLiteral literal -> literal(literal);
            case RexCall call -> call(call);
            case RexFieldAccess outer ->
                throw new Unsupported(
                        "column " + outer.getField().getName() + " of the query two levels out",
                        "join the tables in one subquery");
            default -> throw new IllegalStateException("expression " + node);
        };
    }

    /** Calcite makes truth values, and a number where no column of a row is wanted. */
    private static Expression literal(RexLiteral literal) {
        Object value = literal.getType().getSqlTypeName() == org.apache.calcite.sql.type.SqlTypeName.BOOLEAN
                ? literal.getValueAs(Boolean.class)
                : literal.isNull() ? null : Objects.requireNonNull(literal.getValueAs(Integer.class));
        return row -> value;
    }

    private static Expression call(RexCall call) {
        if (call.getOperator() instanceof Constant constant) {
            Object value = constant.value();
            return row -> value;
        }
        List<Implementation.Argument> arguments =
                call.getOperands().stream().map(RexCompiler::argument).toList();
        if (call.getOperator() instanceof Operation operation) {
            return operation.implementation().compile(arguments);
        }
        List<Expression> operands =
                arguments.stream().map(Implementation.Argument::expression).toList();
        return switch (call.getKind()) {
            case AND -> Special.logic(true).compile(arguments);
            case OR -> Special.logic(false).compile(arguments);
            case NOT -> Special.not().compile(arguments);
            case EQUALS ->
                Implementation.two((left, right) -> PgOrder.INSTANCE.compare(left, right) == 0)
                        .compile(arguments);
            case IS_NOT_FALSE -> Special.test(operands.getFirst(), value -> !Boolean.FALSE.equals(value));
            case IS_TRUE -> Special.test(operands.getFirst(), Boolean.TRUE::equals);
            case IS_NOT_NULL -> Special.test(operands.getFirst(), value -> value != null);
            case IS_NULL -> Special.test(operands.getFirst(), value -> value == null);
            // Of the same type but for whether it may be null.
            case CAST -> operands.getFirst();
            default -> throw new IllegalStateException("expression " + call);
        };
    }

    private static Implementation.Argument argument(RexNode node) {
        boolean constant = node instanceof RexCall call && call.getOperator() instanceof Constant;
        Object value = node instanceof RexCall call && call.getOperator() instanceof Constant of ? of.value() : null;
        return new Implementation.Argument(compile(node), constant, value);
    }
}
