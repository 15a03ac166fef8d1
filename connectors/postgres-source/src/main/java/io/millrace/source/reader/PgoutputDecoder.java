package io.millrace.source.reader;

import io.millrace.schemas.Lsn;
import io.millrace.schemas.TableName;
import io.millrace.schemas.row.PgType;
import io.millrace.source.ColumnChoice;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Messages of {@code pgoutput} as log events. A transaction in which nothing of the publication happened is none: it leaves out
 * its begin and commit. Not thread-safe.
 */
final class PgoutputDecoder {
    private static final int IN_IDENTITY = 1;
    private static final int TRANSACTIONAL = 1;

    private final ColumnTypes types;
    private final Set<TableName> captured;
    private final ColumnChoice choice;
    private final Consumer<LogEvent> events;
    private final Map<Integer, Layout> tables = new HashMap<>();
    private LogEvent.@Nullable Begin pending;
    private boolean inTransaction;

    /**
     * @param types of the captured columns, in their order
     * @param captured of all columns of the message, whether they are; without any, the table is not captured
     */
    private record Layout(LogTable table, PgType[] types, boolean[] captured) {
        boolean isCaptured() {
            return types.length > 0;
        }
    }

    PgoutputDecoder(ColumnTypes types, Set<TableName> captured, ColumnChoice choice, Consumer<LogEvent> events) {
        this.types = types;
        this.captured = Set.copyOf(captured);
        this.choice = choice;
        this.events = events;
    }

    /** @throws SQLException if a type could not be looked up */
    void decode(ByteBuffer buffer) throws SQLException {
        PgoutputMessage message = new PgoutputMessage(buffer);
        char kind = message.character();
        switch (kind) {
            case 'B' -> begin(message);
            case 'C' -> commit(message);
            case 'R' -> relation(message);
            case 'I' -> insert(message);
            case 'U' -> update(message);
            case 'D' -> delete(message);
            case 'T' -> truncate(message);
            case 'M' -> logical(message);
            case 'Y', 'O' -> {
                // A type's name, which is looked up, and where a replicated transaction came from.
            }
            default -> throw new IllegalStateException("the log has a message of unknown kind '" + kind + "'");
        }
    }

    private void begin(PgoutputMessage message) {
        Lsn commit = message.lsn();
        message.time();
        pending = new LogEvent.Begin(message.unsigned32(), commit);
    }

    private void commit(PgoutputMessage message) {
        message.flags();
        message.lsn();
        Lsn end = message.lsn();
        if (inTransaction) {
            events.accept(new LogEvent.Commit(end, message.time()));
        }
        inTransaction = false;
        pending = null;
    }

    /** There is something to tell of the transaction. */
    private void start() {
        if (pending != null) {
            events.accept(pending);
            pending = null;
            inTransaction = true;
        }
    }

    private void emit(LogEvent event) {
        start();
        events.accept(event);
    }

    private void relation(PgoutputMessage message) throws SQLException {
        int oid = message.int32();
        TableName name = new TableName(message.name(), message.name());
        message.character();
        int count = message.int16();
        List<LogTable.LogColumn> columns = new ArrayList<>();
        List<PgType> columnTypes = new ArrayList<>();
        boolean[] has = new boolean[count];
        for (int i = 0; i < count; i++) {
            boolean identifying = (message.flags() & IN_IDENTITY) != 0;
            String column = message.name();
            int type = message.int32();
            int modifier = message.int32();
            has[i] = captured.contains(name) && choice.has(name, column);
            if (has[i]) {
                PgType of = types.of(type, modifier);
                columnTypes.add(of);
                columns.add(new LogTable.LogColumn(column, of, identifying));
            }
        }
        LogTable table = new LogTable(name, Integer.toUnsignedLong(oid), columns);
        Layout before = tables.get(oid);
        // The same columns may be at other places of the message.
        if (before == null || !before.table.equals(table) || !Arrays.equals(before.captured, has)) {
            LogTable same = before != null && before.table.equals(table) ? before.table : table;
            tables.put(oid, new Layout(same, columnTypes.toArray(PgType[]::new), has));
            events.accept(new LogEvent.Described(same));
        }
    }

    private Layout layout(PgoutputMessage message) {
        int oid = message.int32();
        Layout layout = tables.get(oid);
        if (layout == null) {
            throw new IllegalStateException("the log has a row of table " + oid + ", which it did not describe");
        }
        return layout;
    }

    private void insert(PgoutputMessage message) {
        Layout layout = layout(message);
        if (layout.isCaptured()) {
            message.character();
            emit(new LogEvent.Insert(layout.table, tuple(message, layout, false)));
        }
    }

    private void update(PgoutputMessage message) {
        Layout layout = layout(message);
        if (!layout.isCaptured()) {
            return;
        }
        @Nullable Object[] before = null;
        char part = message.character();
        if (part != 'N') {
            before = tuple(message, layout, part == 'K');
            message.character();
        }
        emit(new LogEvent.Update(layout.table, before, tuple(message, layout, false)));
    }

    private void delete(PgoutputMessage message) {
        Layout layout = layout(message);
        if (layout.isCaptured()) {
            boolean keyOnly = message.character() == 'K';
            emit(new LogEvent.Delete(layout.table, tuple(message, layout, keyOnly)));
        }
    }

    private void truncate(PgoutputMessage message) {
        int count = message.int32();
        message.flags();
        List<LogTable> truncated = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Layout layout = layout(message);
            if (layout.isCaptured()) {
                truncated.add(layout.table);
            }
        }
        if (!truncated.isEmpty()) {
            emit(new LogEvent.Truncate(truncated));
        }
    }

    private void logical(PgoutputMessage message) {
        boolean transactional = (message.flags() & TRANSACTIONAL) != 0;
        Lsn position = message.lsn();
        String prefix = message.name();
        String content = message.text(message.int32());
        if (!transactional) {
            // It comes at its own place, between transactions.
            events.accept(new LogEvent.Reached(position));
            return;
        }
        if (LogMessages.isOwn(prefix)) {
            start();
        }
        LogEvent event = LogMessages.event(prefix, content);
        if (event != null) {
            emit(event);
        }
    }

    private static @Nullable Object[] tuple(PgoutputMessage message, Layout layout, boolean keyOnly) {
        int count = message.int16();
        @Nullable Object[] row = new @Nullable Object[layout.types.length];
        int at = 0;
        for (int i = 0; i < count; i++) {
            char kind = message.character();
            if (!layout.captured[i]) {
                if (kind == 't') {
                    message.skip(message.int32());
                }
                continue;
            }
            row[at] = switch (kind) {
                case 'n' -> keyOnly && !layout.table.columns().get(at).identifying() ? LogEvent.Absent.UNKNOWN : null;
                case 'u' -> LogEvent.Absent.UNCHANGED;
                default -> LogEvent.value(layout.types[at], message.text(message.int32()));
            };
            at++;
        }
        return row;
    }
}
