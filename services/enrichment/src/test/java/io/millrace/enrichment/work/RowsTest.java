package io.millrace.enrichment.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.StandInLlm;
import io.millrace.enrichment.ledger.Questions;
import io.millrace.enrichment.llm.AnthropicLlm;
import io.millrace.enrichment.recipe.OutputField;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.kafka.OwnTopics;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.RowEncoder;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Recipes about the rows of a view, from its topic on a real broker to the tables that analysts join. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings("NullAway.Init")
class RowsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String TOPIC = "views.line";
    private static final Column TENANT = new Column("tenant_id", PgType.INT4, false);
    private static final Column ID = new Column("id", PgType.INT8, false);
    private static final RelationSchema LINE = new RelationSchema(
            new TableName("analytics", "line"),
            List.of(
                    TENANT,
                    ID,
                    new Column("status", PgType.TEXT, true),
                    new Column("title", PgType.TEXT, true),
                    new Column("amount", PgType.NUMERIC, true)),
            List.of("tenant_id", "id"),
            null,
            false);

    @TempDir
    static Path directory;

    private static final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private static EmbeddedPostgres postgres;
    private static EmbeddedKafka kafka;
    private static StandInLlm llm;
    private static KafkaProducer<byte[], byte[]> producer;

    @BeforeAll
    static void start() throws Exception {
        postgres = EmbeddedPostgres.start(directory.resolve("postgres"), 0, Map.of("fsync", "off"));
        kafka = EmbeddedKafka.start(new EmbeddedKafka.Place.InThisJvm(), directory.resolve("kafka"), 0);
        llm = StandInLlm.start(0);
        OwnTopics.create(
                KafkaServers.at(kafka.bootstrapServers()),
                List.of(
                        new NewTopic(TOPIC, 2, (short) 1),
                        new Topics(registry).alerts().toNewTopic(2, (short) 1)));
        producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void stop() {
        producer.close();
        llm.close();
        kafka.close();
        postgres.close();
    }

    private static Recipe recipe(String name, String prompt) {
        return new Recipe(
                name,
                "",
                "line",
                List.of(),
                Map.of("status", List.of("draft")),
                List.of("title", "amount"),
                List.of(),
                Duration.ZERO,
                prompt,
                List.of(new OutputField("account", "which", 0, List.of("6000 Expenses"))),
                "model-1",
                "",
                100,
                new Recipe.Price(1, 5),
                new Recipe.Price(0, 0),
                new Recipe.Budget(0, 0, "tenant_id"),
                Duration.ofSeconds(5));
    }

    private static Enrichments run(Recipe... recipes) {
        return Enrichments.start(
                new Enrichments.Settings(KafkaServers.at(kafka.bootstrapServers()), (short) 1, 2, "hub", 4),
                List.of(recipes),
                new AnthropicLlm(llm.url(), "secret"),
                new Questions(postgres.jdbcUrl("postgres"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD, "hub"),
                registry);
    }

    private static void write(int id, @Nullable String status, String title) throws Exception {
        RowEncoder keys = new RowEncoder(registry.register(TOPIC + "-key", LINE.keySchema()), List.of(TENANT, ID));
        RowEncoder rows = new RowEncoder(registry.register(TOPIC + "-value", LINE.valueSchema()), LINE.columns());
        @Nullable Object[] row = {id % 2, (long) id, status, title, BigDecimal.ONE};
        byte[] value = status == null ? null : rows.encode(row);
        producer.send(new ProducerRecord<>(TOPIC, id % 2, keys.encode(row, new int[] {0, 1}), value))
                .get();
    }

    @Test
    @Order(1)
    void rowsOfAView_areAsked_andAnswersJoinIt() throws Exception {
        for (int id = 0; id < 10; id++) {
            write(id, id < 8 ? "draft" : "paid", "title " + id);
        }
        try (Enrichments running = run(recipe("code-line", "Which account?"))) {
            await().atMost(LIMIT).until(() -> count("state = 'done'") == 8);
        }
        assertThat(llm.asked()).isEqualTo(8);
        assertThat(
                        query(
                                "SELECT pg_typeof(tenant_id) || ' ' || pg_typeof(id) || ' ' || account"
                                        + " FROM analytics.enrichment_code_line JOIN (VALUES (1, 7::bigint)) line (tenant_id, id) USING (tenant_id, id)"))
                .contains("integer bigint 6000 Expenses");
        assertThat(
                        query(
                                "SELECT string_agg(subject, ' ' ORDER BY subject) FROM analytics.enrichment WHERE tenant = '1'"))
                .contains("tenant_id=1,id=1 tenant_id=1,id=3 tenant_id=1,id=5 tenant_id=1,id=7");
    }

    @Test
    @Order(2)
    void row_isAskedAgain_onlyWhenSomethingThatMayLeaveHasChanged() throws Exception {
        try (Enrichments running = run(recipe("code-line", "Which account?"))) {
            write(1, "draft", "title 1");
            write(3, "draft", "another title");
            await().atMost(LIMIT).until(() -> llm.asked() == 9);
            // Partitions are read in order: what came before the last is through.
            write(7, "draft", "title of the last");
            await().atMost(LIMIT).until(() -> llm.asked() == 10);
        }
        assertThat(query("SELECT attempts FROM enrichment.question WHERE subject = 'tenant_id=1,id=1'"))
                .contains("1");
    }

    @Test
    @Order(3)
    void rowThatIsGone_orOutOfTheFilter_isNotAskedAnyMore() throws Exception {
        query("UPDATE enrichment.question SET state = 'deferred', not_before = now() + interval '1 day'"
                + " WHERE subject IN ('tenant_id=0,id=0', 'tenant_id=0,id=2') RETURNING 'x'");
        try (Enrichments running = run(recipe("code-line", "Which account?"))) {
            write(0, null, "");
            write(2, "paid", "title 2");
            await().atMost(LIMIT).until(() -> count("state = 'withdrawn'") == 2);
        }
        assertThat(llm.asked()).isEqualTo(10);
    }

    @Test
    @Order(4)
    void newRecipe_isAlsoAskedAboutRowsThatWereThereBefore_once() throws Exception {
        for (int start = 0; start < 2; start++) {
            try (Enrichments running =
                    run(recipe("code-line", "Which account?"), recipe("second", "Which account, and why?"))) {
                await().atMost(LIMIT).until(() -> count("recipe = 'second' AND state = 'done'") == 6);
            }
        }
        assertThat(llm.asked()).isEqualTo(16);
    }

    private static long count(String condition) throws SQLException {
        return Long.parseLong(query("SELECT count(*) FROM enrichment.question WHERE " + condition)
                .orElseThrow());
    }

    /** The first column of the first row, or of none. */
    private static Optional<String> query(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        postgres.jdbcUrl("postgres"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
        }
    }
}
