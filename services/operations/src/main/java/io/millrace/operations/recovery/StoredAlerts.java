package io.millrace.operations.recovery;

import io.millrace.schemas.Lsn;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.AlertEvent;
import io.millrace.schemas.avro.AlertState;
import io.millrace.schemas.avro.Evidence;
import io.millrace.schemas.avro.Severity;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Alerts as {@code analytics.alert} has them, whole. */
final class StoredAlerts {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private StoredAlerts() {}

    static List<Alert> read(Handle handle, String source) {
        return handle.createQuery("SELECT *, id::text AS text_id, opened_lsn::text AS text_lsn FROM analytics.alert"
                        + " WHERE source = :source ORDER BY lane, id")
                .bind("source", source)
                .map((row, context) -> alert(row))
                .list();
    }

    private static Alert alert(ResultSet row) throws SQLException {
        long xid = row.getLong("opened_xid");
        Long openedXid = row.wasNull() ? null : xid;
        return Alert.newBuilder()
                .setId(text(row, "text_id"))
                .setVersion(row.getLong("version"))
                .setSource(text(row, "source"))
                .setLane(row.getInt("lane"))
                .setControl(text(row, "control"))
                .setSeverity(Severity.valueOf(upper(row, "severity")))
                .setOwner(text(row, "owner"))
                .setTitle(text(row, "title"))
                .setRemedy(text(row, "remedy"))
                .setState(AlertState.valueOf(upper(row, "state")))
                .setViolated(row.getBoolean("violated"))
                .setLastEvent(AlertEvent.valueOf(upper(row, "last_event")))
                .setAt(Objects.requireNonNull(time(row, "at")))
                .setBy(row.getString("by"))
                .setReason(row.getString("reason"))
                .setOpenings(row.getInt("openings"))
                .setOpenedLsn(Lsn.parse(text(row, "text_lsn")).value())
                .setOpenedXid(openedXid)
                .setOpenedAt(Objects.requireNonNull(time(row, "opened_at")))
                .setOpenedBy(row.getString("opened_by"))
                .setSuppressedUntil(time(row, "suppressed_until"))
                .setKey(List.copyOf(JSON.readTree(text(row, "key")).propertyNames()))
                .setEvidence(evidence(text(row, "evidence"), row.getString("evidence_types")))
                .build();
    }

    /** @param types null of a row that an older version wrote */
    private static List<Evidence> evidence(String values, @Nullable String types) {
        JsonNode known = types == null ? JSON.createObjectNode() : JSON.readTree(types);
        List<Evidence> evidence = new ArrayList<>();
        for (Map.Entry<String, JsonNode> column : JSON.readTree(values).properties()) {
            evidence.add(new Evidence(
                    column.getKey(),
                    known.path(column.getKey()).asString("text"),
                    column.getValue().isNull() ? null : column.getValue().asString()));
        }
        return evidence;
    }

    private static String upper(ResultSet row, String column) throws SQLException {
        return text(row, column).toUpperCase(Locale.ROOT);
    }

    private static String text(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNull(row.getString(column), column);
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
