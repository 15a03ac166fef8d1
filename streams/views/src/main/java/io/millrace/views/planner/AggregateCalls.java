package io.millrace.views.planner;

import io.millrace.views.analysis.Aggregation;
import io.millrace.views.analysis.RelTypes;
import io.millrace.views.plan.AggregateCall;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.RelFieldCollation;

/** Calcite's aggregate calls as ours. */
final class AggregateCalls {
    private AggregateCalls() {}

    /** What Calcite adds by itself, where nothing of an aggregation is wanted but its one row, is a count of rows. */
    private static AggregateCall.Function function(org.apache.calcite.rel.core.AggregateCall call) {
        return call.getAggregation() instanceof Aggregation of ? of.function() : AggregateCall.Function.COUNT;
    }

    static AggregateCall of(org.apache.calcite.rel.core.AggregateCall call) {
        List<AggregateCall.Order> order = new ArrayList<>();
        for (RelFieldCollation field : call.getCollation().getFieldCollations()) {
            order.add(new AggregateCall.Order(
                    field.getFieldIndex(),
                    field.direction.isDescending(),
                    field.nullDirection == RelFieldCollation.NullDirection.FIRST));
        }
        return new AggregateCall(
                function(call),
                List.copyOf(call.getArgList()),
                order,
                call.isDistinct(),
                call.filterArg < 0 ? null : call.filterArg,
                RelTypes.of(call.getType()).pgType());
    }
}
