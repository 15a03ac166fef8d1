package io.millrace.source.reader;

import io.millrace.schemas.Lsn;
import io.millrace.schemas.row.PgTextParser;
import io.millrace.schemas.row.PgType;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the log says, in commit order: {@link Begin}, then the transaction's events in their order, then {@link Commit};
 * transactions never interleave. Rows are those of captured tables only. Values are of the Java types that {@link io.millrace.schemas.row.PgType.Kind} names, or an
 * {@link Absent}, or {@link Unreadable}.
 */
public sealed interface LogEvent {
    /** In the place of a value that the log does not hold. */
    enum Absent {
        /** A large value that the update did not touch. */
        UNCHANGED,
        /** Of a row that is known by its identifying columns only. */
        UNKNOWN
    }

    /** In the place of a value that its column's kind cannot hold. */
    record Unreadable(String text, String reason) {}

    /** From a value as Postgres wrote it. */
    static Object value(PgType type, String text) {
        try {
            return PgTextParser.parse(type, text);
        } catch (RuntimeException unreadable) {
            return new Unreadable(text, String.valueOf(unreadable.getMessage()));
        }
    }

    /** @param commit position of the commit; null where the reader does not know it yet */
    record Begin(long xid, @Nullable Lsn commit) implements LogEvent {}

    /** Who acts in the open transaction. */
    record Actor(String name) implements LogEvent {}

    /** A new day begins for the views. */
    record Clock(LocalDate today) implements LogEvent {}

    /**
     * The table is this from here on: it has rows in the log for the first time, or was altered since. Also of tables that are not
     * captured, then without columns; in a transaction or outside; not of readers that do not know tables' identities.
     */
    record Described(LogTable table) implements LogEvent {}

    /** @param row values in the order of the table's columns */
    record Insert(LogTable table, @Nullable Object[] row) implements LogEvent {}

    /**
     * @param before the row that it was, at least its identifying columns; null where these are unchanged
     * @param row values in the order of the table's columns
     */
    record Update(
            LogTable table,
            @Nullable Object @Nullable [] before,
            @Nullable Object[] row) implements LogEvent {}

    /** @param row at least the identifying columns are known */
    record Delete(LogTable table, @Nullable Object[] row) implements LogEvent {}

    /** Of all the tables at once. */
    record Truncate(List<LogTable> tables) implements LogEvent {}

    /** @param end position after the commit: what is to be confirmed */
    record Commit(Lsn end, Instant committedAt) implements LogEvent {}

    /** The log has come to this position, outside any transaction. */
    record Reached(Lsn position) implements LogEvent {}
}
