package io.millrace.monitoring.collect;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The source's log and the slot that keeps it. */
final class SourceLog implements AutoCloseable {
    private final Database database;
    private final String slot;

    /**
     * @param end of the log
     * @param active whether somebody reads the slot; null if there is no slot
     * @param retained bytes of log that the slot keeps
     * @param changes rows that were ever changed in the database
     */
    record Position(long end, @Nullable Boolean active, long retained, String walStatus, long changes) {}

    SourceLog(Database.Server server, String slot, Duration limit) {
        this.database = new Database(server, limit);
        this.slot = slot;
    }

    Position read() throws SQLException {
        return database.read(this::read);
    }

    private Position read(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn, s.active, coalesce(pg_current_wal_flush_lsn() - s.restart_lsn, 0),"
                        + " coalesce(s.wal_status, ''), (SELECT tup_inserted + tup_updated + tup_deleted FROM pg_stat_database"
                        + " WHERE datname = current_database()) FROM (SELECT 1) AS one LEFT JOIN pg_replication_slots s ON s.slot_name = ?")) {
            statement.setString(1, slot);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                boolean active = row.getBoolean(2);
                return new Position(
                        row.getLong(1),
                        row.wasNull() ? null : active,
                        row.getLong(3),
                        row.getString(4),
                        row.getLong(5));
            }
        }
    }

    /** Writes a transaction without rows, which has to come out at the other end. */
    void probe() throws SQLException {
        database.read(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT pg_logical_emit_message(true, 'millrace.heartbeat', '')")) {
                return statement.execute();
            }
        });
    }

    @Override
    public void close() {
        database.close();
    }
}
