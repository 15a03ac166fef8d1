package io.millrace.source.reader;

import io.millrace.schemas.Lsn;
import io.millrace.schemas.TableName;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the log says, in commit order: {@link Begin}, then the transaction's events in their order, then {@link Commit};
 * transactions never interleave. Values are of the Java types that {@link io.millrace.schemas.row.PgType.Kind} names.
 */
public sealed interface LogEvent {
    /** In the place of a large value that an update did not touch, and that the log therefore does not hold. */
    enum Unchanged {
        UNCHANGED
    }

    record Begin(long xid) implements LogEvent {}

    /** Who acts in the open transaction. */
    record Actor(String name) implements LogEvent {}

    /** A new day begins for the views. */
    record Clock(LocalDate today) implements LogEvent {}

    /** @param columns names of the row's values, the same instance as long as the table's columns are the same */
    record Insert(
            TableName table, List<String> columns, @Nullable Object[] row) implements LogEvent {}

    /** The key is unchanged: an update that changes it is a {@link Delete} and an {@link Insert}. */
    record Update(
            TableName table, List<String> columns, @Nullable Object[] row) implements LogEvent {}

    /** @param row only the key's columns are known */
    record Delete(
            TableName table, List<String> columns, @Nullable Object[] row) implements LogEvent {}

    record Truncate(TableName table) implements LogEvent {}

    /** @param end position after the commit: what is to be confirmed */
    record Commit(Lsn end, Instant committedAt) implements LogEvent {}

    /** The log has come to this position, outside any transaction. */
    record Reached(Lsn position) implements LogEvent {}
}
