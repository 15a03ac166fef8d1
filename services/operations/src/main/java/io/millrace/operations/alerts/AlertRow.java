package io.millrace.operations.alerts;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * A row of {@code analytics.alert}.
 *
 * @param evidence the violating row: texts by column, as Postgres writes them
 * @param openings how often it opened
 */
public record AlertRow(
        String id,
        int lane,
        long version,
        String control,
        String severity,
        String owner,
        String title,
        String remedy,
        String state,
        boolean violated,
        String lastEvent,
        Instant openedAt,
        String openedLsn,
        @Nullable String openedXid,
        @Nullable String openedBy,
        int openings,
        @Nullable Instant suppressedUntil,
        Map<String, @Nullable String> evidence) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static final String SELECT =
            "SELECT id::text, lane, version, control, severity, owner, title, remedy, state, violated,"
                    + " last_event, opened_at, opened_lsn::text, opened_xid::text, opened_by, openings, suppressed_until,"
                    + " (SELECT json_object_agg(e.key, e.value)::text FROM json_each_text(evidence) e) AS evidence FROM analytics.alert WHERE ";

    /**
     * What happened to an alert.
     *
     * @param by whoever decided; null for what the hub did by itself
     */
    public record Event(
            Instant at,
            String event,
            @Nullable String by,
            @Nullable String reason,
            String title) {}

    /** The beginning of its id, for people. */
    public String shortId() {
        return id.substring(0, 8);
    }

    static AlertRow read(ResultSet row) throws SQLException {
        return new AlertRow(
                text(row, "id"),
                row.getInt("lane"),
                row.getLong("version"),
                text(row, "control"),
                text(row, "severity"),
                text(row, "owner"),
                text(row, "title"),
                text(row, "remedy"),
                text(row, "state"),
                row.getBoolean("violated"),
                text(row, "last_event"),
                Objects.requireNonNull(time(row, "opened_at")),
                text(row, "opened_lsn"),
                row.getString("opened_xid"),
                row.getString("opened_by"),
                row.getInt("openings"),
                time(row, "suppressed_until"),
                evidence(row.getString("evidence")));
    }

    private static Map<String, @Nullable String> evidence(@Nullable String json) {
        return json == null
                ? Map.of()
                : JSON.readValue(json, new TypeReference<LinkedHashMap<String, @Nullable String>>() {});
    }

    static Event readEvent(ResultSet row) throws SQLException {
        return new Event(
                Objects.requireNonNull(time(row, "at")),
                text(row, "event"),
                row.getString("by"),
                row.getString("reason"),
                text(row, "title"));
    }

    private static String text(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNullElse(row.getString(column), "");
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
