package io.millrace.sink;

import io.millrace.schemas.avro.AuditRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;

/** {@code audit.record}, to which rows are only added. */
final class AuditTable implements TopicSession.Table<AuditRecord> {
    @Override
    public void write(Connection connection, List<AuditRecord> values) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO audit.record (lane, sequence, previous, hash, kind, source, xid, commit_lsn, at, actor, changes, digest,"
                        + " detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (AuditRecord record : values) {
                insert.setInt(1, record.getLane());
                insert.setLong(2, record.getSequence());
                insert.setString(3, record.getPrevious());
                insert.setString(4, record.getHash());
                insert.setString(5, record.getKind().name().toLowerCase(Locale.ROOT));
                insert.setString(6, record.getSource());
                insert.setLong(7, record.getXid());
                insert.setLong(8, record.getCommitLsn());
                insert.setObject(9, record.getAt().atOffset(ZoneOffset.UTC));
                insert.setString(10, record.getActor());
                insert.setLong(11, record.getChanges());
                insert.setString(12, record.getDigest());
                insert.setString(13, record.getDetail());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }
}
