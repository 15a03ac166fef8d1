package io.millrace.demo.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.catalog.ViewFile;
import io.millrace.catalog.ViewFiles;
import io.millrace.demo.erp.ReferenceErp;
import io.millrace.demo.oracle.AlertCheck;
import io.millrace.demo.oracle.Comparison;
import io.millrace.demo.oracle.ConsistencyReader;
import io.millrace.demo.oracle.FeedCheck;
import io.millrace.demo.oracle.RowTopicCheck;
import io.millrace.demo.oracle.ViewCheck;
import io.millrace.demo.oracle.ViolationsTopic;
import io.millrace.demo.trade.CommittedMisdeed;
import io.millrace.demo.trade.Simulator;
import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.hub.Millrace;
import io.millrace.hub.config.SourceFile;
import io.millrace.platform.data.DataDirectory;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.SourceTransactions;
import io.millrace.source.SourceDefinition;
import io.millrace.source.server.SourceServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The promises, on real processes that are killed where it hurts. The tests go on from one another's data. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings("NullAway.Init")
class PromisesTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Path CATALOG = Path.of("../catalog");

    @TempDir
    static Path directory;

    static EmbeddedStack stack;
    static HubChild hub;
    static SourceServer server;
    static SourceDefinition definition;
    static SchemaRegistry registry;

    @BeforeAll
    static void startServersAndAnErpWithManyRows() throws Exception {
        stack = EmbeddedStack.start(
                DataDirectory.open(directory),
                false,
                Set.of(EmbeddedStack.Part.values()),
                EmbeddedKafka.Place.BesideThisJvm.withThisClassPath());
        String erp = stack.postgres().jdbcUrl("erp");
        ReferenceErp.migrate(erp, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        try (Simulator simulator = Simulator.prepare(
                erp,
                EmbeddedPostgres.USER,
                EmbeddedPostgres.PASSWORD,
                new Simulator.Options(Double.POSITIVE_INFINITY, 2, 11, 200))) {
            simulator.start();
            simulator.await();
        }
        server = new SourceServer(erp, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        definition = SourceFile.readOnly(CATALOG);
        registry = new HttpSchemaRegistry(stack.registry().url());
        transaction(
                "INSERT INTO customer SELECT 1 + g % 2, 1000 + g, 'Customer ' || g, 'c@example.test', 'DE', 1000, 14, true, now(),"
                        + " now(), 'x', 'x' FROM generate_series(1, 50000) g");
        Files.createDirectories(directory.resolve("logs"));
    }

    @AfterAll
    static void stopServers() {
        hub.close();
        stack.close();
    }

    @Test
    @Order(1)
    void exactlyOnce_killedWhileSnapshotting() throws Exception {
        hub = HubChild.start(stack, directory, CATALOG, "source, views, governance, sink");
        Path log = directory.resolve("logs/hub.log");
        await().atMost(LIMIT)
                .until(() -> Files.exists(log) && Files.readString(log).contains("rows of public.fiscal_period"));
        assertThat(Files.readString(log)).doesNotContain("rows of public.supplier");
        hub.kill();
        transaction("DELETE FROM customer WHERE id BETWEEN 1001 AND 6000");
        hub.restart();
        hub.awaitReady();
        assertEverythingEqual();
    }

    @Test
    @Order(2)
    void wholeTransactions_killedInTheMiddleOfALargeOne() throws Exception {
        FeedCheck feed = new FeedCheck(definition, KafkaServers.at(stack.kafka().bootstrapServers()), registry);
        List<Long> committed = new ArrayList<>();
        ConsistencyReader reader = ConsistencyReader.start(stack.postgres().jdbcUrl("analytics"));
        try (reader) {
            for (int round = 0; round < 2; round++) {
                int entry = 1_000_000 + round;
                committed.add(transaction(
                        "INSERT INTO journal_entry SELECT 1, " + entry
                                + ", 'big', DATE '2026-03-01', DATE '2026-03-01', 'manual', NULL,"
                                + " NULL, 'posted', NULL, 'x', now()",
                        "INSERT INTO journal_entry_line SELECT 1, " + entry
                                + ", g, CASE g % 2 WHEN 0 THEN '1000' ELSE '6000' END,"
                                + " 1.00 * (1 - g % 2), 1.00 * (g % 2) FROM generate_series(1, 30000) g"));
                // Decoding takes longer than this; where exactly the kill falls, differs.
                await().pollDelay(Duration.ofMillis(150L + 400L * round)).until(() -> true);
                hub.kill();
                hub.restart();
                hub.awaitReady();
            }
            assertFeedEqual(feed, committed);
        }
        assertEverythingEqual();
        assertThat(reader.reads()).isPositive();
        assertThat(reader.unbalanced()).isZero();
        assertThat(reader.lostStock()).isZero();
    }

    @Test
    @Order(3)
    void exactlyOnce_killedBetweenKafkasCommitAndTheSlotsConfirmation() throws Exception {
        FeedCheck feed = new FeedCheck(definition, KafkaServers.at(stack.kafka().bootstrapServers()), registry);
        List<Long> committed = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            committed.add(transaction("UPDATE product SET list_price = list_price + 1 WHERE tenant_id = 1"));
            Lsn position = mark();
            // The moment it is in Kafka; the slot is confirmed with the reader's next round trip.
            assertThat(feed.await(position, LIMIT)).isTrue();
            hub.kill();
            hub.restart();
            hub.awaitReady();
        }
        assertFeedEqual(feed, committed);
        assertEverythingEqual();
    }

    @Test
    @Order(4)
    void exactlyOnce_brokerKilledWhileStreaming() throws Exception {
        FeedCheck feed = new FeedCheck(definition, KafkaServers.at(stack.kafka().bootstrapServers()), registry);
        List<Long> committed = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            committed.add(
                    transaction("UPDATE product SET list_price = list_price + 1 WHERE tenant_id = " + (1 + i % 2)));
            if (i == 25) {
                stack.kafka().kill();
                stack.kafka().start();
            }
        }
        assertFeedEqual(feed, committed);
        assertEverythingEqual();
    }

    @Test
    @Order(5)
    void nothingIsDroppedSilently_feedLosesEpochsBeforeTheViewsHadThem() throws Exception {
        hub.close();
        hub = HubChild.start(stack, directory, CATALOG, "source");
        hub.awaitReady();
        FeedCheck feed = new FeedCheck(definition, KafkaServers.at(stack.kafka().bootstrapServers()), registry);
        transaction(
                "DELETE FROM journal_entry_line WHERE tenant_id = 1 AND entry_id = 1000001",
                "INSERT INTO journal_entry SELECT 1, 2000000, 'lost', DATE '2026-03-01', DATE '2026-03-01', 'manual',"
                        + " NULL, NULL, 'posted', NULL, 'x', now()",
                "INSERT INTO journal_entry_line VALUES (1, 2000000, 1, '1000', 7, 0), (1, 2000000, 2, '6000', 0, 7)");
        assertThat(feed.await(mark(), LIMIT)).isTrue();
        removeEverythingFromTheFeed();
        hub.close();

        hub = HubChild.start(stack, directory, CATALOG, "source, views, governance, sink");
        Path log = directory.resolve("logs/hub.log");
        await().atMost(LIMIT)
                .until(() -> Files.readString(log).contains("are not in topic cdc.erp.transactions any more"));
        assertThat(millrace("snapshot")).contains("source erp: a new snapshot is taken at once if a hub runs");
        hub.kill();
        hub.restart();
        hub.awaitReady();
        assertEverythingEqual();
    }

    @Test
    @Order(6)
    void theViewIsTheQuery_whenViewsAreAddedChangedAndRemoved() throws Exception {
        String untouched = analytics("SELECT 'analytics.trial_balance'::regclass::oid::text");
        long before = liveKeys("views.stock_by_movement");
        hub.close();
        Path catalog = directory.resolve("catalog");
        copy(CATALOG, catalog);
        Path changed = catalog.resolve("views/stock_by_movement.sql");
        Files.writeString(
                changed,
                Files.readString(changed)
                        .replace("FROM stock_movement", "FROM stock_movement WHERE product_id % 2 = 0"));
        Files.delete(catalog.resolve("views/order_fulfilment.sql"));
        Files.writeString(
                catalog.resolve("views/orders_of_customer.sql"),
                "-- Orders.\nSELECT tenant_id, customer_id, count(*) AS orders FROM sales_order GROUP BY tenant_id, customer_id");

        hub = HubChild.start(stack, directory, catalog, "source, views, governance, sink");
        hub.awaitReady();
        assertEverythingEqual(catalog);
        assertThat(analytics("SELECT 'analytics.trial_balance'::regclass::oid::text"))
                .isEqualTo(untouched);
        assertThat(analytics("SELECT to_regclass('analytics.order_fulfilment')::text"))
                .isEqualTo("null");
        assertThat(liveKeys("views.order_fulfilment")).isZero();
        assertThat(liveKeys("views.stock_by_movement"))
                .isLessThan(before)
                .isEqualTo(Long.parseLong(analytics("SELECT count(*)::text FROM analytics.stock_by_movement")));
    }

    @Test
    @Order(7)
    void oneViolationIsOneAlert_killedMeanwhile() throws Exception {
        AlertCheck alerts = AlertCheck.begin(
                PromisesTest::analyticsConnection,
                new ViolationsTopic(KafkaServers.at(stack.kafka().bootstrapServers()), definition.lanes(), registry));
        Simulator simulator = Simulator.prepare(
                stack.postgres().jdbcUrl("erp"),
                EmbeddedPostgres.USER,
                EmbeddedPostgres.PASSWORD,
                Simulator.Options.endless(1, 0, 12, true));
        try (simulator) {
            simulator.start();
            for (int round = 1; round <= 2; round++) {
                int enough = round * 45;
                await().atMost(LIMIT).until(() -> simulator.misdeeds().size() > enough);
                hub.kill();
                hub.restart();
                hub.awaitReady();
            }
        }
        awaitViews(mark());
        StringWriter report = new StringWriter();
        assertThat(alerts.finish(simulator.misdeeds(), new PrintWriter(report)))
                .as(report.toString())
                .isTrue();
        assertThat(simulator.misdeeds()).extracting(CommittedMisdeed::control).contains("mass_deletion");
    }

    @Test
    @Order(8)
    void alerts_keepWhatWasDecided_whenControlsAreChangedAndRemoved() throws Exception {
        String open = analytics("SELECT min(id::text) FROM analytics.alert WHERE control = 'self_approval'");
        assertThat(millrace("alerts", "ack", open, "--by", "anna", "--reason", "seen"))
                .contains(open.substring(0, 8) + " is acknowledged");
        String before = analytics("SELECT string_agg(id || ' ' || version || ' ' || state, ',' ORDER BY id)"
                + " FROM analytics.alert WHERE control = 'self_approval'");
        assertThat(before).contains("acknowledged").contains("open");
        hub.close();
        Path controls = directory.resolve("catalog/controls");
        Path rebuilt = controls.resolve("self_approval.sql");
        Files.writeString(rebuilt, Files.readString(rebuilt) + "-- Another generation, with the same rows.\n");
        Files.delete(controls.resolve("discount_beyond_limit.sql"));
        hub.restart();
        hub.awaitReady();
        // Something happens, with which both take effect.
        awaitViews(mark());
        await().atMost(LIMIT)
                .until(() -> analytics("SELECT string_agg(DISTINCT state || ': ' || reason, ',') FROM analytics.alert"
                                + " WHERE control = 'discount_beyond_limit'")
                        .equals("resolved: the control was changed or removed"));
        assertThat(analytics("SELECT string_agg(id || ' ' || version || ' ' || state, ',' ORDER BY id)"
                        + " FROM analytics.alert WHERE control = 'self_approval'"))
                .isEqualTo(before);
    }

    @Test
    @Order(9)
    void sourceTransactions_areKeptForFiveWeeks() throws Exception {
        assertThat(Long.parseLong(analytics("SELECT count(*) FROM analytics.mass_deletion")))
                .isPositive();
        LocalDate later = LocalDate.now(ZoneOffset.UTC).plusDays(SourceTransactions.KEPT_DAYS);
        transaction("SELECT pg_logical_emit_message(true, 'millrace.clock', '" + later + "')");
        awaitViews(mark());
        assertThat(Long.parseLong(analytics("SELECT count(*) FROM analytics.mass_deletion")))
                .isPositive();
        transaction("SELECT pg_logical_emit_message(true, 'millrace.clock', '" + later.plusDays(1) + "')");
        awaitViews(mark());
        assertThat(Long.parseLong(analytics("SELECT count(*) FROM analytics.mass_deletion")))
                .isZero();
    }

    @Test
    @Order(10)
    void auditTrail_isWhole_andShowsWhatWasTamperedWith() throws Exception {
        assertThat(millrace("audit", "verify")).contains("the audit trail is whole");
        for (String tampering :
                List.of("UPDATE audit.record SET actor = 'x'", "DELETE FROM audit.record", "TRUNCATE audit.record")) {
            assertThatThrownBy(() -> analytics(tampering + "; SELECT 1")).hasMessageContaining("is refused");
        }
        assertThat(analytics("SELECT string_agg(DISTINCT kind, ',' ORDER BY kind) FROM audit.record"))
                .isEqualTo("action,hub_event,snapshot,transaction");
        assertThat(analytics("SELECT string_agg(detail, '|') FROM audit.record WHERE kind = 'hub_event'"))
                .contains("catalog of hub: first seen, with ")
                .contains("removed views/order_fulfilment.sql")
                .contains("removed controls/discount_beyond_limit.sql; changed controls/self_approval.sql")
                .contains("changed roles from source, views, governance, sink to source");
        assertThat(analytics("SELECT detail FROM audit.record WHERE kind = 'action' AND actor = 'anna'"))
                .contains("ACKNOWLEDGE alert ")
                .endsWith(": seen");

        // Somebody with power over the database switches the guard off.
        String off = "ALTER TABLE audit.record DISABLE TRIGGER append_only; ";
        analytics(off + "UPDATE audit.record SET actor = 'x' WHERE lane = 0 AND sequence = 2; SELECT 1");
        assertThat(millrace("audit", "verify"))
                .contains("lane 0, record 2: it was altered")
                .contains("PROBLEMS: 1");
        analytics("UPDATE audit.record SET sequence = -3 WHERE lane = 0 AND sequence = 3;"
                + " UPDATE audit.record SET sequence = 3 WHERE lane = 0 AND sequence = 4;"
                + " UPDATE audit.record SET sequence = 4 WHERE lane = 0 AND sequence = -3; SELECT 1");
        assertThat(millrace("audit", "verify")).contains("lane 0, record 3: it was altered");
        analytics("DELETE FROM audit.record WHERE lane = 1 AND sequence = 2; SELECT 1");
        assertThat(millrace("audit", "verify")).contains("lane 1, record 3: records 2 to 2 before it are missing");
        analytics("DELETE FROM audit.record WHERE lane = 1 AND sequence = (SELECT max(sequence) FROM audit.record"
                + " WHERE lane = 1); SELECT 1");
        assertThat(millrace("audit", "verify")).contains("the last records are missing");
    }

    private static String millrace(String... arguments) {
        return millrace(directory, arguments);
    }

    /** Runs a command with the hub's configuration; returns what it prints. */
    static String millrace(Path directory, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--config");
        all.add(directory.resolve("millrace.yaml").toString());
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said, true);
        Millrace.commandLine().setOut(out).setErr(out).execute(all.toArray(String[]::new));
        return said.toString();
    }

    private static Connection analyticsConnection() throws SQLException {
        return new SourceServer(stack.postgres().jdbcUrl("analytics"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD)
                .connect();
    }

    private static void awaitViews(Lsn position) throws SQLException {
        try (Connection source = server.connect();
                Connection analytics = analyticsConnection()) {
            new ViewCheck(source, analytics).await(position, LIMIT);
        }
    }

    private static void copy(Path from, Path to) throws Exception {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static String analytics(String sql) throws SQLException {
        try (Connection connection = analyticsConnection();
                Statement statement = connection.createStatement()) {
            // The last of several statements is the one that answers.
            boolean answers = statement.execute(sql);
            while (!answers) {
                answers = statement.getMoreResults();
            }
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                return String.valueOf(row.getString(1));
            }
        }
    }

    /** Rows that a consumer of committed records has after reading a compacted topic. */
    private static long liveKeys(String topic) {
        Map<String, Boolean> live = new HashMap<>();
        CommittedTopic committed =
                CommittedTopic.of(KafkaServers.at(stack.kafka().bootstrapServers()), topic, definition.lanes());
        committed.read(record -> live.put(
                record.partition() + ":" + java.util.HexFormat.of().formatHex(record.key()), record.value() != null));
        return live.values().stream().filter(Boolean::booleanValue).count();
    }

    /** As Kafka's retention does after a week. */
    private static void removeEverythingFromTheFeed() throws Exception {
        try (Admin admin = Admin.create(
                Map.<String, Object>of("bootstrap.servers", stack.kafka().bootstrapServers()))) {
            Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
            definition
                    .allLanes()
                    .forEach(lane -> all.put(
                            new TopicPartition("cdc.erp.transactions", lane.index()),
                            RecordsToDelete.beforeOffset(-1)));
            admin.deleteRecords(all).all().get();
        }
    }

    private static void assertFeedEqual(FeedCheck feed, List<Long> committed) throws SQLException {
        assertThat(feed.await(mark(), LIMIT)).isTrue();
        assertThat(feed.compare(committed)).satisfies(PromisesTest::assertEqual);
    }

    private static void assertEverythingEqual() throws SQLException {
        assertEverythingEqual(CATALOG);
    }

    private static void assertEverythingEqual(Path catalog) throws SQLException {
        Lsn end = mark();
        try (Connection source = server.connect();
                Connection analytics = analyticsConnection()) {
            ViewCheck views = new ViewCheck(source, analytics);
            views.await(end, LIMIT);
            for (ViewFile view : ViewFiles.read(catalog)) {
                assertEqual(views.compare(view));
            }
        }
        new RowTopicCheck(definition, server, KafkaServers.at(stack.kafka().bootstrapServers()), registry)
                .compare()
                .forEach(PromisesTest::assertEqual);
    }

    private static void assertEqual(Comparison comparison) {
        assertThat(comparison.differences())
                .as("%s: %s", comparison.subject(), comparison.examples())
                .isZero();
        assertThat(comparison.actual()).isEqualTo(comparison.expected());
    }

    /** Commits the statements as one transaction; returns its id. */
    private static long transaction(String... statements) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            long xid;
            try (ResultSet row = statement.executeQuery("SELECT pg_current_xact_id()::text::bigint")) {
                row.next();
                xid = row.getLong(1);
            }
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
            return xid;
        }
    }

    private static Lsn mark() throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT pg_logical_emit_message(true, 'millrace.test', '')::text")) {
            row.next();
            return Lsn.parse(row.getString(1));
        }
    }
}
