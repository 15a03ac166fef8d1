package io.millrace.source.publish;

import io.millrace.schemas.Lane;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.TableName;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.SourceDefinition;
import io.millrace.source.server.CapturedTables;
import io.millrace.source.server.SourceServer;
import io.millrace.source.server.TableForms;
import io.millrace.source.snapshot.Snapshot;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tables that are to be read again, while the stream goes on. A snapshot is opened, and used once the stream has come to its
 * position: then it is right for every row but those that a transaction has changed since which the snapshot does not see, and
 * of these the stream has told. Not thread-safe.
 */
final class Reread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reread.class);
    private static final int RECENT_TRANSACTIONS = 10_000;

    /** In the place of a transaction's id: its rows are read from a snapshot. */
    private static final long READ = 0;

    private final SourceServer server;
    private final SourceDefinition definition;
    private final Set<TableName> tables = new LinkedHashSet<>();

    /** Of the tables' rows that the stream has changed since they are to be read, the last transaction. */
    private final Map<Place, Long> changes = new HashMap<>();

    /** Of these, those of which the log left out values that were nowhere to be found. */
    private final Map<Place, Long> incomplete = new HashMap<>();

    /** Of the stream, the newest ones before that. */
    private final Deque<Long> recent = new ArrayDeque<>();

    private @Nullable Ready ready;
    private long opened;

    private record Place(TableName table, Lane lane, RowKey key) {}

    /** The tables as the snapshot has them. */
    record Ready(Snapshot snapshot, Map<TableName, RelationSchema> relations, Map<TableName, Long> forms) {}

    Reread(SourceServer server, SourceDefinition definition) {
        this.server = server;
        this.definition = definition;
    }

    /** Begins again, should a snapshot be open already. */
    void request(Set<TableName> wanted) {
        if (tables.addAll(wanted)) {
            close();
        }
    }

    boolean wanted() {
        return !tables.isEmpty();
    }

    Set<TableName> tables() {
        return Set.copyOf(tables);
    }

    void seen(long xid) {
        if (xid != READ && tables.isEmpty()) {
            recent.addLast(xid);
            if (recent.size() > RECENT_TRANSACTIONS) {
                recent.removeFirst();
            }
        }
    }

    void changed(TableName table, Lane lane, byte[] key, long xid) {
        if (xid != READ && tables.contains(table)) {
            Place place = new Place(table, lane, new RowKey(key));
            changes.put(place, xid);
            incomplete.remove(place);
        }
    }

    /** A row that the stream could not tell whole: its table has to be read, by a snapshot that sees the transaction. */
    void incomplete(TableName table, Lane lane, byte[] key, long xid) {
        request(Set.of(table));
        Place place = new Place(table, lane, new RowKey(key));
        changes.put(place, xid);
        incomplete.put(place, xid);
    }

    /** What the open snapshot has of the table is no more. */
    void truncated(TableName table) {
        if (tables.contains(table)) {
            close();
        }
    }

    /**
     * Opens the snapshot if it is not open.
     *
     * @return whether the stream can come to its position now
     */
    boolean open() throws SQLException {
        if (ready != null) {
            return true;
        }
        Snapshot snapshot = Snapshot.now(server, tables);
        try {
            // A commit is in the log a moment before snapshots see it.
            boolean ahead = recent.stream().anyMatch(xid -> !snapshot.sees(xid));
            if (ahead || lacks(snapshot)) {
                snapshot.close();
                return false;
            }
            opened = System.nanoTime();
            ready = new Ready(
                    snapshot,
                    CapturedTables.read(snapshot.connection(), definition),
                    TableForms.read(snapshot.connection(), definition, List.copyOf(tables)));
            return true;
        } catch (SQLException | RuntimeException failed) {
            snapshot.close();
            throw failed;
        }
    }

    /** Whether the stream cannot tell of a row what the snapshot does not know. */
    private boolean lacks(Snapshot snapshot) {
        return incomplete.values().stream().anyMatch(xid -> !snapshot.sees(xid));
    }

    /** Whether the snapshot has been open for longer than this. */
    boolean isOpenFor(Duration limit) {
        return ready != null && System.nanoTime() - opened > limit.toNanos();
    }

    /** The snapshot, once the stream has come to its position; null before. */
    @Nullable Ready ready(Lsn reached) {
        Ready opened = ready;
        if (opened == null || opened.snapshot.position().isAfter(reached)) {
            return null;
        }
        if (lacks(opened.snapshot)) {
            close();
            return null;
        }
        return opened;
    }

    /** Whether the stream has told of the row what the snapshot does not know. */
    boolean isNewer(Ready opened, TableName table, Lane lane, byte[] key) {
        Long xid = changes.get(new Place(table, lane, new RowKey(key)));
        return xid != null && !opened.snapshot.sees(xid);
    }

    /** The tables are read, and published. */
    void done() {
        close();
        tables.clear();
        changes.clear();
        incomplete.clear();
    }

    /** Closes the snapshot; what is wanted stays wanted. */
    @Override
    public void close() {
        if (ready != null) {
            try {
                ready.snapshot.close();
            } catch (SQLException alreadyEnded) {
                LOG.debug("closing a snapshot, which was for reading only", alreadyEnded);
            }
            ready = null;
        }
    }
}
