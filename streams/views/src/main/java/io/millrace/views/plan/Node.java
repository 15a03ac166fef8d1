package io.millrace.views.plan;

import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A relational operator. Every node yields rows of its {@link #columns}, as {@code Object[]} in that order.
 *
 * <p>{@link #digest} is a canonical text of the node and everything below it: equal digests mean equal results, so state
 * is shared between views and kept over restarts by digest.
 */
public sealed interface Node {
    List<Column> columns();

    String digest();

    /** A short name of {@link #digest}. */
    default String id() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(digest().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The wanted columns of a captured table, with the types that they have in views. */
    record Scan(RelationSchema relation, List<Column> columns, String digest) implements Node {}

    /** Rows for which the condition is true (not false, not null). */
    record Filter(Node input, Expression condition, String digest) implements Node {
        @Override
        public List<Column> columns() {
            return input.columns();
        }
    }

    record Project(Node input, List<Expression> expressions, List<Column> columns, String digest) implements Node {}

    /** What becomes of a left row: joined with each partner, also alone, shown if it has a partner, shown if it has none. */
    enum JoinKind {
        INNER,
        LEFT,
        SEMI,
        ANTI;

        /** Whether right columns are part of the result. */
        public boolean joins() {
            return this == INNER || this == LEFT;
        }
    }

    /**
     * Left columns, then right columns, if the kind joins. Rows match where all key pairs are equal (null equals nothing) and the residual,
     * over the joined row, is true. No keys: every pair matches (only where one side is small).
     */
    record Join(
            Node left,
            Node right,
            JoinKind kind,
            List<Integer> leftKeys,
            List<Integer> rightKeys,
            @Nullable Expression residual,
            List<Column> columns,
            String digest)
            implements Node {}

    /**
     * One row per group: group columns, then one column per call. Without group columns: always exactly one row, also for
     * no input. Groups are equal as Postgres' {@code GROUP BY} has it: null equals null, 1.0 equals 1.00.
     */
    record Aggregate(Node input, List<Integer> groupBy, List<AggregateCall> calls, List<Column> columns, String digest)
            implements Node {}

    record UnionAll(List<Node> inputs, List<Column> columns, String digest) implements Node {}
}
