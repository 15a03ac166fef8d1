package io.millrace.views.planner;

import io.millrace.schemas.row.PgType;
import io.millrace.views.plan.AggregateCall;
import io.millrace.views.plan.AggregateCall.Function;
import io.millrace.views.plan.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.calcite.rel.RelFieldCollation;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.fun.SqlBasicAggFunction;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeTransforms;
import org.apache.calcite.util.Optionality;

/** Calcite's aggregate calls as ours. */
final class AggregateCalls {
    /** Written as Postgres has it for aggregates of one's own: {@code weighted_average_cost(quantity, unit_cost ORDER BY …)}. */
    static final SqlAggFunction WEIGHTED_AVERAGE_COST = SqlBasicAggFunction.create(
                    "WEIGHTED_AVERAGE_COST",
                    SqlKind.OTHER_FUNCTION,
                    ReturnTypes.explicit(SqlTypes::numeric).andThen(SqlTypeTransforms.FORCE_NULLABLE),
                    OperandTypes.family(SqlTypeFamily.EXACT_NUMERIC, SqlTypeFamily.EXACT_NUMERIC))
            .withGroupOrder(Optionality.OPTIONAL);

    private AggregateCalls() {}

    /** @throws Unsupported for an aggregate that we do not have, or not of this argument */
    static AggregateCall of(org.apache.calcite.rel.core.AggregateCall call, Node input) {
        Function function = function(call);
        boolean ordered = function == Function.WEIGHTED_AVERAGE_COST;
        if (!ordered && call.getArgList().size() > 1) {
            throw new Unsupported(function + " of several columns", "count one column");
        }
        List<AggregateCall.Order> order = ordered ? order(call) : List.of();
        if (!ordered && !call.getArgList().isEmpty()) {
            requireExact(
                    function, input.columns().get(call.getArgList().getFirst()).type());
        }
        boolean extreme = function == Function.MIN || function == Function.MAX;
        return new AggregateCall(
                function,
                List.copyOf(call.getArgList()),
                order,
                call.isDistinct() && !extreme,
                call.filterArg < 0 ? null : call.filterArg,
                SqlTypes.pgType(call.getType()));
    }

    private static Function function(org.apache.calcite.rel.core.AggregateCall call) {
        if (call.getAggregation().equals(WEIGHTED_AVERAGE_COST)) {
            return Function.WEIGHTED_AVERAGE_COST;
        }
        return switch (call.getAggregation().getKind()) {
            case COUNT -> Function.COUNT;
            case SUM -> Function.SUM;
            case AVG -> Function.AVG;
            case MIN -> Function.MIN;
            case MAX -> Function.MAX;
            default ->
                throw new Unsupported(
                        "aggregate " + call.getAggregation().getName(),
                        "use COUNT, SUM, AVG, MIN, MAX or weighted_average_cost");
        };
    }

    private static List<AggregateCall.Order> order(org.apache.calcite.rel.core.AggregateCall call) {
        if (call.getCollation().getFieldCollations().isEmpty() || call.isDistinct()) {
            throw new Unsupported(
                    "weighted_average_cost without an order, or with DISTINCT,",
                    "say in which order: weighted_average_cost(quantity, unit_cost ORDER BY moved_at, id)");
        }
        List<AggregateCall.Order> order = new ArrayList<>();
        for (RelFieldCollation field : call.getCollation().getFieldCollations()) {
            boolean descending = field.direction.isDescending();
            boolean nullsFirst = field.nullDirection == RelFieldCollation.NullDirection.FIRST
                    || field.nullDirection == RelFieldCollation.NullDirection.UNSPECIFIED && descending;
            order.add(new AggregateCall.Order(field.getFieldIndex(), descending, nullsFirst));
        }
        return order;
    }

    private static void requireExact(Function function, PgType of) {
        boolean floating = of.kind() == PgType.Kind.FLOAT4 || of.kind() == PgType.Kind.FLOAT8;
        if (floating && (function == Function.SUM || function == Function.AVG)) {
            throw ofFloatingPoint(function.toString());
        }
        if (of.kind() == PgType.Kind.TEXT && (function == Function.MIN || function == Function.MAX)) {
            throw ofText(function.toString());
        }
    }

    static Unsupported ofFloatingPoint(String function) {
        return new Unsupported(
                function + " of floating point, which depends on the order of the rows,",
                "cast the argument: " + function.toLowerCase(Locale.ROOT) + "(x::numeric)");
    }

    static Unsupported ofText(String function) {
        return new Unsupported(
                function + " of text, which depends on the database's collation,", "use numbers or dates");
    }
}
