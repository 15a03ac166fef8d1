package io.millrace.demo.run;

import io.millrace.demo.erp.ReferenceErp;
import io.millrace.demo.trade.Simulator;
import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.embedded.TraceCollector;
import io.millrace.platform.data.DataDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * How fast the hub works off a backlog, alone on the machine with its servers: trades while it is down, starts it, and looks at the
 * analytics database until everything is there. Run by {@code bench/catch-up}.
 */
final class CatchUpBench {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    /** Of the backlog, until everything is warm. */
    private static final double SKIPPED = 0.4;

    private static final String ROLES = "source, views, governance, sink";

    private CatchUpBench() {}

    /** @param arguments a name for the output, transactions of the backlog, the catalog; {@code traces} to follow every one */
    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        Path catalog = Path.of(given.get(2));
        Path directory = Files.createTempDirectory("catch-up");
        Files.createDirectories(directory.resolve("logs"));
        try (TraceCollector traces = TraceCollector.start(0);
                EmbeddedStack stack = EmbeddedStack.start(
                        DataDirectory.open(directory),
                        false,
                        Set.of(EmbeddedStack.Part.values()),
                        EmbeddedKafka.Place.BesideThisJvm.withThisClassPath())) {
            String erp = stack.postgres().jdbcUrl("erp");
            ReferenceErp.migrate(erp, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
            String endpoint = given.contains("traces") ? traces.endpoint() : "";
            try (Simulator simulator = Simulator.prepare(
                    erp,
                    EmbeddedPostgres.USER,
                    EmbeddedPostgres.PASSWORD,
                    new Simulator.Options(Double.POSITIVE_INFINITY, 4, 7, Long.parseLong(given.get(1)) / 4))) {
                try (HubChild first = HubChild.start(stack, directory, catalog, ROLES, "", endpoint)) {
                    first.awaitReady();
                }
                simulator.start();
                simulator.await();
                try (HubChild hub = HubChild.start(stack, directory, catalog, ROLES, "", endpoint);
                        Connection connection = DriverManager.getConnection(
                                stack.postgres().jdbcUrl("analytics"),
                                EmbeddedPostgres.USER,
                                EmbeddedPostgres.PASSWORD)) {
                    measure(given.get(0), simulator, hub, connection, end(erp));
                }
            }
        }
    }

    private static long end(String erp) throws SQLException {
        try (Connection connection =
                DriverManager.getConnection(erp, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD)) {
            long end = number(connection, "SELECT (pg_current_wal_lsn() - '0/0')::bigint");
            // The last transaction of all: whoever has it is beyond that position.
            try (Statement statement = connection.createStatement()) {
                statement.execute("UPDATE tenant SET name = name WHERE tenant_id = 1");
            }
            return end;
        }
    }

    /** Of the second part of the backlog, so that the start does not count. */
    private static void measure(String name, Simulator simulator, HubChild hub, Connection analytics, long end)
            throws SQLException {
        long begin = position(analytics);
        long deadline = System.nanoTime() + LIMIT.toNanos();
        long first = begin;
        long firstAt = System.nanoTime();
        long at = begin;
        while (at < end && System.nanoTime() < deadline) {
            hub.assertAlive();
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            at = position(analytics);
            if (first == begin && at - begin > (end - begin) * SKIPPED) {
                first = at;
                firstAt = System.nanoTime();
            }
        }
        double seconds = (System.nanoTime() - firstAt) / 1e9;
        double part = (double) (at - first) / (end - begin);
        System.out.printf(
                Locale.ROOT,
                "%-16s %,9.0f changes in %5.1f s: %,8.0f changes/s%n",
                name,
                simulator.changes() * part,
                seconds,
                simulator.changes() * part / seconds);
    }

    private static long position(Connection analytics) throws SQLException {
        return number(analytics, "SELECT coalesce(max(lsn - '0/0'), 0)::bigint FROM analytics.position");
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
