package io.millrace.demo.oracle;

import io.millrace.catalog.ViewFile;
import io.millrace.schemas.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares views with their own SQL on the source, as multisets of rows, each as Postgres prints it: the scales of numbers
 * count. Both sides are read as they are now: nobody may write to the source meanwhile.
 */
public final class ViewCheck {
    private static final int EXAMPLES = 5;
    private static final int FETCH_ROWS = 5_000;

    private final Connection source;
    private final Connection analytics;

    public ViewCheck(Connection source, Connection analytics) throws SQLException {
        this.source = source;
        this.analytics = analytics;
        for (Connection connection : List.of(source, analytics)) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET TIME ZONE 'UTC'");
            }
        }
        try (Statement statement = source.createStatement()) {
            // What the views' relation clock is, where the source has no relation of that name.
            statement.execute("DO $$ BEGIN IF to_regclass('clock') IS NULL THEN CREATE TEMP VIEW clock AS"
                    + " SELECT (now() AT TIME ZONE 'UTC')::date AS today; END IF; END $$");
        }
    }

    /** For views that read relation source_transaction: makes it what the feed says. */
    public void createSourceTransactions(FeedTransactions transactions) throws SQLException {
        transactions.createTable(source);
    }

    /**
     * Waits until the views are as fresh as a position of the source.
     *
     * @throws SQLException if that takes too long
     */
    public void await(Lsn position, Duration limit) throws SQLException {
        try (PreparedStatement statement =
                analytics.prepareStatement("SELECT analytics.wait_for(?::pg_lsn, make_interval(secs => ?))")) {
            statement.setString(1, position.toString());
            statement.setDouble(2, limit.toMillis() / 1000.0);
            statement.execute();
        }
    }

    public Comparison compare(ViewFile view) throws SQLException {
        Map<String, Long> counts = new HashMap<>();
        // The closing parenthesis stands on a line of its own: the file may end in a comment.
        long expected = read(source, "SELECT v::text FROM (" + view.sql() + "\n) v", counts, 1);
        long actual = read(analytics, "SELECT v::text FROM analytics.\"" + view.name() + "\" v", counts, -1);
        long differences = 0;
        List<String> examples = new ArrayList<>();
        for (Map.Entry<String, Long> row : counts.entrySet()) {
            differences += Math.abs(row.getValue());
            if (row.getValue() != 0 && examples.size() < EXAMPLES) {
                examples.add((row.getValue() > 0 ? "source: " : "view:   ") + row.getKey());
            }
        }
        examples.sort(null);
        return new Comparison(view.name().toString(), expected, actual, differences, examples);
    }

    private static long read(Connection connection, String sql, Map<String, Long> counts, long weight)
            throws SQLException {
        long rows = 0;
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH_ROWS);
            try (ResultSet result = statement.executeQuery(sql)) {
                while (result.next()) {
                    counts.merge(result.getString(1), weight, Long::sum);
                    rows++;
                }
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
        return rows;
    }
}
