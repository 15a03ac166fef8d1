package io.millrace.views.sql;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A query as it is written. */
public sealed interface Query {
    Position at();

    /**
     * One SELECT.
     *
     * @param from parts that are parted by commas; empty without FROM
     */
    record Select(
            Position at,
            boolean distinct,
            List<Item> items,
            List<From> from,
            @Nullable Expr where,
            List<Expr> groupBy,
            @Nullable Expr having)
            implements Query {}

    record Union(Position at, Query left, Query right, boolean all) implements Query {}

    record With(Position at, List<Named> queries, Query body) implements Query {}

    /** A query of WITH. */
    record Named(Position at, String name, List<String> columns, Query query) {}

    /** What is selected. */
    sealed interface Item {
        Position at();

        /** @param alias null where none is written */
        record Value(Position at, Expr expression, @Nullable String alias) implements Item {}

        /** {@code *}, or {@code table.*}. */
        record All(Position at, @Nullable String table) implements Item {}
    }

    /** What is selected from. */
    sealed interface From {
        Position at();

        /** @param schema null where none is written */
        record Table(
                Position at,
                @Nullable String schema,
                String name,
                @Nullable String alias,
                List<String> columns) implements From {}

        record Derived(Position at, Query query, String alias, List<String> columns) implements From {}

        /**
         * A join.
         *
         * @param outer LEFT JOIN
         * @param on null with {@code using}, and of a cross join
         */
        record Join(
                Position at,
                boolean outer,
                From left,
                From right,
                @Nullable Expr on,
                List<String> using) implements From {}
    }
}
