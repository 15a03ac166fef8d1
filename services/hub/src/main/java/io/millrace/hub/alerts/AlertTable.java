package io.millrace.hub.alerts;

import io.millrace.hub.config.Database;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code analytics.alert} and {@code analytics.alert_event}. */
final class AlertTable implements AutoCloseable {
    private static final Duration CHANGE_LIMIT = Duration.ofSeconds(15);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final Pattern ID = Pattern.compile("[0-9a-fA-F-]{4,36}");
    private static final String COLUMNS =
            "id::text, lane, version, control, severity, owner, title, remedy, state, violated,"
                    + " last_event, opened_at, opened_lsn::text, opened_xid::text, opened_by, openings, suppressed_until,"
                    + " (SELECT string_agg(e.key || ': ' || coalesce(e.value, 'null'), E'\\n') FROM json_each_text(evidence) e)";

    private final Connection connection;
    private final String server;

    /** @param evidence a line for each column */
    record Row(
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
            String evidence) {
        String shortId() {
            return id.substring(0, 8);
        }
    }

    record Event(
            Instant at,
            String event,
            @Nullable String by,
            @Nullable String reason,
            String title) {}

    private AlertTable(Connection connection, String server) {
        this.connection = connection;
        this.server = server;
    }

    static AlertTable open(Database analytics) {
        try {
            return new AlertTable(analytics.connect(), analytics.toString());
        } catch (SQLException failed) {
            throw failure(analytics.toString(), failed);
        }
    }

    private static MillraceException failure(String server, SQLException failed) {
        return new MillraceException(
                Category.EXTERNAL,
                "cannot read the alerts at " + server + ": " + failed.getMessage(),
                "is the database running, and did a hub with role sink ever run on it?",
                failed);
    }

    /** @param state of an alert, or unresolved, or all */
    List<Row> list(String state, @Nullable String control, int limit) {
        String condition = switch (state.toLowerCase(Locale.ROOT)) {
            case "all" -> "true";
            case "unresolved" -> "state <> 'resolved'";
            case "open", "acknowledged", "suppressed", "resolved" -> "state = '" + state.toLowerCase(Locale.ROOT) + "'";
            default ->
                throw new MillraceException(
                        Category.USER,
                        "there is no state " + state,
                        "say open, acknowledged, suppressed, resolved, unresolved or all");
        };
        return select(
                condition + " AND (?::text IS NULL OR control = ?)"
                        + " ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low', 'info'], severity), opened_at DESC LIMIT "
                        + Math.max(0, limit),
                control,
                control);
    }

    /** @param id or its beginning */
    Row find(String id) {
        if (!ID.matcher(id).matches()) {
            throw new MillraceException(
                    Category.USER, "'" + id + "' is no alert's id", "see the ids with 'millrace alerts list'");
        }
        List<Row> found = select("id::text LIKE ? LIMIT 2", id.toLowerCase(Locale.ROOT) + "%");
        if (found.size() != 1) {
            throw new MillraceException(
                    Category.USER,
                    found.isEmpty() ? "there is no alert " + id : "several alerts begin with " + id,
                    "see the ids with 'millrace alerts list --state all', or give more of it");
        }
        return found.getFirst();
    }

    /** Waits until there is another version of an alert. */
    Row awaitChange(Row before) {
        long deadline = System.nanoTime() + CHANGE_LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            Row now = find(before.id);
            if (now.version > before.version) {
                return now;
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        throw new MillraceException(
                Category.EXTERNAL,
                "what you decided about alert " + before.shortId() + " is written, and did not take effect within "
                        + CHANGE_LIMIT.toSeconds() + " s",
                "does a hub run with roles governance and sink? It takes effect when it does");
    }

    private List<Row> select(String condition, @Nullable String... parameters) {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT " + COLUMNS + " FROM analytics.alert WHERE " + condition)) {
            for (int i = 0; i < parameters.length; i++) {
                select.setString(i + 1, parameters[i]);
            }
            List<Row> rows = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows.add(read(row));
                }
            }
            return rows;
        } catch (SQLException failed) {
            throw failure(server, failed);
        }
    }

    private static Row read(ResultSet row) throws SQLException {
        return new Row(
                text(row, 1),
                row.getInt(2),
                row.getLong(3),
                text(row, 4),
                text(row, 5),
                text(row, 6),
                text(row, 7),
                text(row, 8),
                text(row, 9),
                row.getBoolean(10),
                text(row, 11),
                Objects.requireNonNull(time(row, 12)),
                text(row, 13),
                row.getString(14),
                row.getString(15),
                row.getInt(16),
                time(row, 17),
                text(row, 18));
    }

    private static String text(ResultSet row, int column) throws SQLException {
        return Objects.requireNonNullElse(row.getString(column), "");
    }

    private static @Nullable Instant time(ResultSet row, int column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /** What happened to an alert, oldest first. */
    List<Event> events(String id) {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT at, event, \"by\", reason, title FROM analytics.alert_event WHERE alert = ?::uuid ORDER BY version")) {
            select.setString(1, id);
            List<Event> events = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    events.add(new Event(
                            Objects.requireNonNull(time(row, 1)),
                            text(row, 2),
                            row.getString(3),
                            row.getString(4),
                            text(row, 5)));
                }
            }
            return events;
        } catch (SQLException failed) {
            throw failure(server, failed);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException failed) {
            throw failure(server, failed);
        }
    }
}
