package io.millrace.views.analysis;

import io.millrace.views.sql.Position;
import io.millrace.views.sql.Refused;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.calcite.rel.RelCollations;
import org.apache.calcite.rel.RelFieldCollation;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.AggregateCall;
import org.apache.calcite.rel.logical.LogicalAggregate;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.util.ImmutableBitSet;

/** Rows into groups: groups and aggregates are computed first, and what is selected is computed of them. */
final class Grouping {
    private final Rex rex;
    private final List<RexNode> groups;
    private final List<RexCall> aggregates;

    /** @param groups may be there several times */
    Grouping(Rex rex, List<RexNode> groups, List<RexCall> aggregates) {
        this.rex = rex;
        this.groups = List.copyOf(new LinkedHashSet<>(groups));
        this.aggregates = aggregates;
    }

    /** Groups, then aggregates. */
    RelNode over(RelNode input) {
        Set<RexNode> wanted = new LinkedHashSet<>(groups);
        aggregates.forEach(call -> wanted.addAll(operands(call)));
        // Of count(*) alone no column is wanted, but a row has one.
        List<RexNode> columns = wanted.isEmpty() ? List.of(rex.builder().makeLiteral(true)) : List.copyOf(wanted);
        RelNode projected = project(input, columns);
        List<AggregateCall> calls = new ArrayList<>();
        for (int i = 0; i < aggregates.size(); i++) {
            calls.add(call(aggregates.get(i), columns, "a" + i));
        }
        return LogicalAggregate.create(projected, List.of(), ImmutableBitSet.range(groups.size()), null, calls);
    }

    static RelNode project(RelNode input, List<RexNode> columns) {
        return project(input, columns, java.util.Collections.nCopies(columns.size(), ""));
    }

    /** @param named names of the columns; empty for any */
    static RelNode project(RelNode input, List<RexNode> columns, List<String> named) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            names.add(!named.get(i).isEmpty() ? named.get(i) : name(columns.get(i), input, i));
        }
        return LogicalProject.create(input, List.of(), columns, names, Set.of());
    }

    private static String name(RexNode column, RelNode input, int position) {
        return column instanceof RexInputRef reference
                ? input.getRowType().getFieldNames().get(reference.getIndex())
                : "c" + position;
    }

    /** A condition is true or not. */
    private List<RexNode> operands(RexCall placeholder) {
        List<RexNode> operands = new ArrayList<>(placeholder.getOperands());
        if (shape(placeholder).filtered()) {
            RexNode condition = operands.removeLast();
            operands.add(rex.builder()
                    .makeCall(
                            new RelType(io.millrace.views.postgres.ValueType.BOOL, false),
                            SqlStdOperatorTable.IS_TRUE,
                            List.of(condition)));
        }
        return operands;
    }

    private static Aggregation.Shape shape(RexCall placeholder) {
        return ((Aggregation) placeholder.getOperator()).shape();
    }

    /** Where there are no rows but a result, or no values, it is null. */
    private RelType result(RexCall placeholder) {
        Aggregation aggregation = (Aggregation) placeholder.getOperator();
        boolean nullable = aggregation.function() != io.millrace.views.plan.AggregateCall.Function.COUNT
                && (groups.isEmpty()
                        || aggregation.shape().filtered()
                        || aggregation.function() == io.millrace.views.plan.AggregateCall.Function.WEIGHTED_AVERAGE_COST
                        || Rex.anyNullable(placeholder.getOperands()));
        return new RelType(Rex.type(placeholder), nullable);
    }

    private AggregateCall call(RexCall placeholder, List<RexNode> columns, String name) {
        Aggregation.Shape shape = shape(placeholder);
        List<Integer> positions =
                operands(placeholder).stream().map(columns::indexOf).toList();
        List<RelFieldCollation> order = new ArrayList<>();
        for (int i = 0; i < shape.order().size(); i++) {
            Aggregation.Direction direction = shape.order().get(i);
            order.add(new RelFieldCollation(
                    positions.get(shape.arguments() + i),
                    direction.descending()
                            ? RelFieldCollation.Direction.DESCENDING
                            : RelFieldCollation.Direction.ASCENDING,
                    direction.nullsFirst()
                            ? RelFieldCollation.NullDirection.FIRST
                            : RelFieldCollation.NullDirection.LAST));
        }
        RelType result = result(placeholder);
        Aggregation aggregation = (Aggregation) placeholder.getOperator();
        return AggregateCall.create(
                new Aggregation(aggregation.function(), result, shape),
                shape.distinct(),
                false,
                false,
                List.of(),
                positions.subList(0, shape.arguments()),
                shape.filtered() ? positions.getLast() : -1,
                null,
                RelCollations.of(order),
                result,
                name);
    }

    /** What is selected, over the groups. */
    RexNode over(RexNode node, RelNode grouped, Position at) {
        return node.accept(new RexShuttle() {
            @Override
            public RexNode visitInputRef(RexInputRef reference) {
                int group = groups.indexOf(reference);
                if (group < 0) {
                    throw new Refused(
                            rex.place(reference, at),
                            "a column that is selected must appear in GROUP BY, or in an aggregate",
                            "add it to GROUP BY, or aggregate it");
                }
                return RexInputRef.of(group, grouped.getRowType());
            }

            @Override
            public RexNode visitCall(RexCall call) {
                int group = groups.indexOf(call);
                if (group >= 0) {
                    return RexInputRef.of(group, grouped.getRowType());
                }
                int aggregate = aggregates.indexOf(call);
                if (aggregate >= 0) {
                    return RexInputRef.of(groups.size() + aggregate, grouped.getRowType());
                }
                return super.visitCall(call);
            }
        });
    }
}
