package io.millrace.demo.run;

import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.platform.loop.Loop;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;

/** How long transactions take from their commit at the source until analysts see them; samples what the sink notes. */
final class Freshness implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(25);
    private static final Duration RETRY = Duration.ofMillis(200);
    private static final int LONGEST_MILLIS = 60_000;

    private final String jdbcUrl;
    private final AtomicLongArray millis = new AtomicLongArray(LONGEST_MILLIS + 1);
    private final Loop loop = new Loop("freshness", this::follow);
    private volatile String position = "";

    private Freshness(String jdbcUrl) {
        this.jdbcUrl = jdbcUrl;
    }

    static Freshness start(String jdbcUrl) {
        Freshness freshness = new Freshness(jdbcUrl);
        freshness.loop.start();
        return freshness;
    }

    private Duration follow() throws InterruptedException {
        try (Connection connection =
                        DriverManager.getConnection(jdbcUrl, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            do {
                sample(statement);
            } while (!loop.pause(INTERVAL));
            return Duration.ZERO;
        } catch (SQLException away) {
            // The demo may be restarting the database: what it shows meanwhile is the last position.
            return RETRY;
        }
    }

    private void sample(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(
                "SELECT lsn::text, extract(epoch FROM delay) * 1000 FROM analytics.freshness WHERE epoch > 0")) {
            if (row.next() && !row.getString(1).equals(position)) {
                position = row.getString(1);
                millis.incrementAndGet((int) Math.clamp(row.getDouble(2), 0, LONGEST_MILLIS));
            }
        }
    }

    /** Newest position, and percentiles of the delay. */
    String figures() {
        long total = 0;
        for (int i = 0; i <= LONGEST_MILLIS; i++) {
            total += millis.get(i);
        }
        return total == 0
                ? "views: nothing yet"
                : String.format(
                        Locale.ROOT,
                        "views at %s, commit to visible p50 %d ms, p99 %d ms",
                        position,
                        percentile(total, 0.50),
                        percentile(total, 0.99));
    }

    private int percentile(long total, double share) {
        long below = 0;
        for (int i = 0; i <= LONGEST_MILLIS; i++) {
            below += millis.get(i);
            if (below >= total * share) {
                return i;
            }
        }
        return LONGEST_MILLIS;
    }

    @Override
    public void close() {
        loop.close();
    }
}
