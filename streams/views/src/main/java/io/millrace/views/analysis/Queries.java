package io.millrace.views.analysis;

import io.millrace.schemas.row.RelationSchema;
import io.millrace.views.planner.Unsupported;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Expr;
import io.millrace.views.sql.Position;
import io.millrace.views.sql.Query;
import io.millrace.views.sql.Refused;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.logical.LogicalAggregate;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rel.logical.LogicalUnion;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.util.ImmutableBitSet;
import org.jspecify.annotations.Nullable;

/** Queries as relational operators. */
public final class Queries {
    private final Rex rex;
    private final Coercion coercion;
    private final Calls calls;
    private final RelOptCluster cluster;
    private final Tables tables;

    /**
     * A query's rows.
     *
     * @param names of its columns; empty for one that has none
     * @param places of its columns in the text
     */
    public record Output(RelNode rel, List<String> names, List<Position> places) {}

    /** What a SELECT selects, whose literals' types may be open. */
    private record Selected(
            RelNode input, List<RexNode> columns, List<String> names, List<Position> places, boolean distinct) {}

    /** Queries that WITH has named. */
    private record Environment(Map<String, Named> queries) {
        /** @param within what it can name itself */
        private record Named(Query.Named query, Environment within) {}

        Environment with(Query.Named query) {
            Map<String, Named> more = new HashMap<>(queries);
            more.put(query.name(), new Named(query, this));
            return new Environment(more);
        }
    }

    private Queries(Collection<RelationSchema> relations, Query query, RelOptCluster cluster) {
        this.rex = new Rex(cluster.getRexBuilder());
        this.coercion = new Coercion(rex);
        this.calls = new Calls(rex, coercion);
        this.cluster = cluster;
        this.tables = new Tables(relations, query, rex);
    }

    /** @throws Refused for what Postgres would not take either, or views do not support */
    public static Output analyse(Query query, Collection<RelationSchema> relations, RelOptCluster cluster) {
        return new Queries(relations, query, cluster).output(query, null, new Environment(Map.of()));
    }

    private Output output(Query query, @Nullable Scope outer, Environment named) {
        return finish(selected(query, outer, named), null);
    }

    private Selected selected(Query query, @Nullable Scope outer, Environment named) {
        return switch (query) {
            case Query.Select select -> select(select, outer, named);
            case Query.Union union -> union(union, outer, named);
            case Query.With with -> {
                Environment all = named;
                for (Query.Named one : with.queries()) {
                    // Also where nothing reads it, it has to be right.
                    output(one.query(), outer, all);
                    all = all.with(one);
                }
                yield selected(with.body(), outer, all);
            }
        };
    }

    /** @param types of the columns; null for what they are, and text for literals */
    private Output finish(Selected selected, @Nullable List<ValueType> types) {
        List<RexNode> columns = new ArrayList<>();
        for (int i = 0; i < selected.columns.size(); i++) {
            RexNode column = selected.columns.get(i);
            Position at = selected.places.get(i);
            ValueType type = types != null ? types.get(i) : Rex.isUnknown(column) ? ValueType.TEXT : Rex.type(column);
            columns.add(coercion.coerceExactly(column, type, at));
        }
        RelNode rel = Grouping.project(selected.input, columns, selected.names);
        if (selected.distinct) {
            requireComparable(columns, selected.places, "DISTINCT");
            rel = LogicalAggregate.create(rel, List.of(), ImmutableBitSet.range(columns.size()), null, List.of());
        }
        return new Output(rel, selected.names, selected.places);
    }

    private static void requireComparable(List<RexNode> columns, List<Position> places, String what) {
        for (int i = 0; i < columns.size(); i++) {
            if (!Rex.type(columns.get(i)).isComparable()) {
                throw Refused.unsupported(places.get(i), what + " of " + Rex.type(columns.get(i)), "cast it: x::text");
            }
        }
    }

