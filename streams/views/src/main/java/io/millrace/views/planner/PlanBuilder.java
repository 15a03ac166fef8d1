package io.millrace.views.planner;

import io.millrace.schemas.row.Clock;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.views.analysis.RelTypes;
import io.millrace.views.analysis.RelationTable;
import io.millrace.views.expression.Casts;
import io.millrace.views.expression.RexCompiler;
import io.millrace.views.plan.AggregateCall;
import io.millrace.views.plan.Expression;
import io.millrace.views.plan.Node;
import io.millrace.views.postgres.ValueType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Aggregate;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.core.TableScan;
import org.apache.calcite.rel.core.Union;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** Calcite's operators as ours, with what is known of their rows. */
final class PlanBuilder {
    private final boolean manyLanes;

    /** A node, and what is known of its rows. */
    record Planned(Node node, Properties properties) {}

    PlanBuilder(boolean manyLanes) {
        this.manyLanes = manyLanes;
    }

    /** @throws Unsupported for an operator that we do not have */
    Planned build(RelNode rel) {
        return switch (rel) {
            case TableScan scan -> scan(scan);
            case Filter filter -> filter(filter);
            case Project project -> project(project);
            case Join join -> join(join);
            case Aggregate aggregate -> aggregate(aggregate);
            case Union union -> union(union);
            default -> throw new Unsupported(rel.getRelTypeName(), "see docs/sql.md for what a view may be made of");
        };
    }

    private Planned scan(TableScan scan) {
        RelationTable table = Objects.requireNonNull(scan.getTable().unwrap(RelationTable.class));
        RelationSchema relation = table.relation();
        List<Column> columns = table.columns();
        List<String> names = columns.stream().map(Column::name).toList();
        Set<Integer> key = new TreeSet<>();
        relation.key().forEach(column -> key.add(names.indexOf(column)));
        Set<Integer> lanes = relation.laneColumn() == null ? Set.of() : Set.of(names.indexOf(relation.laneColumn()));
        // The clock has one row: any set of columns is unique, also none.
        Set<Integer> unique = relation.name().equals(Clock.TABLE) ? Set.of() : key;
        return new Planned(
                new Node.Scan(
                        relation,
                        columns.stream().map(PlanBuilder::inViews).toList(),
                        "scan " + relation.name() + names),
                new Properties(unique.contains(-1) ? List.of() : List.of(unique), lanes, relation.broadcast()));
    }

    /** As everywhere in views, what is declared of a varchar's or numeric's length is part of its values, not of its type. */
    private static Column inViews(Column column) {
        ValueType type = ValueType.of(column.type());
        return type.isInViews()
                ? new Column(column.name(), type.pgType(), column.nullable(), column.description())
                : column;
    }

    private Planned filter(Filter filter) {
        Planned input = build(filter.getInput());
        RexNode condition = filter.getCondition();
        return new Planned(
                new Node.Filter(
                        input.node,
                        RexCompiler.compile(condition),
                        "filter " + Rendered.of(condition) + " of (" + input.node.digest() + ")"),
                input.properties);
    }

    private Planned project(Project project) {
        Planned input = build(project.getInput());
        int[] moved = new int[input.node.columns().size()];
        java.util.Arrays.fill(moved, -1);
        List<Expression> expressions = new ArrayList<>();
        for (int i = 0; i < project.getProjects().size(); i++) {
            RexNode expression = project.getProjects().get(i);
            expressions.add(RexCompiler.compile(expression));
            RexInputRef reference = sameValue(expression);
            if (reference != null && moved[reference.getIndex()] < 0) {
                moved[reference.getIndex()] = i;
            }
        }
        return new Planned(
                new Node.Project(
                        input.node,
                        expressions,
                        columns(project.getRowType()),
                        "project " + Rendered.of(project.getProjects()) + " of (" + input.node.digest() + ")"),
                input.properties.project(moved));
    }

