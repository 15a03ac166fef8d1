package io.millrace.views.planner;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.RelHomogeneousShuttle;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.CorrelationId;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexSubQuery;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;

/** {@code [NOT] EXISTS} and {@code [NOT] IN}, as conditions of their own, become semi- and anti-joins. */
final class SubQueries extends RelHomogeneousShuttle {
    @Override
    public RelNode visit(RelNode rel) {
        return rel instanceof Filter filter && RexUtil.SubQueryFinder.containsSubQuery(filter)
                ? rewrite(filter)
                : super.visit(rel);
    }

    private RelNode rewrite(Filter filter) {
        RelNode input = filter.getInput().accept(this);
        List<RexNode> plain = new ArrayList<>();
        List<RexNode> withSubQuery = new ArrayList<>();
        for (RexNode conjunct : RelOptUtil.conjunctions(filter.getCondition())) {
            (RexUtil.SubQueryFinder.find(conjunct) == null ? plain : withSubQuery).add(conjunct);
        }
        RexBuilder rex = filter.getCluster().getRexBuilder();
        RelNode result = input;
        if (!plain.isEmpty()) {
            result = LogicalFilter.create(result, RexUtil.composeConjunction(rex, plain));
        }
        for (RexNode conjunct : withSubQuery) {
            result = join(result, conjunct, filter.getVariablesSet(), rex);
        }
        return result;
    }

    private RelNode join(RelNode left, RexNode conjunct, Set<CorrelationId> outer, RexBuilder rex) {
        RexNode condition = conjunct;
        boolean negated = false;
        while (condition.getKind() == SqlKind.NOT) {
            condition = ((RexCall) condition).getOperands().getFirst();
            negated = !negated;
        }
        if (!(condition instanceof RexSubQuery query)
                || (query.getKind() != SqlKind.EXISTS && query.getKind() != SqlKind.IN)) {
            throw subQueryInExpression();
        }
        int width = left.getRowType().getFieldCount();
        Decorrelation.Pulled right = new Decorrelation(outer, width, rex).pull(query.rel.accept(this));
        List<RexNode> conditions = new ArrayList<>(right.conditions());
        for (int i = 0; i < query.getOperands().size(); i++) {
            RexNode operand = query.getOperands().get(i);
            if (RexUtil.SubQueryFinder.find(operand) != null) {
                throw subQueryInExpression();
            }
            RexInputRef column = new RexInputRef(
                    width + i, right.rel().getRowType().getFieldList().get(i).getType());
            RexNode equal = rex.makeCall(SqlStdOperatorTable.EQUALS, operand, column);
            // NOT IN is unknown, so not true, where a null is compared.
            conditions.add(
                    negated && equal.getType().isNullable()
                            ? rex.makeCall(SqlStdOperatorTable.IS_NOT_FALSE, equal)
                            : equal);
        }
        return LogicalJoin.create(
                left,
                right.rel(),
                List.of(),
                RexUtil.composeConjunction(rex, conditions),
                Set.of(),
                negated ? JoinRelType.ANTI : JoinRelType.SEMI);
    }

    static Unsupported subQueryInExpression() {
        return new Unsupported(
                "a subquery inside an expression",
                "make EXISTS or IN a condition of its own in WHERE, joined to the others by AND; for a value, LEFT JOIN a grouped"
                        + " subquery");
    }
}