    private Selected union(Query.Union union, @Nullable Scope outer, Environment named) {
        Selected left = selected(union.left(), outer, named);
        Selected right = selected(union.right(), outer, named);
        if (left.columns.size() != right.columns.size()) {
            throw new Refused(
                    union.at(),
                    "each UNION query must have the same number of columns",
                    "select as many on both sides");
        }
        List<ValueType> types = new ArrayList<>();
        for (int i = 0; i < left.columns.size(); i++) {
            types.add(calls.common(right.places.get(i), "UNION", List.of(left.columns.get(i), right.columns.get(i))));
        }
        Output first = finish(left, types);
        RelNode both = LogicalUnion.create(List.of(first.rel, finish(right, types).rel), union.all());
        Selected all = new Selected(both, references(both), left.names, left.places, false);
        if (!union.all()) {
            requireComparable(all.columns, all.places, "UNION");
        }
        return all;
    }

    private static List<RexNode> references(RelNode rel) {
        List<RexNode> references = new ArrayList<>();
        for (int i = 0; i < rel.getRowType().getFieldCount(); i++) {
            references.add(RexInputRef.of(i, rel.getRowType()));
        }
        return references;
    }

    private Selected select(Query.Select select, @Nullable Scope outer, Environment named) {
        if (select.from().isEmpty()) {
            throw Refused.unsupported(
                    select.at(), "a query without FROM", "select from a captured table, or from clock");
        }
        Relation from = from(select.from(), outer, named);
        Scope scope = new Scope(from, cluster.createCorrel(), outer);
        RelNode input = where(from.rel(), select.where(), scope, named);
        Aggregates aggregates = new Aggregates(rex);
        Expressions items = new Expressions(rex, scope, "SELECT", aggregates);
        List<RexNode> columns = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<Position> places = new ArrayList<>();
        for (Query.Item item : select.items()) {
            switch (item) {
                case Query.Item.Value value -> {
                    columns.add(items.of(value.expression()));
                    names.add(value.alias() != null ? value.alias() : Naming.of(value.expression()));
                    places.add(value.at());
                }
                case Query.Item.All all ->
                    all(all, from).forEach(field -> {
                        columns.add(rex.at(all.at(), field.node()));
                        names.add(field.name());
                        places.add(all.at());
                    });
            }
        }
        Expr filtered = select.having();
        RexNode having = filtered == null ? null : items.condition(filtered, "HAVING");
        List<RexNode> groups = groups(select, scope, columns, names);
        if (groups.isEmpty() && having == null && aggregates.found().isEmpty()) {
            return new Selected(input, columns, names, places, select.distinct());
        }
        Grouping grouping = new Grouping(rex, groups, aggregates.found());
        RelNode grouped = grouping.over(input);
        RelNode kept = having == null || filtered == null
                ? grouped
                : filter(grouped, grouping.over(having, grouped, filtered.at()));
        List<RexNode> over = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            over.add(grouping.over(columns.get(i), grouped, places.get(i)));
        }
        return new Selected(kept, over, names, places, select.distinct());
    }

    private static RelNode filter(RelNode input, RexNode condition) {
        return LogicalFilter.create(input, condition);
    }

    private static List<Relation.Field> all(Query.Item.All all, Relation from) {
        if (all.table() == null) {
            return from.visible();
        }
        return from.tables().stream()
                .filter(table -> table.name().equals(all.table()))
                .findFirst()
                .orElseThrow(() -> new Refused(
                        all.at(),
                        "there is no table " + all.table() + " in FROM",
                        "select from it, or correct the name"))
                .fields();
    }

    /** Columns of FROM, names and positions of what is selected, expressions. */
    private List<RexNode> groups(Query.Select select, Scope scope, List<RexNode> columns, List<String> names) {
        List<RexNode> groups = new ArrayList<>();
        List<Expr> written = new ArrayList<>();
        for (Expr by : select.groupBy()) {
            written.addAll(by instanceof Expr.Row row ? row.items() : List.of(by));
        }
        for (Expr by : written) {
            RexNode group = selectedBy(by, scope, columns, names);
            if (group == null) {
                group = new Expressions(rex, scope, "GROUP BY", null).of(by);
            }
            if (Aggregates.within(group) != null) {
                throw new Refused(by.at(), "aggregate functions are not allowed in GROUP BY", "group a subquery");
            }
            if (Rex.isUnknown(group)) {
                group = coercion.coerce(group, ValueType.TEXT, by.at());
                int index = columns.indexOf(selectedBy(by, scope, columns, names));
                if (index >= 0) {
                    columns.set(index, group);
                }
            }
            requireComparable(List.of(group), List.of(by.at()), "GROUP BY");
            groups.add(group);
        }
        return groups;
    }

    /** Null for what names nothing that is selected. */
    private static @Nullable RexNode selectedBy(Expr by, Scope scope, List<RexNode> columns, List<String> names) {
        if (by instanceof Expr.Literal literal) {
            boolean position =
                    literal.kind() == Expr.Literal.Kind.NUMBER && literal.text().matches("-?[0-9]{1,9}");
            int number = position ? Integer.parseInt(literal.text()) : 0;
            if (!position || number < 1 || number > columns.size()) {
                throw new Refused(
                        by.at(),
                        position
                                ? "GROUP BY position " + number + " is not in the select list"
                                : "a constant in GROUP BY that is no position",
                        "group by a column, by a name that is selected, or by its position from 1 on");
            }
            return columns.get(number - 1);
        }
        if (!(by instanceof Expr.Name name) || name.parts().size() > 1 || scope.local(name) != null) {
            return null;
        }
        List<RexNode> found = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equals(name.parts().getFirst()) && !found.contains(columns.get(i))) {
                found.add(columns.get(i));
            }
        }
        if (found.size() > 1) {
            throw new Refused(
                    by.at(), "GROUP BY " + name.parts().getFirst() + " is ambiguous", "group by the expression");
        }
        return found.isEmpty() ? null : found.getFirst();
    }

    private Relation from(List<Query.From> parts, @Nullable Scope outer, Environment named) {
        Relation all = source(parts.getFirst(), outer, named);
        for (Query.From part : parts.subList(1, parts.size())) {
            all = cross(all, source(part, outer, named), part.at());
        }
        return all;
    }

    private Relation source(Query.From from, @Nullable Scope outer, Environment named) {
        return switch (from) {
            case Query.From.Table table -> table(table, outer, named);
            case Query.From.Derived derived -> {
                Output output = output(derived.query(), outer, named);
                yield Relation.of(output.rel, derived.alias(), renamed(output.names, derived.columns(), derived.at()));
            }
            case Query.From.Join join -> join(join, outer, named);
        };
    }

    private Relation table(Query.From.Table table, @Nullable Scope outer, Environment named) {
        Environment.Named query = table.schema() == null ? named.queries.get(table.name()) : null;
        if (query == null) {
            return tables.scan(table, cluster);
        }
        Output output = output(query.query.query(), outer, query.within);
        List<String> columns = renamed(output.names, query.query.columns(), query.query.at());
        return Relation.of(
                output.rel,
                table.alias() == null ? table.name() : table.alias(),
                renamed(columns, table.columns(), table.at()));
    }

    static List<String> renamed(List<String> names, List<String> aliases, Position at) {
        if (aliases.size() > names.size()) {
            throw new Refused(
                    at, "there are " + aliases.size() + " names for " + names.size() + " columns", "leave some out");
        }
        List<String> renamed = new ArrayList<>(aliases);
        renamed.addAll(names.subList(aliases.size(), names.size()));
        return renamed;
    }

    private Relation cross(Relation left, Relation right, Position at) {
        return joined(left, right, rex.builder().makeLiteral(true), JoinRelType.INNER, at);
    }

    private static Relation joined(Relation left, Relation right, RexNode condition, JoinRelType type, Position at) {
        LogicalJoin join = LogicalJoin.create(left.rel(), right.rel(), List.of(), condition, Set.of(), type);
        Relation first = left.in(join, 0);
        Relation second = right.in(join, left.width());
        List<Relation.Table> tables = new ArrayList<>(first.tables());
        tables.addAll(second.tables());
        Scope.requireDistinct(tables, at);
        List<Relation.Field> visible = new ArrayList<>(first.visible());
        visible.addAll(second.visible());
        return new Relation(join, tables, visible);
    }

    private Relation join(Query.From.Join join, @Nullable Scope outer, Environment named) {
        Relation left = source(join.left(), outer, named);
        Relation right = source(join.right(), outer, named);
        // The condition sees no nulls of a row without a partner: those come after it.
        Relation pairs = cross(left, right, join.at());
        JoinRelType type = join.outer() ? JoinRelType.LEFT : JoinRelType.INNER;
        if (!join.using().isEmpty()) {
            return using(join, left, right, type);
        }
        RexNode condition = join.on() == null
                ? rex.builder().makeLiteral(true)
                : new Expressions(rex, new Scope(pairs, cluster.createCorrel(), outer), "JOIN conditions", null)
                        .condition(join.on(), "JOIN/ON");
        return joined(left, right, condition, type, join.at());
    }

    /** The columns of USING are there once, before the others. */
    private Relation using(Query.From.Join join, Relation left, Relation right, JoinRelType type) {
        List<RexNode> conditions = new ArrayList<>();
        List<ValueType> types = new ArrayList<>();
        for (String name : join.using()) {
            RexNode first = one(left, name, join);
            RexNode second = RexUtil.shift(one(right, name, join), left.width());
            conditions.add(calls.operator(join.at(), "=", first, second));
            types.add(calls.common(join.at(), "JOIN/USING", List.of(first, second)));
        }
        Relation joined = joined(left, right, RexUtil.composeConjunction(rex.builder(), conditions), type, join.at());
        List<Relation.Field> visible = new ArrayList<>();
        for (int i = 0; i < join.using().size(); i++) {
            String name = join.using().get(i);
            RexNode merged = joined.visible().stream()
                    .filter(field -> field.name().equals(name))
                    .findFirst()
                    .orElseThrow()
                    .node();
            visible.add(new Relation.Field(name, coercion.coerceExactly(merged, types.get(i), join.at())));
        }
        joined.visible().stream()
                .filter(field -> !join.using().contains(field.name()))
                .forEach(visible::add);
        return new Relation(joined.rel(), joined.tables(), visible);
    }

    private static RexNode one(Relation side, String name, Query.From.Join join) {
        List<Relation.Field> fields = side.named(name);
        if (fields.size() != 1) {
            throw new Refused(
                    join.at(),
                    fields.isEmpty()
                            ? "column " + name + " of USING is not on both sides of the join"
                            : "column " + name + " of USING is ambiguous",
                    "write the condition with ON");
        }
        return fields.getFirst().node();
    }

    private RelNode where(RelNode input, @Nullable Expr where, Scope scope, Environment named) {
        if (where == null) {
            return input;
        }
        List<Expr> conjuncts = conjuncts(where);
        Expressions expressions = new Expressions(rex, scope, "WHERE", null);
        List<RexNode> plain = new ArrayList<>();
        for (Expr conjunct : conjuncts) {
            if (!isSubQuery(conjunct)) {
                plain.add(expressions.condition(conjunct, "WHERE"));
            }
        }
        RelNode result = plain.isEmpty() ? input : filter(input, RexUtil.composeConjunction(rex.builder(), plain));
        for (Expr conjunct : conjuncts) {
            if (isSubQuery(conjunct)) {
                result = semiJoin(result, conjunct, false, scope, expressions, named);
            }
        }
        return result;
    }

    private static List<Expr> conjuncts(Expr where) {
        return where instanceof Expr.Logic logic && logic.and()
                ? logic.operands().stream()
                        .flatMap(operand -> conjuncts(operand).stream())
                        .toList()
                : List.of(where);
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
            RelNode left, Expr conjunct, boolean negated, Scope scope, Expressions expressions, Environment named) {
        return switch (conjunct) {
            case Expr.Not not -> semiJoin(left, not.operand(), !negated, scope, expressions, named);
            case Expr.Exists exists -> semiJoin(left, exists.at(), List.of(), exists.query(), negated, scope, named);
            case Expr.InQuery in -> {
                List<Expr> operands = in.operand() instanceof Expr.Row row ? row.items() : List.of(in.operand());
                List<RexNode> sides = operands.stream().map(expressions::of).toList();
                yield semiJoin(left, in.at(), sides, in.query(), negated != in.negated(), scope, named);
            }
            default -> throw new IllegalStateException(conjunct.toString());
        };
    }

    private RelNode semiJoin(
            RelNode left,
            Position at,
            List<RexNode> operands,
            Query query,
            boolean negated,
            Scope scope,
            Environment named) {
        Output within = output(query, scope, named);
        if (!operands.isEmpty() && within.names.size() != operands.size()) {
            throw new Refused(
                    at,
                    "the subquery has " + within.names.size() + " columns, to compare with " + operands.size(),
                    "select as many");
        }
        int width = left.getRowType().getFieldCount();
        Decorrelation.Pulled right;
        try {
            right = new Decorrelation(Set.of(scope.id()), width, rex.builder()).pull(within.rel);
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
