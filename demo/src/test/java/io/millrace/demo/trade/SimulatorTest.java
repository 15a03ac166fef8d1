package io.millrace.demo.trade;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.demo.erp.Invariant;
import io.millrace.demo.erp.ReferenceErp;
import io.millrace.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatorTest {
    private static final long TRANSACTIONS = 1_500;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path directory;

    @SuppressWarnings("NullAway.Init")
    static EmbeddedPostgres postgres;

    @BeforeAll
    static void startServer() {
        postgres = EmbeddedPostgres.start(directory, 0, Map.of("fsync", "off"));
    }

    @AfterAll
    static void stopServer() {
        postgres.close();
    }

    @Test
    void trading_keepsEveryInvariant() throws Exception {
        String url = database("trading");
        trade(url, 7, TRANSACTIONS);
        try (Connection erp = DriverManager.getConnection(url, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD)) {
            assertThat(Invariant.violations(erp)).isEmpty();
            assertThat(strings(erp, "SELECT DISTINCT kind FROM stock_movement")).hasSize(8);
            assertThat(strings(erp, "SELECT DISTINCT status FROM invoice")).contains("sent", "partially_paid", "paid");
            assertThat(strings(erp, "SELECT DISTINCT source_type FROM journal_entry"))
                    .contains(
                            "opening",
                            "goods_receipt",
                            "return_to_supplier",
                            "supplier_invoice",
                            "supplier_payment",
                            "shipment",
                            "invoice",
                            "payment",
                            "payment_reversal",
                            "return_from_customer",
                            "adjustment",
                            "manual");
        }
    }

    @Test
    void invariants_findWhatIsWrong() throws Exception {
        String url = database("wrong");
        trade(url, 1, 5);
        try (Connection erp = DriverManager.getConnection(url, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Statement statement = erp.createStatement()) {
            statement.execute(
                    "UPDATE journal_entry_line SET debit = debit + 1 WHERE account_code = '1200' AND debit > 0");
            statement.execute("UPDATE stock_level SET on_hand = on_hand + 1 WHERE product_id = 1 AND warehouse_id = 1");
            assertThat(Invariant.violations(erp))
                    .anyMatch(line -> line.startsWith("ENTRIES_BALANCE"))
                    .anyMatch(line -> line.startsWith("STOCK_IS_THE_SUM_OF_ITS_MOVEMENTS"))
                    .anyMatch(line -> line.startsWith("INVENTORY_AGREES_WITH_THE_LEDGER"));
        }
    }

    @Test
    void sameSeed_givesTheSameBusiness() throws Exception {
        String first = database("first");
        String second = database("second");
        trade(first, 3, 200);
        trade(second, 3, 200);
        assertThat(digests(second)).isEqualTo(digests(first));
    }

    @Test
    void serverRestart_losesNoCountAndTradingGoesOn() throws Exception {
        String url = database("restart");
        ReferenceErp.migrate(url, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        try (Simulator simulator = Simulator.prepare(
                url, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD, Simulator.Options.endless(1e6, 2, 5, false))) {
            simulator.start();
            org.awaitility.Awaitility.await().until(() -> simulator.transactions() > 100);
            postgres.stop();
            postgres.start();
            long atRestart = simulator.transactions();
            org.awaitility.Awaitility.await().until(() -> simulator.transactions() > atRestart + 100);
            simulator.close();
            assertThat(simulator.committed()).doesNotHaveDuplicates().hasSize((int) simulator.transactions());
            try (Connection erp = DriverManager.getConnection(url, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD)) {
                assertThat(Invariant.violations(erp)).isEmpty();
                for (long xid : simulator.committed()) {
                    assertThat(strings(erp, "SELECT pg_xact_status('" + xid + "')"))
                            .containsExactly("committed");
                }
            }
        }
    }

    private static void trade(String url, long seed, long transactions) throws InterruptedException {
        ReferenceErp.migrate(url, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        Simulator simulator = Simulator.prepare(
                url,
                EmbeddedPostgres.USER,
                EmbeddedPostgres.PASSWORD,
                new Simulator.Options(Double.POSITIVE_INFINITY, 2, seed, transactions));
        simulator.start();
        simulator.await();
        assertThat(simulator.transactions()).isEqualTo(2 * transactions);
    }

    private static String database(String name) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        postgres.jdbcUrl("postgres"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        return postgres.jdbcUrl(name);
    }

    private static List<String> digests(String url) throws SQLException {
        List<String> digests = new ArrayList<>();
        try (Connection erp = DriverManager.getConnection(url, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD)) {
            for (String table : ReferenceErp.TABLES) {
                digests.addAll(strings(
                        erp,
                        "SELECT '" + table
                                + " ' || count(*) || ' ' || md5(string_agg(t::text, '|' ORDER BY t::text)) FROM "
                                + table + " t"));
            }
        }
        return digests;
    }

    private static List<String> strings(Connection connection, String sql) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }
}
