package io.millrace.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.platform.data.DataDirectory;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedStackTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void killedPostgresRecoversWhatWasCommitted() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory, 0, Map.of())) {
            try (var connection = DriverManager.getConnection(
                            postgres.jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                    var statement = connection.createStatement()) {
                statement.execute("CREATE TABLE t AS SELECT 7 AS x");
            }
            postgres.kill();
            postgres.start();
            try (var connection = DriverManager.getConnection(
                            postgres.jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                    var statement = connection.createStatement();
                    var result = statement.executeQuery("SELECT x, current_setting('wal_level') FROM t")) {
                assertThat(result.next()).isTrue();
                assertThat(result.getInt(1)).isEqualTo(7);
                assertThat(result.getString(2)).isEqualTo("logical");
            }
        }
    }

    @Test
    void killedKafkaKeepsWhatWasCommitted() throws Exception {
        try (EmbeddedKafka kafka =
                EmbeddedKafka.start(EmbeddedKafka.Place.BesideThisJvm.withThisClassPath(), directory, 0)) {
            Map<String, Object> clients = Map.of("bootstrap.servers", kafka.bootstrapServers());
            try (Admin admin = Admin.create(clients)) {
                admin.createTopics(List.of(new NewTopic("t", 1, (short) 1)))
                        .all()
                        .get();
            }
            try (var producer = new KafkaProducer<>(
                    Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "test"),
                    new StringSerializer(),
                    new StringSerializer())) {
                producer.initTransactions();
                producer.beginTransaction();
                var first = producer.send(new ProducerRecord<>("t", "k", "committed"));
                producer.commitTransaction();
                assertThat(first).isDone();
                producer.beginTransaction();
                var second = producer.send(new ProducerRecord<>("t", "k", "aborted"));
                producer.flush();
                assertThat(second).isDone();
                kafka.kill();
                producer.close(Duration.ZERO);
            }
            kafka.start();
            try (var consumer = new KafkaConsumer<>(
                    Map.<String, Object>of(
                            "bootstrap.servers", kafka.bootstrapServers(),
                            "isolation.level", "read_committed",
                            "auto.offset.reset", "earliest"),
                    new StringDeserializer(),
                    new StringDeserializer())) {
                consumer.assign(List.of(new TopicPartition("t", 0)));
                await().untilAsserted(() -> assertThat(consumer.poll(Duration.ofMillis(200)))
                        .singleElement()
                        .satisfies(record -> assertThat(record.value()).isEqualTo("committed")));
            }
        }
    }

    @Test
    void theWholeStackRuns() throws Exception {
        try (EmbeddedStack stack = EmbeddedStack.start(
                DataDirectory.open(directory),
                false,
                Set.of(EmbeddedStack.Part.values()),
                new EmbeddedKafka.Place.InThisJvm())) {
            var registry = new HttpSchemaRegistry(stack.registry().url());
            var schema = SchemaBuilder.record("R").fields().requiredString("a").endRecord();
            int id = registry.register("t-value", schema);
            assertThat(registry.schema(id)).isEqualTo(schema);
            assertThat(Files.readString(directory.resolve("endpoints.json")))
                    .contains(stack.registry().url(), stack.kafka().bootstrapServers());
        }
    }

    @Test
    void takenPortIsAClearError() throws Exception {
        try (var taken = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> EmbeddedPostgres.start(directory, taken.getLocalPort(), Map.of()))
                    .isInstanceOf(MillraceException.class)
                    .hasMessageContaining("port " + taken.getLocalPort() + " for Postgres is in use");
        }
    }

    @Test
    void serversEndWithAKilledParentAndStartAgainOverWhatItLeft() throws Exception {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        directory.toString())
                .redirectError(directory.resolve("parent.log").toFile())
                .start();
        String line = parent.inputReader(UTF_8)
                .lines()
                .filter(printed -> printed.startsWith("children "))
                .findFirst()
                .orElseThrow();
        List<ProcessHandle> children = List.of(line.split(" ")).stream()
                .skip(1)
                .map(pid -> ProcessHandle.of(Long.parseLong(pid)).orElseThrow())
                .toList();
        parent.destroyForcibly();
        await().atMost(Duration.ofSeconds(30)).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("postgres"), 0, Map.of());
                EmbeddedKafka kafka = EmbeddedKafka.start(
                        EmbeddedKafka.Place.BesideThisJvm.withThisClassPath(), directory.resolve("kafka"), 0)) {
            assertThat(postgres.pid()).isPositive();
            assertThat(kafka.pid()).isPositive();
        }
    }

    /** Starts servers, prints their process ids, and waits to be killed. */
    static final class Parent {
        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[0]);
            EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("postgres"), 0, Map.of());
            EmbeddedKafka kafka = EmbeddedKafka.start(
                    EmbeddedKafka.Place.BesideThisJvm.withThisClassPath(), directory.resolve("kafka"), 0);
            System.out.println("children " + postgres.pid() + " " + kafka.pid());
            System.out.flush();
            new java.util.concurrent.CountDownLatch(1).await();
        }
    }
}
