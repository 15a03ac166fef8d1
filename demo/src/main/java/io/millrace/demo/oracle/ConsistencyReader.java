package io.millrace.demo.oracle;

import io.millrace.demo.trade.Simulator;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.platform.loop.Loop;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** An analyst who reads hundreds of times a second, and counts what could not be true of whole transactions. */
public final class ConsistencyReader implements AutoCloseable {
    private static final Duration RETRY = Duration.ofMillis(200);

    /** Between reads: without it the reader takes a core of the machine from the hub whose restart it watches. */
    private static final Duration BREATH = Duration.ofMillis(1);

    /** Companies in which nobody does wrong: see the simulator's misdeeds. */
    private static final String HONEST = "tenant_id < " + Simulator.FIRST_MISDEED_TENANT;

    /** Double entry: of every tenant and month, debits equal credits. */
    private static final String UNBALANCED =
            "SELECT count(*) FROM (SELECT tenant_id, period FROM analytics.trial_balance WHERE " + HONEST
                    + " GROUP BY tenant_id, period HAVING sum(debit) <> sum(credit)) x";

    /** Of every tenant, assets equal liabilities and equity. */
    private static final String UNEQUAL_SHEET =
            "SELECT count(*) FROM (SELECT tenant_id FROM analytics.balance_sheet WHERE " + HONEST
                    + " GROUP BY tenant_id"
                    + " HAVING sum(CASE section WHEN 'asset' THEN amount ELSE -amount END) <> 0) x";

    /** A transfer moves stock between warehouses: what all hold together equals what came and went. */
    private static final String LOST_STOCK = "SELECT count(*) FROM (SELECT tenant_id, product_id, sum(on_hand) AS stock"
            + " FROM analytics.stock_on_hand WHERE " + HONEST
            + " GROUP BY tenant_id, product_id) s FULL JOIN (SELECT tenant_id, product_id,"
            + " sum(moved_in - moved_out) AS stock FROM analytics.stock_by_movement WHERE " + HONEST
            + " GROUP BY tenant_id, product_id) m"
            + " USING (tenant_id, product_id) WHERE coalesce(s.stock, 0) <> coalesce(m.stock, 0)";

    private final String jdbcUrl;
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong unbalanced = new AtomicLong();
    private final AtomicLong lostStock = new AtomicLong();
    private final Loop loop = new Loop("reader", this::read);

    private ConsistencyReader(String jdbcUrl) {
        this.jdbcUrl = jdbcUrl;
    }

    public static ConsistencyReader start(String jdbcUrl) {
        ConsistencyReader reader = new ConsistencyReader(jdbcUrl);
        reader.loop.start();
        return reader;
    }

    private Duration read() throws InterruptedException {
        try (Connection connection =
                        DriverManager.getConnection(jdbcUrl, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            do {
                unbalanced.addAndGet(broken(statement, UNBALANCED));
                unbalanced.addAndGet(broken(statement, UNEQUAL_SHEET));
                lostStock.addAndGet(broken(statement, LOST_STOCK));
            } while (!loop.pause(BREATH));
            return Duration.ZERO;
        } catch (SQLException away) {
            // Restarted, or the views are not there yet.
            return RETRY;
        }
    }

    /** 1 if the query counts anything. */
    private int broken(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            reads.incrementAndGet();
            return row.getLong(1) > 0 ? 1 : 0;
        }
    }

    public long reads() {
        return reads.get();
    }

    public long unbalanced() {
        return unbalanced.get();
    }

    public long lostStock() {
        return lostStock.get();
    }

    @Override
    public void close() {
        loop.close();
    }
}
