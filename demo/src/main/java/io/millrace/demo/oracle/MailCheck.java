package io.millrace.demo.oracle;

import io.millrace.hub.mail.NotifyCommand;
import io.millrace.monitoring.alert.DirectAlarm;
import io.millrace.notifications.ledger.Delivery;
import io.millrace.notifications.route.Route;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.AlertEvent;
import io.millrace.schemas.avro.AlertState;
import io.millrace.schemas.registry.SchemaRegistry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.serialization.Deserializer;

/** Is every alert that has a route a mail that can be read, once, and every mail an alert? */
final class MailCheck {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int EXAMPLES = 3;

    private final AlertCheck.Analyst analytics;
    private final List<Route> routes;
    private final Path folder;
    private final Topic<String, Alert> topic;
    private final CommittedTopic alerts;

    MailCheck(
            AlertCheck.Analyst analytics,
            List<Route> routes,
            Path folder,
            KafkaServers kafkaServers,
            int lanes,
            SchemaRegistry registry) {
        this.analytics = analytics;
        this.routes = routes;
        this.folder = folder;
        this.topic = new Topics(registry).alerts();
        this.alerts = CommittedTopic.of(kafkaServers, topic.name(), lanes);
    }

    /** After the alerts are complete. */
    boolean finish(PrintWriter out) throws SQLException {
        Set<String> told = told();
        try (Connection connection = analytics.connect()) {
            awaitDeliveries(connection, told);
            Set<String> wanted = mails(connection, told);
            Set<String> unsure =
                    ids(connection, "SELECT id FROM notifications.delivery WHERE state = 'unknown' OR maybe_again");
            Map<String, Integer> read = new HashMap<>();
            new MailFolder(folder)
                    .all().stream()
                            .filter(mail -> !mail.delivery().startsWith(NotifyCommand.TEST)
                                    && !mail.delivery().startsWith(DirectAlarm.MAIL))
                            .forEach(mail -> read.merge(mail.delivery(), 1, Integer::sum));
            List<String> examples = new ArrayList<>();
            long missing = 0;
            long surplus = 0;
            for (String id : wanted) {
                int times = read.getOrDefault(id, 0);
                if (times != 1 && !unsure.contains(id)) {
                    missing += times == 0 ? 1 : 0;
                    surplus += Math.max(0, times - 1);
                    examples.add(times + " mails of delivery " + id);
                }
            }
            for (String id : read.keySet()) {
                if (!wanted.contains(id)) {
                    surplus++;
                    examples.add("a mail that no alert made: " + id);
                }
            }
            boolean equal = Report.print(
                    out,
                    "mails",
                    List.of(new Comparison(
                            "(of alerts with a route)",
                            wanted.size(),
                            read.values().stream().mapToInt(Integer::intValue).sum(),
                            missing + surplus,
                            examples.stream().limit(EXAMPLES).toList())));
            figures(connection, unsure.size(), out);
            return equal;
        }
    }

    /** Ids of the deliveries that the alerts make. */
    private Set<String> told() {
        Deserializer<Alert> values = topic.values().deserializer();
        Set<String> deliveries = new HashSet<>();
        alerts.read(record -> {
            Alert alert = values.deserialize(record.topic(), record.value());
            boolean mailed = alert != null
                    && alert.getState() == AlertState.OPEN
                    && Set.of(AlertEvent.OPENED, AlertEvent.REOPENED, AlertEvent.LAPSED)
                            .contains(alert.getLastEvent());
            if (mailed) {
                for (Route route : routes) {
                    if (route.matches(alert)) {
                        route.recipients(alert)
                                .forEach(recipient -> deliveries.add(Delivery.id(
                                        alert.getId() + ":" + alert.getVersion(), recipient, route.template())));
                    }
                }
            }
        });
        return deliveries;
    }

    /** Ids of the mails to be read: digests in the place of what is in them, nothing of what its recipient does not want. */
    private static Set<String> mails(Connection connection, Set<String> told) throws SQLException {
        Set<String> mails = new HashSet<>(told);
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT d.id, d.digest, EXISTS (SELECT FROM notifications.suppression s"
                                + " WHERE s.recipient = lower(d.recipient) AND s.route IN ('', d.route) AND s.created_by <> 'millrace')"
                                + " AND 'suppressed' IN (d.state, g.state) OR d.state = 'gathering' FROM notifications.delivery d"
                                + " LEFT JOIN notifications.delivery g ON g.id = d.digest")) {
            while (row.next()) {
                String digest = row.getString(2);
                if (row.getBoolean(3)) {
                    mails.remove(row.getString(1));
                } else if (digest != null && mails.remove(row.getString(1))) {
                    mails.add(digest);
                }
            }
        }
        return mails;
    }

    private static void awaitDeliveries(Connection connection, Set<String> told) throws SQLException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            Set<String> settled = ids(
                    connection,
                    "SELECT d.id FROM notifications.delivery d LEFT JOIN notifications.delivery g ON g.id = d.digest,"
                            + " LATERAL (SELECT coalesce(g.state, d.state)) AS s (state)"
                            + " WHERE s.state IN ('accepted', 'failed', 'suppressed') OR s.state = 'unknown' AND d.importance = 'normal'"
                            + " OR d.state = 'gathering' AND d.not_before > clock_timestamp() + interval '1 min'");
            if (settled.containsAll(told)) {
                return;
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private static Set<String> ids(Connection connection, String sql) throws SQLException {
        Set<String> ids = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                ids.add(row.getString(1));
            }
        }
        return ids;
    }

    private static void figures(Connection connection, int unsure, PrintWriter out) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*),"
                        + " coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY ms), 0)::bigint,"
                        + " coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY ms), 0)::bigint"
                        + " FROM (SELECT extract(epoch FROM a.ended_at - d.committed_at) * 1000 AS ms FROM notifications.delivery d"
                        + " JOIN notifications.attempt a ON a.delivery = d.id AND a.number = d.attempts"
                        + " WHERE d.state = 'accepted') x")) {
            row.next();
            out.println(String.format(
                    Locale.ROOT,
                    "%,d mails accepted, commit to acceptance p50 %,d ms, p99 %,d ms; %d of unknown outcome, or sent once more after it",
                    row.getLong(1),
                    row.getLong(2),
                    row.getLong(3),
                    unsure));
        }
    }
}
