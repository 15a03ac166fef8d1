package io.millrace.sink;

import io.millrace.schemas.Lsn;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.Evidence;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code analytics.alert} and {@code analytics.alert_event}. */
final class AlertTables implements TopicSession.Table<Alert> {
    private static final String COLUMNS =
            "id, version, source, lane, control, severity, owner, title, remedy, state, violated, last_event, at, \"by\", reason,"
                    + " openings, opened_lsn, opened_xid, opened_at, opened_by, suppressed_until, key, evidence, evidence_types";
    private static final String VALUES = "?::uuid, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::pg_lsn, ?, ?, ?, ?,"
            + " json_object(?::text[], ?::text[]), json_object(?::text[], ?::text[]), json_object(?::text[], ?::text[])";

    @Override
    public void write(Connection connection, List<Alert> values) throws SQLException {
        try (PreparedStatement alerts = connection.prepareStatement("INSERT INTO analytics.alert (" + COLUMNS
                        + ") VALUES (" + VALUES + ") ON CONFLICT (id) DO UPDATE SET " + assignments());
                PreparedStatement events = connection.prepareStatement(
                        "INSERT INTO analytics.alert_event SELECT id, version, last_event, at, \"by\", reason, state, severity, title,"
                                + " evidence FROM analytics.alert WHERE id = ?::uuid ON CONFLICT DO NOTHING")) {
            for (Alert alert : values) {
                set(alerts, alert);
                alerts.execute();
                events.setString(1, alert.getId());
                events.execute();
            }
        }
    }

    private static String assignments() {
        return String.join(
                ", ",
                java.util.Arrays.stream(COLUMNS.split(",\\s*"))
                        .map(column -> column + " = EXCLUDED." + column)
                        .toList());
    }

    private static void set(PreparedStatement statement, Alert alert) throws SQLException {
        statement.setString(1, alert.getId());
        statement.setLong(2, alert.getVersion());
        statement.setString(3, alert.getSource());
        statement.setInt(4, alert.getLane());
        statement.setString(5, alert.getControl());
        statement.setString(6, lower(alert.getSeverity()));
        statement.setString(7, alert.getOwner());
        statement.setString(8, alert.getTitle());
        statement.setString(9, alert.getRemedy());
        statement.setString(10, lower(alert.getState()));
        statement.setBoolean(11, alert.getViolated());
        statement.setString(12, lower(alert.getLastEvent()));
        time(statement, 13, alert.getAt());
        statement.setString(14, alert.getBy());
        statement.setString(15, alert.getReason());
        statement.setInt(16, alert.getOpenings());
        statement.setString(17, new Lsn(alert.getOpenedLsn()).toString());
        statement.setObject(18, alert.getOpenedXid(), Types.BIGINT);
        time(statement, 19, alert.getOpenedAt());
        statement.setString(20, alert.getOpenedBy());
        time(statement, 21, alert.getSuppressedUntil());
        List<Evidence> key = alert.getKey().stream()
                .map(name -> alert.getEvidence().stream()
                        .filter(column -> column.getName().equals(name))
                        .findFirst()
                        .orElse(new Evidence(name, "text", null)))
                .toList();
        json(statement, 22, 23, key);
        json(statement, 24, 25, alert.getEvidence());
        json(
                statement,
                26,
                27,
                alert.getEvidence().stream()
                        .map(column -> new Evidence(column.getName(), "text", column.getType()))
                        .toList());
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(java.util.Locale.ROOT);
    }

    private static void time(PreparedStatement statement, int index, @Nullable Instant time) throws SQLException {
        statement.setObject(index, time == null ? null : time.atOffset(ZoneOffset.UTC), Types.TIMESTAMP_WITH_TIMEZONE);
    }

    private static void json(PreparedStatement statement, int names, int texts, List<Evidence> columns)
            throws SQLException {
        Connection connection = Objects.requireNonNull(statement.getConnection());
        statement.setArray(
                names,
                connection.createArrayOf(
                        "text", columns.stream().map(Evidence::getName).toArray()));
        statement.setArray(
                texts,
                connection.createArrayOf(
                        "text", columns.stream().map(Evidence::getValue).toArray()));
    }
}
