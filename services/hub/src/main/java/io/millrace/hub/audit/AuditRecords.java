package io.millrace.hub.audit;

import io.millrace.hub.config.Database;
import io.millrace.schemas.avro.AuditKind;
import io.millrace.schemas.avro.AuditRecord;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** {@code audit.record}. */
public final class AuditRecords implements AutoCloseable {
    private static final int FETCH_ROWS = 5_000;

    private final Connection connection;

    /** @param connection to the analytics database; closed with this */
    public AuditRecords(Connection connection) throws SQLException {
        this.connection = connection;
        connection.setAutoCommit(false);
    }

    static AuditRecords open(Database analytics) throws SQLException {
        return new AuditRecords(analytics.connect());
    }

    /** Of each lane. */
    Map<Integer, Long> lastSequences() throws SQLException {
        Map<Integer, Long> last = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT lane, max(sequence) FROM audit.record GROUP BY lane")) {
            while (row.next()) {
                last.put(row.getInt(1), row.getLong(2));
            }
        }
        connection.commit();
        return last;
    }

    /** Lane by lane, in the order of their numbers. */
    public void forEach(Consumer<AuditRecord> each) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH_ROWS);
            try (ResultSet row =
                    statement.executeQuery("SELECT lane, sequence, previous, hash, kind, source, xid, commit_lsn,"
                            + " at, actor, changes, digest, detail FROM audit.record ORDER BY lane, sequence")) {
                while (row.next()) {
                    each.accept(read(row));
                }
            }
        }
        connection.commit();
    }

    private static AuditRecord read(ResultSet row) throws SQLException {
        return new AuditRecord(
                row.getInt(1),
                row.getLong(2),
                text(row, 3),
                text(row, 4),
                AuditKind.valueOf(text(row, 5).toUpperCase(Locale.ROOT)),
                text(row, 6),
                row.getLong(7),
                row.getLong(8),
                Objects.requireNonNull(row.getObject(9, OffsetDateTime.class)).toInstant(),
                row.getString(10),
                row.getLong(11),
                text(row, 12),
                text(row, 13));
    }

    private static String text(ResultSet row, int column) throws SQLException {
        return Objects.requireNonNullElse(row.getString(column), "");
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
