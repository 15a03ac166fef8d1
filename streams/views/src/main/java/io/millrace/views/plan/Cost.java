package io.millrace.views.plan;

import java.util.List;
import java.util.stream.Stream;

/** What a part of a query keeps in memory, and what a change costs there. {@code docs/sql.md} lists them all, from here. */
public enum Cost {
    FILTER("`WHERE`, `HAVING`", Cost.NOTHING, "the changed row"),
    PROJECTION("`SELECT` of expressions, functions", Cost.NOTHING, "the changed row"),
    UNION_ALL("`UNION ALL`", Cost.NOTHING, "the changed row"),
    JOIN("`JOIN`", "the rows of both sides", "the partners of the changed row"),
    LEFT_JOIN(
            "`LEFT JOIN`",
            "the rows of both sides",
            "the partners of the changed row; of a right row, every left row with its key"),
    SEMI_JOIN(
            "`EXISTS`, `IN (SELECT …)`, and with `NOT`",
            "the rows of both sides",
            "of a left row, its partners; of a right row, every left row with its key (of `NOT IN` over a nullable column, every left row)"),
    CROSS_JOIN("`CROSS JOIN`, a join without an equation", "the rows of both sides", "every row of the other side"),
    GROUPS("`GROUP BY`, `DISTINCT`, `UNION`", "its groups", "the group of the changed row"),
    SUMS("`COUNT`, `SUM`, `AVG`", "a few numbers a group", "an addition"),
    EXTREMES("`MIN`, `MAX`", "every value, with how often it is there", "a look-up in a sorted map"),
    DISTINCT_VALUES("an aggregate with `DISTINCT`", "every distinct value", "a look-up in a map"),
    ORDERED("`weighted_average_cost`", "every row", "the movements after the changed one: none for the newest");

    /** {@link #keeps} of what has no state. */
    public static final String NOTHING = "nothing";

    private final String sql;
    private final String keeps;
    private final String change;

    Cost(String sql, String keeps, String change) {
        this.sql = sql;
        this.keeps = keeps;
        this.change = change;
    }

    /** How it is written in a view. */
    public String sql() {
        return sql;
    }

    /** What it has in memory. */
    public String keeps() {
        return keeps;
    }

    /** What a changed row makes it look at. */
    public String change() {
        return change;
    }

    /** Of a node without what is below it: the node itself first, then its aggregates. Empty for a table. */
    public static List<Cost> of(Node node) {
        return switch (node) {
            case Node.Scan ignored -> List.of();
            case Node.Filter ignored -> List.of(FILTER);
            case Node.Project ignored -> List.of(PROJECTION);
            case Node.UnionAll ignored -> List.of(UNION_ALL);
            case Node.Join join -> List.of(of(join));
            case Node.Aggregate aggregate ->
                Stream.concat(Stream.of(GROUPS), aggregate.calls().stream().map(Cost::of))
                        .distinct()
                        .toList();
        };
    }

    private static Cost of(Node.Join join) {
        return switch (join.kind()) {
            case INNER -> join.leftKeys().isEmpty() ? CROSS_JOIN : JOIN;
            case LEFT -> join.leftKeys().isEmpty() ? CROSS_JOIN : LEFT_JOIN;
            case SEMI, ANTI -> SEMI_JOIN;
        };
    }

    private static Cost of(AggregateCall call) {
        if (call.distinct()) {
            return DISTINCT_VALUES;
        }
        return switch (call.function()) {
            case COUNT, SUM, AVG -> SUMS;
            case MIN, MAX -> EXTREMES;
            case WEIGHTED_AVERAGE_COST -> ORDERED;
        };
    }
}
