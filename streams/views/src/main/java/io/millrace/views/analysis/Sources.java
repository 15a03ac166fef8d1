package io.millrace.views.analysis;

import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Position;
import io.millrace.views.sql.Query;
import io.millrace.views.sql.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.logical.LogicalJoin;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.jspecify.annotations.Nullable;

/** What a query selects from: tables, queries, and their joins. */
final class Sources {
    private final Queries queries;
    private final Rex rex;
    private final Coercion coercion;
    private final Calls calls;
    private final RelOptCluster cluster;
    private final Tables tables;

    Sources(Queries queries, Rex rex, RelOptCluster cluster, Tables tables) {
        this.queries = queries;
        this.rex = rex;
        this.coercion = new Coercion(rex);
        this.calls = new Calls(rex, coercion);
        this.cluster = cluster;
        this.tables = tables;
    }

    Relation from(List<Query.From> parts, @Nullable Scope outer, NamedQueries named) {
        Relation all = source(parts.getFirst(), outer, named);
        for (Query.From part : parts.subList(1, parts.size())) {
            all = cross(all, source(part, outer, named), part.at());
        }
        return all;
    }

    private Relation source(Query.From from, @Nullable Scope outer, NamedQueries named) {
        return switch (from) {
            case Query.From.Table table -> table(table, outer, named);
            case Query.From.Derived derived -> {
                Queries.Output output = queries.output(derived.query(), outer, named);
                yield Relation.of(
                        output.rel(), derived.alias(), renamed(output.names(), derived.columns(), derived.at()));
            }
            case Query.From.Join join -> join(join, outer, named);
        };
    }

    private Relation table(Query.From.Table table, @Nullable Scope outer, NamedQueries named) {
        NamedQueries.Named query = table.schema() == null ? named.get(table.name()) : null;
        if (query == null) {
            return tables.scan(table, cluster);
        }
        Queries.Output output = queries.output(query.query().query(), outer, query.within());
        List<String> columns =
                renamed(output.names(), query.query().columns(), query.query().at());
        return Relation.of(
                output.rel(),
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

    private Relation join(Query.From.Join join, @Nullable Scope outer, NamedQueries named) {
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
                        .conjunction(join.on(), "JOIN/ON");
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
                    .node(join.at());
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
        return fields.getFirst().node(join.at());
    }
}