    /** The column that an expression is, perhaps in a wider type; null if it is more than that. */
    private static @Nullable RexInputRef sameValue(RexNode expression) {
        if (expression instanceof RexCall call
                && call.getOperator().getName().startsWith("::")
                && call.getOperands().getFirst() instanceof RexInputRef reference
                && Casts.keepsValues(RelTypes.of(reference.getType()), RelTypes.of(call.getType()))) {
            return reference;
        }
        return expression instanceof RexInputRef reference ? reference : null;
    }

    private Planned join(Join join) {
        Node.JoinKind kind = switch (join.getJoinType()) {
            case INNER -> Node.JoinKind.INNER;
            case LEFT -> Node.JoinKind.LEFT;
            case SEMI -> Node.JoinKind.SEMI;
            case ANTI -> Node.JoinKind.ANTI;
            default -> throw new Unsupported(join.getJoinType() + " JOIN", "use JOIN or LEFT JOIN");
        };
        Planned left = build(join.getLeft());
        Planned right = build(join.getRight());
        List<Integer> leftKeys = new ArrayList<>();
        List<Integer> rightKeys = new ArrayList<>();
        List<Boolean> filterNulls = new ArrayList<>();
        RexNode residual = RelOptUtil.splitJoinCondition(
                join.getLeft(), join.getRight(), join.getCondition(), leftKeys, rightKeys, filterNulls);
        if (filterNulls.contains(false)) {
            throw new Unsupported("a join on IS NOT DISTINCT FROM", "join on equality");
        }
        Properties properties = Properties.join(
                kind, left.properties, right.properties, left.node.columns().size(), leftKeys, rightKeys, manyLanes);
        return new Planned(
                new Node.Join(
                        left.node,
                        right.node,
                        kind,
                        leftKeys,
                        rightKeys,
                        residual.isAlwaysTrue() ? null : RexCompiler.compile(residual),
                        columns(join.getRowType()),
                        kind + " join " + leftKeys + "=" + rightKeys + " " + Rendered.of(residual) + " of ("
                                + left.node.digest() + "), (" + right.node.digest() + ")"),
                properties);
    }

    private Planned aggregate(Aggregate aggregate) {
        if (aggregate.getGroupType() != Aggregate.Group.SIMPLE) {
            throw new Unsupported("GROUPING SETS", "group by columns");
        }
        Planned input = build(aggregate.getInput());
        List<Integer> groupBy = aggregate.getGroupSet().asList();
        List<AggregateCall> calls = new ArrayList<>();
        for (org.apache.calcite.rel.core.AggregateCall call : aggregate.getAggCallList()) {
            calls.add(AggregateCalls.of(call));
        }
        return new Planned(
                new Node.Aggregate(
                        input.node,
                        groupBy,
                        calls,
                        columns(aggregate.getRowType()),
                        "aggregate " + groupBy + " " + aggregate.getAggCallList() + " of (" + input.node.digest()
                                + ")"),
                Properties.aggregate(input.properties, groupBy, manyLanes));
    }

    private Planned union(Union union) {
        List<Planned> inputs = union.getInputs().stream().map(this::build).toList();
        List<Node> nodes = inputs.stream().map(Planned::node).toList();
        Planned all = new Planned(
                new Node.UnionAll(
                        nodes,
                        columns(union.getRowType()),
                        "union of " + nodes.stream().map(Node::digest).toList()),
                Properties.union(inputs.stream().map(Planned::properties).toList()));
        return union.all ? all : distinct(all);
    }

    private Planned distinct(Planned input) {
        List<Column> columns = input.node.columns();
        List<Integer> groupBy =
                java.util.stream.IntStream.range(0, columns.size()).boxed().toList();
        return new Planned(
                new Node.Aggregate(
                        input.node, groupBy, List.of(), columns, "distinct of (" + input.node.digest() + ")"),
                Properties.aggregate(input.properties, groupBy, manyLanes));
    }

    static List<Column> columns(RelDataType rowType) {
        List<Column> columns = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (RelDataTypeField field : rowType.getFieldList()) {
            String name = field.getName();
            while (!names.add(name)) {
                name = name + "_";
            }
            columns.add(new Column(
                    name, RelTypes.of(field.getType()).pgType(), field.getType().isNullable()));
        }
        return columns;
    }
}
