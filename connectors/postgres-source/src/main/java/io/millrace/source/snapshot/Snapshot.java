package io.millrace.source.snapshot;

import io.millrace.schemas.Lsn;
import io.millrace.schemas.TableName;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.reader.LogEvent;
import io.millrace.source.server.SourceServer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** A transaction that sees the database as it was at one moment. */
public final class Snapshot implements AutoCloseable {
    private static final int LOCK_SECONDS = 2;

    private final Connection connection;
    private final Lsn position;
    private final Visible visible;

    private Snapshot(Connection connection, Lsn position, Visible visible) {
        this.connection = connection;
        this.position = position;
        this.visible = visible;
    }

    /** Takes the rows of a table. */
    @FunctionalInterface
    public interface RowConsumer {
        void accept(@Nullable Object[] row);
    }

    /** Creates the slot, and opens the snapshot that goes with it. Waits for transactions that are running now. */
    public static Snapshot createSlot(SourceServer server, String slot) throws SQLException {
        Connection reading = server.connectForValues();
        try (Connection replication = server.connectForReplication();
                Statement create = replication.createStatement();
                ResultSet created = create.executeQuery(
                        "CREATE_REPLICATION_SLOT \"" + slot + "\" LOGICAL pgoutput (SNAPSHOT 'export')")) {
            created.next();
            reading.setAutoCommit(false);
            try (Statement first = reading.createStatement()) {
                first.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
                // From here on the snapshot lives with this transaction; until here, with the other connection.
                first.execute("SET TRANSACTION SNAPSHOT '" + created.getString("snapshot_name") + "'");
            }
            return new Snapshot(reading, Lsn.parse(created.getString("consistent_point")), current(reading).visible);
        } catch (SQLException failed) {
            reading.close();
            throw failed;
        }
    }

    /**
     * Opens a snapshot of now, in which the tables keep their columns: until it is closed, statements that change them wait.
     *
     * @throws SQLException if such a statement is at work on one of the tables; also if one of them is gone
     */
    public static Snapshot now(SourceServer server, Collection<TableName> tables) throws SQLException {
        Connection reading = server.connectForValues();
        try (Statement first = reading.createStatement()) {
            first.execute("SET lock_timeout TO '" + LOCK_SECONDS + "s'");
            reading.setAutoCommit(false);
            first.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            // Before anything that takes the snapshot: it has to see what the statements before the locks did.
            for (TableName table : tables) {
                first.execute("LOCK TABLE " + table.quoted() + " IN ACCESS SHARE MODE");
            }
            return current(reading);
        } catch (SQLException failed) {
            reading.close();
            throw failed;
        }
    }

    private static Snapshot current(Connection reading) throws SQLException {
        try (Statement statement = reading.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text")) {
            row.next();
            return new Snapshot(reading, Lsn.parse(row.getString(2)), Visible.parse(row.getString(1)));
        }
    }

    /** Every transaction that the snapshot sees was committed before; of one that goes with a slot, the stream begins here. */
    public Lsn position() {
        return position;
    }

    /** Whether the snapshot has the changes of a transaction, which is committed by now. */
    public boolean sees(long xid) {
        return visible.sees(xid);
    }

    /** For the catalog as the snapshot has it. */
    public Connection connection() {
        return connection;
    }

    /** Reads every row of a table, in column order. */
    public void read(RelationSchema relation, RowConsumer consumer) throws SQLException {
        List<Column> columns = relation.columns();
        String names = columns.stream()
                .map(column -> '"' + column.name().replace("\"", "\"\"") + '"')
                .collect(Collectors.joining(", "));
        CopyOut copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("COPY (SELECT " + names + " FROM " + relation.name().quoted() + ") TO STDOUT");
        try {
            for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                consumer.accept(parse(columns, new String(line, StandardCharsets.UTF_8)));
            }
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /** @param line of COPY's text format, with its line feed */
    static @Nullable Object[] parse(List<Column> columns, String line) {
        @Nullable Object[] row = new @Nullable Object[columns.size()];
        int at = 0;
        for (int i = 0; i < row.length; i++) {
            int end = at;
            boolean escaped = false;
            while (line.charAt(end) != '\t' && line.charAt(end) != '\n') {
                escaped |= line.charAt(end) == '\\';
                end++;
            }
            String field = line.substring(at, end);
            row[i] = field.equals("\\N")
                    ? null
                    : LogEvent.value(columns.get(i).type(), escaped ? unescape(field) : field);
            at = end + 1;
        }
        return row;
    }

    private static String unescape(String field) {
        StringBuilder plain = new StringBuilder(field.length());
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\\') {
                i++;
                c = switch (field.charAt(i)) {
                    case 'b' -> '\b';
                    case 'f' -> '\f';
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    case 'v' -> '\u000b';
                    default -> field.charAt(i);
                };
            }
            plain.append(c);
        }
        return plain.toString();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
