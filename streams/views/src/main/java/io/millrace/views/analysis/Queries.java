package io.millrace.views.analysis;

import io.millrace.schemas.row.RelationSchema;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Expr;
import io.millrace.views.sql.Position;
import io.millrace.views.sql.Query;
import io.millrace.views.sql.Refused;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.logical.LogicalAggregate;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalUnion;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.util.ImmutableBitSet;
import org.jspecify.annotations.Nullable;

/** Queries as relational operators. */
public final class Queries {
    private final Rex rex;
    private final Coercion coercion;
    private final Calls calls;
    private final RelOptCluster cluster;
    private final Sources sources;
    private final Conditions conditions;

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

    private Queries(Collection<RelationSchema> relations, RelOptCluster cluster) {
        this.rex = new Rex(cluster.getRexBuilder());
        this.coercion = new Coercion(rex);
        this.calls = new Calls(rex, coercion);
        this.cluster = cluster;
        this.sources = new Sources(this, rex, cluster, new Tables(relations, rex));
        this.conditions = new Conditions(this, rex);
    }

    /** @throws Refused for what Postgres would not take either, or views do not support */
    public static Output analyse(Query query, Collection<RelationSchema> relations, RelOptCluster cluster) {
        return new Queries(relations, cluster).output(query, null, new NamedQueries(Map.of()));
    }

    Output output(Query query, @Nullable Scope outer, NamedQueries named) {
        return finish(selected(query, outer, named), null);
    }

    private Selected selected(Query query, @Nullable Scope outer, NamedQueries named) {
        return switch (query) {
            case Query.Select select -> select(select, outer, named);
            case Query.Union union -> union(union, outer, named);
            case Query.With with -> {
                NamedQueries all = named;
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

    private Selected union(Query.Union union, @Nullable Scope outer, NamedQueries named) {
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

    private Selected select(Query.Select select, @Nullable Scope outer, NamedQueries named) {
        if (select.from().isEmpty()) {
            throw Refused.unsupported(
                    select.at(), "a query without FROM", "select from a captured table, or from clock");
        }
        Relation from = sources.from(select.from(), outer, named);
        Scope scope = new Scope(from, cluster.createCorrel(), outer);
        RelNode input = conditions.where(from.rel(), select.where(), scope, named);
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
                        columns.add(rex.at(all.at(), field.node(all.at())));
                        names.add(field.name());
                        places.add(all.at());
                    });
            }
        }
        Expr filtered = select.having();
        RexNode having = filtered == null ? null : items.conjunction(filtered, "HAVING");
        List<RexNode> groups = groups(select, scope, columns, names);
        if (groups.isEmpty() && having == null && aggregates.found().isEmpty()) {
            return new Selected(input, columns, names, places, select.distinct());
        }
        if (groups.isEmpty() && aggregates.found().isEmpty()) {
            // A group of all rows, of which HAVING asks nothing: an aggregation has to have something.
            aggregates.add(new Expr.Call(select.at(), "count", List.of(), true, false, List.of(), null), scope);
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
                                : "a constant in GROUP BY that is not a position",
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
}
