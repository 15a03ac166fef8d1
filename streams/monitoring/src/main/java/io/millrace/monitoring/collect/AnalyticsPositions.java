package io.millrace.monitoring.collect;

import io.millrace.schemas.Topics;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** How far the analytics database is, and what keeps it. */
final class AnalyticsPositions implements AutoCloseable {
    private static final String SESSION = "millrace-sink";

    private static final String MAILS_SETTLED =
            "SELECT max(changed_at) FROM notifications.delivery WHERE state = 'accepted'";
    private static final String MAILS_DUE =
            "SELECT count(*) OVER (), created_at, coalesce(detail, '') FROM notifications.delivery"
                    + " WHERE state = 'pending' AND not_before <= clock_timestamp() + interval '3 s' ORDER BY created_at LIMIT 1";
    private static final String QUESTIONS_SETTLED =
            "SELECT max(changed_at) FROM enrichment.question WHERE state NOT IN ('pending', 'asking', 'deferred')";
    private static final String QUESTIONS_DUE =
            "SELECT count(*) OVER (), due_at, coalesce(detail, '') FROM enrichment.question"
                    + " WHERE state IN ('pending', 'asking', 'deferred') AND due_at <= clock_timestamp() ORDER BY due_at LIMIT 1";

    private final Database database;
    private final String viewUpdates;

    /**
     * @param next offsets of the topics that are applied, by partition
     * @param sinks whether somebody applies them
     * @param waits what the sink's session waits for; empty if for nothing
     * @param answered how long the database took to answer
     * @param mail null if there is no ledger of mails
     * @param questions to an LLM; null if there is no ledger of them
     */
    record Position(
            Map<TopicPartition, Long> next,
            boolean sinks,
            String waits,
            Duration answered,
            @Nullable Ledger mail,
            @Nullable Ledger questions) {}

    /**
     * What is due in a ledger. A mail whose recipient is to be tried later is not.
     *
     * @param settled when the last was done with; null if none was yet
     * @param oldest since when the first of them is due; null if there is none
     * @param reason what the last try of the first of them came to; empty if none was tried
     * @param workers whether somebody is at work
     */
    record Ledger(
            long waiting,
            @Nullable Instant settled,
            @Nullable Instant oldest,
            String reason,
            boolean workers) {}

    AnalyticsPositions(Database.Server server, Topics topics, Duration limit) {
        this.database = new Database(server, limit);
        this.viewUpdates = topics.viewUpdates().name();
    }

    Position read() throws SQLException {
        return database.read(this::read);
    }

    private Position read(Connection connection) throws SQLException {
        long begun = System.nanoTime();
        try (Statement statement = connection.createStatement()) {
            boolean mails = exists(statement, "notifications.delivery");
            Duration answered = Duration.ofNanos(System.nanoTime() - begun);
            Map<TopicPartition, Long> next = new HashMap<>();
            if (exists(statement, "analytics.topic_position")) {
                offsets(statement, next);
            }
            String waits = waits(statement);
            return new Position(
                    next,
                    sessions(statement, SESSION),
                    waits,
                    answered,
                    mails ? ledger(statement, "millrace-notifications", MAILS_SETTLED, MAILS_DUE) : null,
                    exists(statement, "enrichment.question")
                            ? ledger(statement, "millrace-enrichment", QUESTIONS_SETTLED, QUESTIONS_DUE)
                            : null);
        }
    }

    private static boolean exists(Statement statement, String table) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT to_regclass('" + table + "') IS NOT NULL")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private void offsets(Statement statement, Map<TopicPartition, Long> next) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT '" + viewUpdates
                + "', o.lane - 1, o.next FROM analytics.position, unnest(next_offsets) WITH ORDINALITY AS o (next, lane)"
                + " UNION ALL SELECT topic, partition, next_offset FROM analytics.topic_position")) {
            while (row.next()) {
                next.put(new TopicPartition(row.getString(1), row.getInt(2)), row.getLong(3));
            }
        }
    }

    private static boolean sessions(Statement statement, String application) throws SQLException {
        try (ResultSet row = statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = '"
                        + application + "'")) {
            return row.next() && row.getLong(1) > 0;
        }
    }

    private static String waits(Statement statement) throws SQLException {
        try (ResultSet row =
                statement.executeQuery("SELECT format('its session %s waits for a lock since %s s, held by %s', a.pid,"
                        + " extract(epoch FROM clock_timestamp() - a.query_start)::int, coalesce((SELECT string_agg(format('session %s (%s)',"
                        + " b.pid, coalesce(nullif(b.application_name, ''), b.usename)), ', ') FROM pg_stat_activity b"
                        + " WHERE b.pid = ANY (pg_blocking_pids(a.pid))), 'nobody any more')) FROM pg_stat_activity a"
                        + " WHERE a.datname = current_database() AND a.application_name = '" + SESSION
                        + "' AND a.wait_event_type = 'Lock' ORDER BY a.query_start LIMIT 1")) {
            return row.next() ? row.getString(1) : "";
        }
    }

    /** @param due query of how many there are, since when the first is due, and what its last try came to */
    private static Ledger ledger(Statement statement, String application, String settled, String due)
            throws SQLException {
        boolean workers = sessions(statement, application);
        Instant last;
        try (ResultSet row = statement.executeQuery(settled)) {
            row.next();
            OffsetDateTime at = row.getObject(1, OffsetDateTime.class);
            last = at == null ? null : at.toInstant();
        }
        try (ResultSet row = statement.executeQuery(due)) {
            return row.next()
                    ? new Ledger(
                            row.getLong(1),
                            last,
                            row.getObject(2, OffsetDateTime.class).toInstant(),
                            row.getString(3),
                            workers)
                    : new Ledger(0, last, null, "", workers);
        }
    }

    @Override
    public void close() {
        database.close();
    }
}
