package io.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.DefinedViews;
import io.millrace.schemas.Lane;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewChanges;
import io.millrace.schemas.avro.ViewColumn;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.avro.ViewRow;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.RowEncoder;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class ViewSinkTest {
    private static final SourceName SOURCE = new SourceName("erp");
    private static final String ANALYST_PASSWORD = "an analyst's";
    private static final List<Column> COLUMNS = List.of(
            new Column("tenant_id", PgType.INT4, false),
            new Column("code", PgType.TEXT, true),
            new Column("amount", PgType.NUMERIC, true),
            new Column("at", PgType.TIMESTAMPTZ, true));

    @TempDir
    static Path directory;

    static EmbeddedPostgres postgres;
    static EmbeddedKafka kafka;
    static int databases;

    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private final Topics topics = new Topics(registry);
    private final RelationSchema relation = new RelationSchema(
            new io.millrace.schemas.TableName("analytics", "v"), COLUMNS, List.of("tenant_id", "code"), null, false);
    private final RowEncoder rows = new RowEncoder(registry.register("views.v-value", relation.valueSchema()), COLUMNS);
    private final RowEncoder keys =
            new RowEncoder(registry.register("views.v-key", relation.keySchema()), COLUMNS.subList(0, 2));
    private final Map<Integer, String> editions = new HashMap<>();
    private final Map<Integer, Long> previous = new HashMap<>();
    private long version = 1;
    private AnalyticsDatabase database;
    private KafkaProducer<byte[], byte[]> producer;

    @BeforeAll
    static void startServers() {
        postgres = EmbeddedPostgres.start(directory.resolve("postgres"), 0, Map.of("fsync", "off"));
        kafka = EmbeddedKafka.start(
                EmbeddedKafka.Place.BesideThisJvm.withThisClassPath(), directory.resolve("kafka"), 0);
    }

    @AfterAll
    static void stopServers() {
        kafka.close();
        postgres.close();
    }

    @BeforeEach
    void makeDatabaseAndTopics() throws Exception {
        String name = "analytics" + ++databases;
        try (Connection connection = DriverManager.getConnection(
                        postgres.jdbcUrl("postgres"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        database = new AnalyticsDatabase(
                postgres.jdbcUrl(name),
                EmbeddedPostgres.USER,
                EmbeddedPostgres.PASSWORD,
                ANALYST_PASSWORD,
                "tenant_id");
        producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()))) {
            List<String> names = List.of("views.updates", "views.definitions");
            if (admin.listTopics().names().get().containsAll(names)) {
                admin.deleteTopics(names).all().get();
                await().until(() -> !admin.listTopics().names().get().contains("views.updates"));
            }
            await().ignoreExceptions().until(() -> {
                admin.createTopics(List.of(
                                topics.viewUpdates().toNewTopic(2, (short) 1),
                                topics.viewDefinitions().toNewTopic(1, (short) 1)))
                        .all()
                        .get();
                return true;
            });
        }
        define("g1");
    }

    @AfterEach
    void close() {
        producer.close();
    }

    @Test
    void lanes_areAppliedTogetherUpToTheEpochThatBothHave() throws Exception {
        try (ViewSink sink = start()) {
            batch(0, 1, upserts(row(1, "a", "1.50")), List.of());
            batch(0, 2, upserts(row(1, "a", "2.50")), List.of());
            batch(1, 1, upserts(row(2, "b", "7.0")), List.of());
            await().until(() -> query("SELECT epoch FROM analytics.position").equals(List.of("1")));
            assertThat(content()).containsExactly("1|a|1.50", "2|b|7.0");
            batch(1, 2, List.of(), List.of());
            await().until(() -> query("SELECT epoch FROM analytics.position").equals(List.of("2")));
            assertThat(content()).containsExactly("1|a|2.50", "2|b|7.0");
            await().until(sink::ready);
        }
    }

    /** Whoever keeps rows of the view goes by it. */
    @Test
    void epochThatChangedAViewLast_isWrittenDownWithIt() throws Exception {
        String changed = "SELECT source || ' ' || epoch || ' ' || lsn FROM analytics.view_change WHERE view = 'v'";
        try (ViewSink sink = start()) {
            batch(0, 1, upserts(row(1, "a", "1")), List.of());
            batch(1, 1, List.of(), List.of());
            await().until(() -> query("SELECT epoch FROM analytics.position").equals(List.of("1")));
            assertThat(query(changed))
                    .containsExactly(query("SELECT source || ' 1 ' || lsn FROM analytics.position")
                            .getFirst());
            batch(0, 2, List.of(), List.of());
            batch(1, 2, List.of(), List.of());
            await().until(() -> query("SELECT epoch FROM analytics.position").equals(List.of("2")));
            assertThat(query(changed).getFirst()).startsWith("erp 1 ");
            batch(0, 3, List.of(), List.of());
            batch(1, 3, List.of(), List.of(key(1, "a")));
            await().until(() -> query("SELECT epoch FROM analytics.position").equals(List.of("3")));
            assertThat(query(changed).getFirst()).startsWith("erp 3 ");
            assertThat(sink.end()).isNotDone();
        }
    }

    @Test
    void restart_goesOnBehindWhatIsApplied() throws Exception {
        try (ViewSink sink = start()) {
            batch(0, 1, upserts(row(1, "a", "1")), List.of());
            batch(1, 1, List.of(), List.of());
            await().until(() -> content().equals(List.of("1|a|1")));
            assertThat(sink.end()).isNotDone();
        }
        execute("UPDATE analytics.v SET amount = 99");
        batch(0, 2, upserts(row(1, "b", "2")), List.of());
        batch(1, 2, List.of(), List.of());
        try (ViewSink sink = start()) {
            await().until(() -> content().size() == 2);
            assertThat(sink.end()).isNotDone();
        }
        // Epoch 1 was not applied again: what was changed by hand is as it was.
        assertThat(content()).containsExactly("1|a|99", "1|b|2");
    }

    @Test
    void partsAndNullKeys_takeEffectTogether() throws Exception {
        try (ViewSink sink = start()) {
            send(part(0, 1, 0, false, changes("g1", 0, upserts(row(1, null, "1")), List.of())));
            send(part(0, 1, 1, true, changes("g1", 0, upserts(row(1, null, "2"), row(1, "x", "3")), List.of())));
            batch(1, 1, List.of(), List.of());
            await().until(() -> content().equals(List.of("1|null|2", "1|x|3")));
            batch(0, 2, List.of(), List.of(key(1, null)));
            batch(1, 2, List.of(), List.of());
            await().until(() -> content().equals(List.of("1|x|3")));
            assertThat(sink.end()).isNotDone();
        }
    }

    @Test
    void newGeneration_replacesTheTableWhenEveryLaneHasIt_andReportsFollow() throws Exception {
        Report total = new Report(
                "total",
                "reports/total.sql",
                "SELECT sum(amount) AS total FROM v",
                "all",
                Map.of("total", "of all rows"));
        Report wrong = new Report("wrong", "reports/wrong.sql", "SELECT nothing FROM v", "", Map.of());
        Report onTop = new Report("a_on_top", "reports/a_on_top.sql", "SELECT total + 1 AS t FROM total", "", Map.of());
        try (ViewSink sink = start(onTop, total, wrong)) {
            batch(0, 1, upserts(row(1, "old", "1")), List.of());
            batch(1, 1, upserts(row(2, "old", "2")), List.of());
            await().until(() -> content().size() == 2);
            assertThat(query("SELECT t FROM analytics.a_on_top")).containsExactly("4");
            assertThat(query("SELECT report || ': ' || problem FROM analytics.report WHERE problem IS NOT NULL"))
                    .singleElement()
                    .asString()
                    .contains("wrong: ", "column \"nothing\" does not exist");

            define("g2");
            version = 2;
            batch("g2", 0, 2, upserts(row(1, "new-a", "10")), List.of());
            await().untilAsserted(() -> assertThat(sink.detail()).contains("waits until every lane has published v"));
            version = 1;
            batch("g1", 1, 2, upserts(row(2, "late", "3")), List.of());
            version = 2;
            batch("g2", 0, 3, upserts(row(1, "new-b", "10")), List.of());
            batch("g2", 1, 3, upserts(row(2, "new-c", "20")), List.of());
            List<List<String>> seen = new ArrayList<>();
            await().until(() -> {
                seen.add(content());
                return seen.getLast().equals(List.of("1|new-a|10", "1|new-b|10", "2|new-c|20"));
            });
            // Never the new table with the rows of one lane only.
            assertThat(seen.stream()
                            .filter(rows -> rows.toString().contains("new"))
                            .distinct())
                    .hasSize(1);
            assertThat(query("SELECT total FROM analytics.total")).containsExactly("40");
            await().untilAsserted(() -> assertThat(sink.detail()).doesNotContain("waits"));
            assertThat(sink.end()).isNotDone();
        }
        assertThat(query("SELECT generation FROM analytics.view")).containsExactly("g2");
        try (ViewSink sink = start()) {
            batch("g2", 0, 4, List.of(), List.of());
            batch("g2", 1, 4, List.of(), List.of());
            await().until(sink::ready);
            assertThat(
                            query(
                                    "SELECT table_name FROM information_schema.views WHERE table_name IN ('total', 'a_on_top')"))
                    .isEmpty();
        }
    }

    @Test
    void missingBatches_holdEverythingUp_untilTheViewIsPublishedAsAWhole_whichIsAskedFor() throws Exception {
        try (ViewSink sink = start()) {
            batch(0, 1, upserts(row(1, "a", "1"), row(1, "b", "2")), List.of());
            batch(1, 1, upserts(row(2, "c", "3")), List.of());
            await().until(() -> content().size() == 3);
            // Epoch 2 of lane 0 is not there any more: it removed b.
            previous.put(0, 2L);
            batch(0, 3, upserts(row(1, "d", "4")), List.of());
            batch(1, 2, List.of(), List.of());
            batch(1, 3, upserts(row(2, "c", "5")), List.of());
            await().untilAsserted(() -> assertThat(sink.detail())
                    .contains(
                            "waits until every lane has published v as a whole",
                            "lane 0: what came after epoch 1 and before epoch 3 is missing"));
            await().until(() -> definedVersion() > 1);
            assertThat(content()).containsExactly("1|a|1", "1|b|2", "2|c|3");
            version = definedVersion();
            batch(0, 4, upserts(row(1, "a", "1"), row(1, "d", "4")), List.of());
            batch(1, 4, upserts(row(2, "c", "5")), List.of());
            await().until(() -> content().equals(List.of("1|a|1", "1|d|4", "2|c|5")));
            await().untilAsserted(() -> assertThat(sink.detail()).doesNotContain("waits"));
            batch(0, 5, List.of(), List.of(key(1, "a")));
            batch(1, 5, List.of(), List.of());
            await().until(() -> content().equals(List.of("1|d|4", "2|c|5")));
            assertThat(definedVersion()).isEqualTo(version);
        }
    }

    @Test
    void newDatabase_onATopicWithoutItsBeginning_asksForWhatItCannotKnow() throws Exception {
        previous.putAll(Map.of(0, 7L, 1, 7L));
        editions.putAll(Map.of(0, "g1@1", 1, "g1@1"));
        try (ViewSink sink = start()) {
            batch(0, 8, upserts(row(1, "a", "1")), List.of());
            batch(1, 8, List.of(), List.of());
            await().until(() -> definedVersion() > 1);
            assertThat(content()).isEmpty();
            assertThat(sink.end()).isNotDone();
        }
        // Asked for once, also if it is not answered for a while.
        long asked = definedVersion();
        version = asked;
        batch(0, 9, upserts(row(1, "a", "1"), row(1, "old", "0")), List.of());
        batch(1, 9, List.of(), List.of());
        try (ViewSink sink = start()) {
            await().until(() -> content().equals(List.of("1|a|1", "1|old|0")));
            await().until(sink::ready);
        }
        assertThat(definedVersion()).isEqualTo(asked);
    }

    @Test
    void viewThatChangedAndChangedBack_orWentAndCameBack_whileNobodyLooked_hasNoRowsOfBefore() throws Exception {
        try (ViewSink sink = start()) {
            batch(0, 1, upserts(row(1, "a", "1")), List.of());
            batch(1, 1, upserts(row(2, "b", "2")), List.of());
            await().until(() -> content().size() == 2);
            assertThat(sink.end()).isNotDone();
        }
        for (int lane = 0; lane < 2; lane++) {
            version = 2;
            batch("g2", lane, 2, upserts(row(lane + 1, "other", "9")), List.of());
            version = 3;
            batch("g1", lane, 3, lane == 0 ? upserts(row(1, "c", "3")) : List.of(), List.of());
        }
        try (ViewSink sink = start()) {
            await().until(() -> content().equals(List.of("1|c|3")));
            assertThat(sink.end()).isNotDone();
        }
        for (int lane = 0; lane < 2; lane++) {
            removed(lane, 4);
            version = 4;
            batch("g1", lane, 5, lane == 1 ? upserts(row(2, "d", "4")) : List.of(), List.of());
        }
        try (ViewSink sink = start()) {
            await().until(() -> content().equals(List.of("2|d|4")));
            removed(0, 6);
            removed(1, 6);
            await().until(() -> query("SELECT view FROM analytics.view").isEmpty());
            assertThat(sink.end()).isNotDone();
        }
    }

    @Test
    void historyThatBeginsAnew_replacesWhatThereIs() throws Exception {
        try (ViewSink sink = start()) {
            batch(0, 70, upserts(row(1, "a", "1")), List.of());
            batch(1, 70, upserts(row(2, "b", "2")), List.of());
            await().until(() -> content().size() == 2);
            // The engine's state was lost: it begins at the first epoch.
            previous.clear();
            editions.clear();
            batch(0, 1, upserts(row(1, "c", "1")), List.of());
            batch(1, 1, upserts(row(2, "d", "2")), List.of());
            await().until(() -> definedVersion() > 1);
            version = definedVersion();
            batch(0, 2, upserts(row(1, "e", "1")), List.of());
            batch(1, 2, upserts(row(2, "f", "2")), List.of());
            await().until(() -> content().equals(List.of("1|e|1", "2|f|2")));
            assertThat(query("SELECT epoch FROM analytics.position")).containsExactly("2");
            assertThat(sink.end()).isNotDone();
        }
    }

    @Test
    void tableOfAHubThatKeptNoDefinitions_isReplaced() throws Exception {
        try (ViewSink sink = start()) {
            batch(0, 1, upserts(row(1, "a", "1")), List.of());
            batch(1, 1, List.of(), List.of());
            await().until(() -> content().size() == 1);
            assertThat(sink.end()).isNotDone();
        }
        execute("UPDATE analytics.view SET definition = NULL, version = 0");
        try (ViewSink sink = start()) {
            await().until(() -> definedVersion() > 1);
            version = definedVersion();
            batch(0, 2, upserts(row(1, "b", "1")), List.of());
            batch(1, 2, List.of(), List.of());
            await().until(() -> content().equals(List.of("1|b|1")));
            assertThat(sink.end()).isNotDone();
        }
    }

    @Test
    void waitFor_returnsWhenFreshAlsoInRepeatableRead_orSaysWhereTheViewsAre() throws Exception {
        try (ViewSink sink = start()) {
            batch(0, 1, upserts(row(1, "a", "1")), List.of());
            batch(1, 1, List.of(), List.of());
            try (Connection reader = database.connect();
                    Statement statement = reader.createStatement()) {
                statement.execute("SET default_transaction_isolation TO 'repeatable read'");
                await().ignoreExceptions().until(() -> statement.execute("SELECT analytics.wait_for('0/10', '10 s')"));
                assertThatThrownBy(() -> statement.execute("SELECT analytics.wait_for('0/FFFF', '50 ms')"))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("the views have not come to 0/FFFF within 00:00:00.05: they are at 0/10");
            }
            await().until(sink::ready);
        }
    }

    @Test
    void analyst_readsAndCannotWrite() throws Exception {
        try (ViewSink sink = start()) {
            batch(0, 1, upserts(row(1, "a", "1")), List.of());
            batch(1, 1, List.of(), List.of());
            await().until(() -> content().size() == 1);
            await().until(sink::ready);
        }
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET ROLE analyst");
            assertThat(statement.execute("SELECT * FROM analytics.v, analytics.freshness, analytics.progress"))
                    .isTrue();
            assertThat(statement.execute("SELECT analytics.wait_for('0/1')")).isTrue();
            assertThatThrownBy(() -> statement.execute("DELETE FROM analytics.v"))
                    .hasMessageContaining("permission denied");
        }
        assertThat(query("SELECT col_description('analytics.v'::regclass, 3)")).containsExactly("what is owed");
    }

    @Test
    void analyst_logsIn_findsEverythingDescribed_andReadsNoAuditTrail_whichAnAuditorDoes() throws Exception {
        Report report = new Report(
                "debts",
                "reports/debts.sql",
                "SELECT tenant_id, code, amount, amount > 5 AS large FROM v",
                "Who owes.",
                Map.of("tenant_id", "company", "code", "of the debt"));
        try (ViewSink sink = start(report)) {
            batch(0, 1, upserts(row(1, "a", "1")), List.of());
            batch(1, 1, List.of(), List.of());
            await().until(() -> content().size() == 1);
            await().until(sink::ready);
        }
        try (Connection analyst = DriverManager.getConnection(database.jdbcUrl(), "analyst", ANALYST_PASSWORD);
                Statement statement = analyst.createStatement()) {
            assertThat(query(statement, "SHOW transaction_isolation")).containsExactly("repeatable read");
            assertThat(query(statement, "SELECT count(*) FROM debts")).containsExactly("1");
            assertThat(query(
                            statement,
                            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'analytics'::regnamespace"
                                    + " AND c.relkind IN ('r', 'v') AND obj_description(c.oid, 'pg_class') IS NULL"))
                    .as("tables and views without a comment")
                    .isEmpty();
            assertThat(query(
                            statement,
                            "SELECT a.attrelid::regclass || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
                                    + " WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind IN ('r', 'v')"
                                    + " AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL"
                                    // Without a planner here, only those are described that the test describes.
                                    + " AND c.relname <> 'v'"))
                    .as("columns without a comment")
                    .isEmpty();
            assertThat(query(statement, "SELECT col_description('debts'::regclass, n) FROM generate_series(3, 4) AS n"))
                    .containsExactly("what is owed", "computed by the report");
            assertThatThrownBy(() -> query(statement, "SELECT * FROM audit.record"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> DriverManager.getConnection(database.jdbcUrl(), "analyst", "guessed"))
                    .hasMessageContaining("password authentication failed");
        }
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET ROLE auditor");
            assertThat(query(statement, "SELECT count(*) FROM audit.record, analytics.v"))
                    .containsExactly("0");
            assertThatThrownBy(() -> statement.execute("DELETE FROM audit.record"))
                    .hasMessageContaining("permission denied");
        }
    }

    private static List<String> query(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        }
    }

    @Test
    void twoSinks_applyNothingTwice() throws Exception {
        try (ViewSink first = start();
                ViewSink second = start()) {
            for (int epoch = 1; epoch <= 40; epoch++) {
                batch(0, epoch, upserts(row(1, "a" + epoch, Integer.toString(epoch))), List.of());
                batch(1, epoch, List.of(), epoch == 1 ? List.of() : List.of(key(1, "a" + (epoch - 1))));
            }
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> query("SELECT epoch FROM analytics.position").equals(List.of("40")));
            assertThat(first.end()).isNotDone();
            assertThat(second.end()).isNotDone();
        }
        assertThat(content()).containsExactly("1|a40|40");
    }

    @Test
    void secondSink_isReady_waits_andTakesOver() throws Exception {
        ViewSink first = start();
        batch(0, 1, upserts(row(1, "a", "1")), List.of());
        batch(1, 1, List.of(), List.of());
        await().until(first::ready);
        try (ViewSink second = start()) {
            await().until(second::ready);
            String standby = "standby: another hub applies the views of source erp";
            assertThat(second.detail()).startsWith(standby);
            for (int epoch = 2; epoch <= 20; epoch++) {
                batch(0, epoch, upserts(row(1, "a", Integer.toString(epoch))), List.of());
                batch(1, epoch, List.of(), List.of());
                assertThat(first.ready() && second.ready()).isTrue();
            }
            await().until(() -> content().equals(List.of("1|a|20")));
            assertThat(second.detail()).startsWith(standby);
            assertThat(first.detail()).startsWith("epoch");

            // As if its process were killed: the server ends its connection.
            query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace-sink' AND pid IN"
                            + " (SELECT pid FROM pg_locks WHERE locktype = 'advisory') AND datname = current_database()");
            first.close();
            batch(0, 21, upserts(row(1, "a", "21")), List.of());
            batch(1, 21, List.of(), List.of());
            await().until(() -> content().equals(List.of("1|a|21")));
            await().untilAsserted(() -> assertThat(second.detail()).startsWith("epoch 21"));
        }
    }

    /** There are hubs without alerts, whose topics nobody makes; and topics that are lost, and made anew. */
    @Test
    void topicThatIsNotThere_holdsNothingUp_andAnotherOfItsName_isRefusedWithTheRemedy() throws Exception {
        KafkaServers servers = KafkaServers.at(kafka.bootstrapServers());
        NewTopic alerts = new Topics(registry).alerts().toNewTopic(2, (short) 1);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            if (admin.listTopics().names().get().contains(alerts.name())) {
                admin.deleteTopics(List.of(alerts.name())).all().get();
            }
            try (TopicSink sink = TopicSink.alerts(2, database, servers, registry)) {
                await().until(sink::ready);
                assertThat(sink.detail()).contains("no hub with role governance has made it");
                admin.createTopics(List.of(alerts)).all().get();
                await().until(() -> sink.detail().contains("applied up to"));
            }
            admin.deleteTopics(List.of(alerts.name())).all().get();
            await().until(() -> !admin.listTopics().names().get().contains(alerts.name()));
            admin.createTopics(List.of(alerts)).all().get();
            try (TopicSink sink = TopicSink.alerts(2, database, servers, registry)) {
                assertThatThrownBy(() -> sink.end().get(60, TimeUnit.SECONDS))
                        .hasMessageContaining("is another than the one from which the tables were made");
            }
        }
    }

    private ViewSink start(Report... reports) {
        return ViewSink.start(
                SOURCE, 2, database, KafkaServers.at(kafka.bootstrapServers()), registry, List.of(reports));
    }

    private static ViewDefinition definition(String generation, long version) {
        return new ViewDefinition(
                "v",
                generation,
                "SELECT 1",
                "a view",
                COLUMNS.stream()
                        .map(column -> new ViewColumn(
                                column.name(),
                                column.type().name(),
                                column.nullable(),
                                column.name().equals("amount") ? "what is owed" : ""))
                        .toList(),
                List.of("tenant_id", "code"),
                "erp",
                version);
    }

    private void define(String generation) throws Exception {
        Topic<String, ViewDefinition> topic = topics.viewDefinitions();
        producer.send(new ProducerRecord<>(
                        topic.name(),
                        0,
                        "v".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        topic.values().serializer().serialize(topic.name(), definition(generation, version))))
                .get();
    }

    /** Of the view, as it is defined now. */
    private long definedVersion() {
        return java.util.Objects.requireNonNull(new DefinedViews(KafkaServers.at(kafka.bootstrapServers()), registry)
                        .read()
                        .get("v"))
                .getVersion();
    }

    private static @Nullable Object[] row(int tenant, @Nullable String code, String amount) {
        return new @Nullable Object[] {tenant, code, new BigDecimal(amount), Instant.EPOCH};
    }

    private ByteBuffer key(int tenant, @Nullable String code) {
        return ByteBuffer.wrap(keys.encode(new @Nullable Object[] {tenant, code}));
    }

    private List<ViewRow> upserts(@Nullable Object[]... values) {
        List<ViewRow> upserts = new ArrayList<>();
        for (@Nullable Object[] value : values) {
            upserts.add(new ViewRow(
                    ByteBuffer.wrap(keys.encode(value, new int[] {0, 1})), ByteBuffer.wrap(rows.encode(value))));
        }
        return upserts;
    }

    /** The first ones of an edition in a lane are all that there is. */
    private List<ViewChanges> changes(String generation, int lane, List<ViewRow> upserts, List<ByteBuffer> deletes) {
        boolean whole = !(generation + "@" + version).equals(editions.put(lane, generation + "@" + version));
        return List.of(new ViewChanges(
                "v",
                generation,
                upserts,
                deletes,
                whole ? Long.valueOf(lane) : null,
                version,
                whole,
                whole ? definition(generation, version) : null));
    }

    private void removed(int lane, long epoch) throws Exception {
        editions.remove(lane);
        send(part(
                lane,
                epoch,
                0,
                true,
                List.of(new ViewChanges("v", "", List.of(), List.of(), null, epoch, true, null))));
    }

    private void batch(int lane, long epoch, List<ViewRow> upserts, List<ByteBuffer> deletes) throws Exception {
        batch("g1", lane, epoch, upserts, deletes);
    }

    private void batch(String generation, int lane, long epoch, List<ViewRow> upserts, List<ByteBuffer> deletes)
            throws Exception {
        send(part(lane, epoch, 0, true, changes(generation, lane, upserts, deletes)));
    }

    private ViewBatch part(int lane, long epoch, int part, boolean last, List<ViewChanges> views) {
        long before = previous.getOrDefault(lane, 0L);
        if (last) {
            previous.put(lane, epoch);
        }
        return new ViewBatch("erp", lane, epoch, epoch * 16, Instant.EPOCH, 1L, part, last, before, views);
    }

    private void send(ViewBatch batch) throws Exception {
        Topic<byte[], ViewBatch> topic = topics.viewUpdates();
        producer.send(new ProducerRecord<>(
                        topic.name(),
                        new Lane(batch.getLane()).index(),
                        null,
                        topic.values().serializer().serialize(topic.name(), batch)))
                .get();
    }

    private List<String> content() throws SQLException {
        try {
            return query(
                    "SELECT tenant_id || '|' || coalesce(code, 'null') || '|' || amount FROM analytics.v ORDER BY 1");
        } catch (SQLException notYet) {
            return List.of();
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> query(String sql) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                found.add(result.getString(1));
            }
        } catch (SQLException missing) {
            if (!"42P01".equals(missing.getSQLState()) && !"3F000".equals(missing.getSQLState())) {
                throw missing;
            }
        }
        return found;
    }
}
