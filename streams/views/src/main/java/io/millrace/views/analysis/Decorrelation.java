package io.millrace.views.analysis;

import io.millrace.views.planner.Unsupported;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.CorrelationId;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCorrelVariable;
import org.apache.calcite.rex.RexFieldAccess;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;

/** Takes the conditions that name columns of the outer query out of a subquery, to become those of a join. */
final class Decorrelation {
    private final Set<CorrelationId> outer;
    private final int outerWidth;
    private final RexBuilder rex;

    /**
     * @param rel without the conditions; its columns are those of the subquery, then others that the conditions want
     * @param conditions over the outer columns and then {@code rel}'s
     */
    record Pulled(RelNode rel, List<RexNode> conditions) {}

    Decorrelation(Set<CorrelationId> outer, int outerWidth, RexBuilder rex) {
        this.outer = outer;
        this.outerWidth = outerWidth;
        this.rex = rex;
    }

    Pulled pull(RelNode rel) {
        if (!refersOut(rel)) {
            return new Pulled(rel, List.of());
        }
        return switch (rel) {
            case Filter filter -> filter(filter);
            case Project project -> project(project);
            case Join join -> join(join);
            default -> throw tooFar();
        };
    }

    private boolean refersOut(RelNode rel) {
        return RelOptUtil.getVariablesUsed(rel).stream().anyMatch(outer::contains);
    }

    private static Unsupported tooFar() {
        return new Unsupported(
                "a subquery that names a column of the outer query inside an aggregate, a union, an outer join or two levels"
                        + " deeper,",
                "compare with the outer column in the subquery's own WHERE, or use IN or a join with a grouped subquery");
    }

    private boolean refersOut(RexNode node) {
        boolean[] found = {false};
        node.accept(new RexShuttle() {
            @Override
            public RexNode visitCorrelVariable(RexCorrelVariable variable) {
                found[0] |= outer.contains(variable.id);
                return variable;
            }
        });
        return found[0];
    }

    private Pulled filter(Filter filter) {
        Pulled input = pull(filter.getInput());
        List<RexNode> kept = new ArrayList<>();
        List<RexNode> conditions = new ArrayList<>(input.conditions);
        for (RexNode conjunct : RelOptUtil.conjunctions(filter.getCondition())) {
            if (refersOut(conjunct)) {
                conditions.add(outside(conjunct));
            } else {
                kept.add(conjunct);
            }
        }
        return new Pulled(
                kept.isEmpty() ? input.rel : LogicalFilter.create(input.rel, RexUtil.composeConjunction(rex, kept)),
                conditions);
    }

    /** The condition over outer columns and then those that it is over now. */
    private RexNode outside(RexNode condition) {
        return condition.accept(new RexShuttle() {
            @Override
            public RexNode visitInputRef(RexInputRef reference) {
                return new RexInputRef(outerWidth + reference.getIndex(), reference.getType());
            }

            @Override
            public RexNode visitFieldAccess(RexFieldAccess access) {
                return access.getReferenceExpr() instanceof RexCorrelVariable variable && outer.contains(variable.id)
                        ? new RexInputRef(access.getField().getIndex(), access.getType())
                        : access;
            }
        });
    }

    private Pulled project(Project project) {
        if (project.getProjects().stream().anyMatch(this::refersOut)) {
            throw tooFar();
        }
        Pulled input = pull(project.getInput());
        List<RexNode> expressions = new ArrayList<>(project.getProjects());
        List<String> names = new ArrayList<>(project.getRowType().getFieldNames());
        int[] moved = new int[input.rel.getRowType().getFieldCount()];
        for (int column : inner(input.conditions)) {
            RelDataTypeField field = input.rel.getRowType().getFieldList().get(column);
            moved[column] = expressions.size();
            expressions.add(new RexInputRef(column, field.getType()));
            names.add(field.getName() + "$" + column);
        }
        return new Pulled(
                LogicalProject.create(input.rel, List.of(), expressions, names, Set.of()),
                move(input.conditions, moved));
    }

    /** Columns of the subquery that the conditions want. */
    private Set<Integer> inner(List<RexNode> conditions) {
        Set<Integer> columns = new TreeSet<>();
        RelOptUtil.InputFinder.bits(conditions, null).forEachInt(column -> {
            if (column >= outerWidth) {
                columns.add(column - outerWidth);
            }
        });
        return columns;
    }

    private List<RexNode> move(List<RexNode> conditions, int[] moved) {
        RexShuttle mover = new RexShuttle() {
            @Override
            public RexNode visitInputRef(RexInputRef reference) {
                int column = reference.getIndex() - outerWidth;
                return column < 0 ? reference : new RexInputRef(outerWidth + moved[column], reference.getType());
            }
        };
        return conditions.stream().map(condition -> condition.accept(mover)).toList();
    }

    private Pulled join(Join join) {
        JoinRelType type = join.getJoinType();
        boolean inner = type == JoinRelType.INNER;
        boolean leftOnly = type == JoinRelType.SEMI || type == JoinRelType.ANTI;
        if ((!inner && !leftOnly) || (leftOnly && (refersOut(join.getRight()) || refersOut(join.getCondition())))) {
            throw tooFar();
        }
        Pulled left = pull(join.getLeft());
        Pulled right = pull(join.getRight());
        int leftBefore = join.getLeft().getRowType().getFieldCount();
        int leftNow = left.rel.getRowType().getFieldCount();
        int rightBefore = join.getRight().getRowType().getFieldCount();
        int rightNow = right.rel.getRowType().getFieldCount();
        RexNode shifted = RexUtil.shift(join.getCondition(), leftBefore, leftNow - leftBefore);
        List<RexNode> kept = new ArrayList<>();
        List<RexNode> conditions = new ArrayList<>(left.conditions);
        right.conditions.forEach(condition -> conditions.add(RexUtil.shift(condition, outerWidth, leftNow)));
        for (RexNode conjunct : RelOptUtil.conjunctions(shifted)) {
            if (refersOut(conjunct)) {
                conditions.add(outside(conjunct));
            } else {
                kept.add(conjunct);
            }
        }
        RelNode joined = LogicalJoin.create(
                left.rel, right.rel, List.of(), RexUtil.composeConjunction(rex, kept), Set.of(), type);
        if (leftOnly || (leftNow == leftBefore && rightNow == rightBefore)) {
            return new Pulled(joined, conditions);
        }
        return inOrder(joined, conditions, leftBefore, leftNow, rightBefore);
    }

    /** The subquery's own columns first, then those that were added on either side. */
    private Pulled inOrder(RelNode joined, List<RexNode> conditions, int leftBefore, int leftNow, int rightBefore) {
        int width = joined.getRowType().getFieldCount();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            if (i < leftBefore || (i >= leftNow && i < leftNow + rightBefore)) {
                order.add(i);
            }
        }
        for (int i = 0; i < width; i++) {
            if (!order.contains(i)) {
                order.add(i);
            }
        }
        int[] moved = new int[width];
        List<RexNode> expressions = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            RelDataTypeField field = joined.getRowType().getFieldList().get(order.get(i));
            moved[order.get(i)] = i;
            expressions.add(new RexInputRef(order.get(i), field.getType()));
            names.add(field.getName() + "$" + i);
        }
        return new Pulled(
                LogicalProject.create(joined, List.of(), expressions, names, Set.of()), move(conditions, moved));
    }
}
