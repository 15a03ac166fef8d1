package io.millrace.demo.oracle;

import io.millrace.demo.trade.CommittedMisdeed;
import java.io.PrintWriter;
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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** Is every misdeed an alert, with the transaction that did it, and every alert a misdeed? */
public final class AlertCheck {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int EXAMPLES = 3;

    private final Analyst analytics;
    private final ViolationsTopic violations;
    private final Set<String> before;

    /** A connection to the analytics database. */
    public interface Analyst {
        Connection connect() throws SQLException;
    }

    private record Found(
            String control,
            Map<String, String> key,
            @Nullable String actor,
            long xid) {}

    private AlertCheck(Analyst analytics, ViolationsTopic violations, Set<String> before) {
        this.analytics = analytics;
        this.violations = violations;
        this.before = before;
    }

    /** Before anybody does wrong. */
    public static AlertCheck begin(Analyst analytics, ViolationsTopic violations) throws SQLException {
        try (Connection connection = analytics.connect()) {
            return new AlertCheck(analytics, violations, Set.copyOf(ids(connection)));
        }
    }

    private static List<String> ids(Connection connection) throws SQLException {
        List<String> ids = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id::text FROM analytics.alert")) {
            while (row.next()) {
                ids.add(row.getString(1));
            }
        }
        return ids;
    }

    /** After everything that was done is in the views. */
    public boolean finish(List<CommittedMisdeed> misdeeds, PrintWriter out) throws SQLException {
        return finish(misdeeds, xid -> false, out);
    }

    /** @param byOthers whether a transaction is of somebody who works on the source by hand: what it violates is not compared */
    boolean finish(List<CommittedMisdeed> misdeeds, LongPredicate byOthers, PrintWriter out) throws SQLException {
        Set<String> violated = violations.everViolated();
        try (Connection connection = analytics.connect()) {
            awaitAlerts(connection, violated);
            boolean equal = Report.print(out, "alerts", compare(misdeeds, found(connection, byOthers)));
            latency(connection, out);
            return equal;
        }
    }

    private static void awaitAlerts(Connection connection, Set<String> violated) throws SQLException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!ids(connection).containsAll(violated) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private List<Found> found(Connection connection, LongPredicate byOthers) throws SQLException {
        Map<String, Found> byId = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT a.id::text, control, k.key, k.value, opened_by, coalesce(opened_xid, 0) FROM analytics.alert a,"
                                + " json_each_text(a.key) k WHERE control <> 'pipeline'")) {
            while (row.next()) {
                String id = row.getString(1);
                if (!before.contains(id)) {
                    Found found = new Found(row.getString(2), new TreeMap<>(), row.getString(5), row.getLong(6));
                    byId.computeIfAbsent(id, unseen -> found).key.put(row.getString(3), row.getString(4));
                }
            }
        }
        return byId.values().stream()
                .filter(found -> found.xid == 0 || !byOthers.test(found.xid))
                .toList();
    }

    private static List<Comparison> compare(List<CommittedMisdeed> misdeeds, List<Found> alerts) {
        Set<String> controls = new TreeSet<>();
        misdeeds.forEach(misdeed -> controls.add(misdeed.control()));
        alerts.forEach(alert -> controls.add(alert.control));
        List<Comparison> comparisons = new ArrayList<>();
        for (String control : controls) {
            Set<Found> wanted = new HashSet<>();
            misdeeds.stream()
                    .filter(misdeed -> misdeed.control().equals(control))
                    .forEach(misdeed -> wanted.add(new Found(control, misdeed.key(), misdeed.actor(), misdeed.xid())));
            List<Found> found = alerts.stream()
                    .filter(alert -> alert.control.equals(control))
                    .toList();
            List<String> examples = new ArrayList<>();
            Set<Found> missing = new HashSet<>(wanted);
            found.forEach(missing::remove);
            missing.stream().limit(EXAMPLES).forEach(misdeed -> examples.add("no such alert: " + misdeed));
            List<Found> surplus =
                    found.stream().filter(alert -> !wanted.contains(alert)).toList();
            surplus.stream().limit(EXAMPLES).forEach(alert -> examples.add("nobody did that: " + alert));
            comparisons.add(
                    new Comparison(control, wanted.size(), found.size(), missing.size() + surplus.size(), examples));
        }
        return comparisons.isEmpty() ? List.of(new Comparison("(none)", 0, 0, 0, List.of())) : comparisons;
    }

    private static void latency(Connection connection, PrintWriter out) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*),"
                        + " coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM e.applied_at - e.at) * 1000), 0)::bigint,"
                        + " coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM e.applied_at - e.at) * 1000), 0)::bigint"
                        + " FROM analytics.alert_event e JOIN analytics.alert a ON a.id = e.alert"
                        + " WHERE e.event = 'opened' AND a.opened_xid IS NOT NULL")) {
            row.next();
            out.println(String.format(
                    Locale.ROOT,
                    "%,d alerts opened by transactions, commit to visible alert p50 %,d ms, p99 %,d ms",
                    row.getLong(1),
                    row.getLong(2),
                    row.getLong(3)));
        }
    }
}
