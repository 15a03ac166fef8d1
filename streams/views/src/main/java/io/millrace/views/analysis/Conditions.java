package io.millrace.views.analysis;

import io.millrace.views.planner.Unsupported;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Expr;
import io.millrace.views.sql.Position;
import io.millrace.views.sql.Query;
import io.millrace.views.sql.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.jspecify.annotations.Nullable;

/** WHERE: conditions, and subqueries that are conditions of their own. */
final class Conditions {
    private final Queries queries;
    private final Rex rex;
    private final Calls calls;

    Conditions(Queries queries, Rex rex) {
        this.queries = queries;
        this.rex = rex;
        this.calls = new Calls(rex, new Coercion(rex));
    }

    RelNode where(RelNode input, @Nullable Expr where, Scope scope, NamedQueries named) {
        if (where == null) {
            return input;
        }
        List<Expr> conjuncts = Expressions.conjuncts(where);
        Expressions expressions = new Expressions(rex, scope, "WHERE", null);
        List<RexNode> plain = new ArrayList<>();
        for (Expr conjunct : conjuncts) {
            if (!isSubQuery(conjunct)) {
                plain.add(expressions.conjunction(conjunct, "WHERE"));
            }
        }
        RelNode result =
                plain.isEmpty() ? input : LogicalFilter.create(input, RexUtil.composeConjunction(rex.builder(), plain));
        for (Expr conjunct : conjuncts) {
            if (isSubQuery(conjunct)) {
                result = semiJoin(result, conjunct, false, scope, expressions, named);
            }
        }
        return result;
    }

    private static boolean isSubQuery(Expr conjunct) {
        return switch (conjunct) {
            case Expr.Not not -> isSubQuery(not.operand());
            case Expr.Exists ignored -> true;
            case Expr.InQuery ignored -> true;
            default -> false;
        };
    }

    /** {@code [NOT] EXISTS} and {@code [NOT] IN}, as conditions of their own, are semi- and anti-joins. */
    private RelNode semiJoin(
            RelNode left, Expr conjunct, boolean negated, Scope scope, Expressions expressions, NamedQueries named) {
        return switch (conjunct) {
            case Expr.Not not -> semiJoin(left, not.operand(), !negated, scope, expressions, named);
            case Expr.Exists exists ->
                semiJoin(left, exists.at(), List.of(), withoutStar(exists.query()), negated, scope, named);
            case Expr.InQuery in -> {
                List<Expr> operands = in.operand() instanceof Expr.Row row ? row.items() : List.of(in.operand());
                List<RexNode> sides = operands.stream().map(expressions::of).toList();
                yield semiJoin(left, in.at(), sides, in.query(), negated != in.negated(), scope, named);
            }
            default -> throw new IllegalStateException(conjunct.toString());
        };
    }

    /** The columns of {@code *} do not matter to EXISTS, so they may be of any type. */
    private static Query withoutStar(Query query) {
        return query instanceof Query.Select select
                        && select.groupBy().isEmpty()
                        && select.items().stream().allMatch(Query.Item.All.class::isInstance)
                ? new Query.Select(
                        select.at(),
                        false,
                        List.of(new Query.Item.Value(
                                select.at(), new Expr.Literal(select.at(), Expr.Literal.Kind.NUMBER, "1"), null)),
                        select.from(),
                        select.where(),
                        List.of(),
                        select.having())
                : query;
    }

    private RelNode semiJoin(
            RelNode left,
            Position at,
            List<RexNode> operands,
            Query query,
            boolean negated,
            Scope scope,
            NamedQueries named) {
        Queries.Output within = queries.output(query, scope, named);
        if (!operands.isEmpty() && within.names().size() != operands.size()) {
            throw new Refused(
                    at,
                    "the subquery has " + within.names().size() + " columns, to compare with " + operands.size(),
                    "select as many");
        }
        int width = left.getRowType().getFieldCount();
        Decorrelation.Pulled right;
        try {
            right = new Decorrelation(Set.of(scope.id()), width, rex.builder()).pull(within.rel());
        } catch (Unsupported tooFar) {
            throw Calls.refused(at, tooFar);
        }
        List<RexNode> conditions = new ArrayList<>(right.conditions());
        for (int i = 0; i < operands.size(); i++) {
            RexNode column = new RexInputRef(
                    width + i, right.rel().getRowType().getFieldList().get(i).getType());
            RexNode equal = calls.operator(at, "=", operands.get(i), column);
            // NOT IN is unknown, so not true, where a null is compared.
            conditions.add(
                    negated && equal.getType().isNullable()
                            ? rex.builder()
                                    .makeCall(
                                            new RelType(ValueType.BOOL, false),
                                            SqlStdOperatorTable.IS_NOT_FALSE,
                                            List.of(equal))
                            : equal);
        }
        return LogicalJoin.create(
                left,
                right.rel(),
                List.of(),
                RexUtil.composeConjunction(rex.builder(), conditions),
                Set.of(),
                negated ? JoinRelType.ANTI : JoinRelType.SEMI);
    }
}
