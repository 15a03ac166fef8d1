package io.millrace.operations.audit;

import io.millrace.operations.AnalyticsDatabase;
import io.millrace.schemas.avro.AuditKind;
import io.millrace.schemas.avro.AuditRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@code audit.record}. */
public final class AuditRecords {
    private static final String WHAT = "the audit trail";
    private static final int FETCH_ROWS = 5_000;

    private final AnalyticsDatabase analytics;

    public AuditRecords(AnalyticsDatabase analytics) {
        this.analytics = analytics;
    }

    /** Of each lane. */
    Map<Integer, Long> lastSequences() {
        return analytics.read(WHAT, handle -> {
            Map<Integer, Long> last = new HashMap<>();
            handle.createQuery("SELECT lane, max(sequence) AS sequence FROM audit.record GROUP BY lane")
                    .map((row, context) -> Map.entry(row.getInt("lane"), row.getLong("sequence")))
                    .forEach(lane -> last.put(lane.getKey(), lane.getValue()));
            return last;
        });
    }

    /** Lane by lane, in the order of their numbers. */
    public void forEach(Consumer<AuditRecord> each) {
        // In a transaction, or the driver fetches all of them at once.
        analytics.read(
                WHAT,
                handle -> handle.inTransaction(transaction -> {
                    Iterator<AuditRecord> records = transaction
                            .createQuery(
                                    "SELECT lane, sequence, previous, hash, kind, source, xid, commit_lsn, at, actor,"
                                            + " changes, digest, detail FROM audit.record ORDER BY lane, sequence")
                            .setFetchSize(FETCH_ROWS)
                            .map((row, context) -> read(row))
                            .iterator();
                    records.forEachRemaining(each);
                    return true;
                }));
    }

    /**
     * Records in the order of lanes and numbers.
     *
     * @param lane null for all
     * @param after number of the record before the first, in each lane
     * @param actor null for all
     */
    public List<AuditRecord> page(@Nullable Integer lane, long after, @Nullable String actor, int limit) {
        return analytics.read(
                WHAT,
                handle -> handle.createQuery(
                                "SELECT lane, sequence, previous, hash, kind, source, xid, commit_lsn, at, actor, changes, digest, detail"
                                        + " FROM audit.record WHERE (:lane::int IS NULL OR lane = :lane) AND sequence > :after"
                                        + " AND (:actor::text IS NULL OR actor = :actor) ORDER BY lane, sequence LIMIT :limit")
                        .bind("lane", lane)
                        .bind("after", after)
                        .bind("actor", actor)
                        .bind("limit", limit)
                        .map((row, context) -> read(row))
                        .list());
    }

    private static AuditRecord read(ResultSet row) throws SQLException {
        return new AuditRecord(
                row.getInt("lane"),
                row.getLong("sequence"),
                text(row, "previous"),
                text(row, "hash"),
                AuditKind.valueOf(text(row, "kind").toUpperCase(Locale.ROOT)),
                text(row, "source"),
                row.getLong("xid"),
                row.getLong("commit_lsn"),
                Objects.requireNonNull(row.getObject("at", OffsetDateTime.class))
                        .toInstant(),
                row.getString("actor"),
                row.getLong("changes"),
                text(row, "digest"),
                text(row, "detail"));
    }

    private static String text(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNullElse(row.getString(column), "");
    }
}
