package io.millrace.views.sql;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An expression as it is written. */
public sealed interface Expr {
    Position at();

    /** A column, perhaps with its table, and that one's schema. */
    record Name(Position at, List<String> parts) implements Expr {}

    /** Null, a truth value, a number, or a text whose type is what its surroundings want. */
    record Literal(Position at, Kind kind, String text) implements Expr {
        public enum Kind {
            NULL,
            BOOLEAN,
            NUMBER,
            STRING
        }
    }

    record Cast(Position at, Expr operand, TypeName type) implements Expr {}

    /** @param collation without its schema */
    record Collate(Position at, Expr operand, String collation) implements Expr {}

    record Unary(Position at, String operator, Expr operand) implements Expr {}

    record Binary(Position at, String operator, Expr left, Expr right) implements Expr {}

    /** AND or OR. */
    record Logic(Position at, boolean and, List<Expr> operands) implements Expr {}

    record Not(Position at, Expr operand) implements Expr {}

    /** {@code IS [NOT] NULL}, and so on. */
    record Is(Position at, Expr operand, Test test, boolean negated) implements Expr {
        public enum Test {
            NULL,
            TRUE,
            FALSE,
            UNKNOWN
        }
    }

    record IsDistinct(Position at, Expr left, Expr right, boolean negated) implements Expr {}

    record Between(Position at, Expr operand, Expr low, Expr high, boolean symmetric, boolean negated)
            implements Expr {}

    record InList(Position at, Expr operand, List<Expr> list, boolean negated) implements Expr {}

    record InQuery(Position at, Expr operand, Query query, boolean negated) implements Expr {}

    record Exists(Position at, Query query) implements Expr {}

    /** @param escape null for the default, a backslash */
    record Like(
            Position at,
            Expr operand,
            Expr pattern,
            @Nullable Expr escape,
            boolean insensitive,
            boolean negated) implements Expr {}

    /** @param operand null where each WHEN is a condition */
    record Case(
            Position at,
            @Nullable Expr operand,
            List<When> whens,
            @Nullable Expr otherwise) implements Expr {}

    record When(Expr condition, Expr result) {}

    record Row(Position at, List<Expr> items) implements Expr {}

    /** {@code COALESCE, NULLIF, GREATEST, LEAST}: not functions in Postgres' grammar. */
    record Special(Position at, String name, List<Expr> arguments) implements Expr {}

    /**
     * A function or an aggregate.
     *
     * @param star {@code count(*)}
     */
    record Call(
            Position at,
            String name,
            List<Expr> arguments,
            boolean star,
            boolean distinct,
            List<Order> order,
            @Nullable Expr filter)
            implements Expr {}

    /** Within an aggregate's parentheses. */
    record Order(Expr by, boolean descending, boolean nullsFirst) {}

    /** A subquery as a value. */
    record Value(Position at, Query query) implements Expr {}
}
