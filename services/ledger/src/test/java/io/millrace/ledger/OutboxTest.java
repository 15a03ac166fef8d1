package io.millrace.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Enrichment;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class OutboxTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final String KEY = "risk 1";

    @TempDir
    static Path directory;

    private static final Topic<String, Enrichment> topic = new Topics(new InMemorySchemaRegistry()).enrichments();
    private static EmbeddedKafka kafka;
    private static EmbeddedPostgres postgres;
    private static LedgerDatabase ledger;

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start(new EmbeddedKafka.Place.InThisJvm(), directory.resolve("kafka"), 0);
        postgres = EmbeddedPostgres.start(directory.resolve("postgres"), 0, Map.of("fsync", "off"));
        ledger = new LedgerDatabase(
                new LedgerDatabase.Kind("letters", "post", "letterbox", "io/millrace/ledger/test", 8),
                postgres.jdbcUrl("postgres"),
                EmbeddedPostgres.USER,
                EmbeddedPostgres.PASSWORD);
        ledger.migrate();
        ledger.jdbi().useHandle(handle -> {
            handle.execute("CREATE TABLE letterbox.worker (name text PRIMARY KEY, alive_until timestamptz NOT NULL)");
            handle.execute("CREATE TABLE letterbox.lease (what text PRIMARY KEY, worker text NOT NULL)");
            handle.execute("CREATE TABLE letterbox.state (version bigint, published bigint)");
            handle.execute("INSERT INTO letterbox.state VALUES (0, 0)");
        });
    }

    @AfterAll
    static void stop() {
        ledger.close();
        postgres.close();
        kafka.close();
    }

    @Test
    void olderState_isNeverPublishedAfterANewerOne_whenAProcessIsHeldUp() throws Exception {
        try (Hub first = new Hub("first");
                Hub second = new Hub("second")) {
            first.hold = new CountDownLatch(1);
            change(1);
            first.start();
            await().atMost(LIMIT).untilAsserted(() -> assertThat(first.read).isEqualTo(1));

            // Held up between what it read and what it sends, as a whole process is.
            first.workers.close();
            change(2);
            second.start();
            await().atMost(LIMIT).until(() -> last() == 2);
            first.hold.countDown();

            // It takes part again when the second one ends.
            second.close();
            change(3);
            await().atMost(LIMIT).until(() -> last() == 3);
        }
        assertThat(all()).containsExactly(2L, 3L);
    }

    @Test
    void processesThatAreBothAtWork_doNotTakeTheOutboxFromEachOther() throws Exception {
        try (Hub first = new Hub("first");
                Hub second = new Hub("second")) {
            assertThat(first.takeOutbox()).isTrue();
            assertThat(second.takeOutbox()).isFalse();
            assertThat(first.takeOutbox()).isTrue();
            first.workers.close();
            assertThat(second.takeOutbox()).isTrue();
        }
    }

    private static void change(long version) {
        ledger.jdbi().useHandle(handle -> handle.execute("UPDATE letterbox.state SET version = ?", version));
    }

    private static long last() {
        List<Long> versions = all();
        return versions.isEmpty() ? 0 : versions.getLast();
    }

    /** Versions, as who reads committed records sees them. */
    private static List<Long> all() {
        Map<String, Object> settings = new HashMap<>(KafkaServers.at(kafka.bootstrapServers())
                .settings(Map.of("isolation.level", "read_committed", "auto.offset.reset", "earliest")));
        try (KafkaConsumer<String, Enrichment> consumer = new KafkaConsumer<>(
                settings, new StringDeserializer(), topic.values().deserializer())) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);
            if (consumer.partitionsFor(topic.name()).isEmpty()) {
                return List.of();
            }
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            List<Long> versions = new ArrayList<>();
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<String, Enrichment> found : consumer.poll(Duration.ofMillis(100))) {
                    versions.add(found.value().getVersion());
                }
            }
            return versions;
        }
    }

    /** What a hub has: an outbox, and what says that it is at work. */
    private static final class Hub implements Outbox.Table<Enrichment>, AutoCloseable {
        private final Jdbi jdbi = ledger.jdbi();
        private final Workers workers;
        private final Outbox<Enrichment> outbox;
        private volatile CountDownLatch hold = new CountDownLatch(0);
        private volatile long read;

        Hub(String name) {
            workers = new Workers(jdbi, "letterbox", name, PATIENCE);
            outbox = new Outbox<>(
                    new Outbox.Settings(
                            "letters",
                            "letters-outbox",
                            KafkaServers.at(kafka.bootstrapServers()),
                            (short) 1,
                            1,
                            Duration.ofMillis(20)),
                    topic,
                    row -> KEY,
                    this);
        }

        void start() {
            workers.start();
            outbox.start();
        }

        @Override
        public boolean takeOutbox() {
            return workers.take("outbox");
        }

        @Override
        public List<Enrichment> unpublished(int limit) {
            List<Long> versions = jdbi.withHandle(
                    handle -> handle.createQuery("SELECT version FROM letterbox.state WHERE published < version")
                            .mapTo(Long.class)
                            .list());
            List<Enrichment> rows = versions.stream()
                    .map(version -> new Enrichment(
                            "risk", "1", version, "answered", Map.of(), null, 0.0, false, null, Instant.EPOCH))
                    .toList();
            read = versions.isEmpty() ? 0 : versions.getFirst();
            try {
                if (!versions.isEmpty()) {
                    hold.await();
                }
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
            return rows;
        }

        @Override
        public void published(List<Enrichment> rows) {
            rows.forEach(row -> jdbi.useHandle(handle ->
                    handle.execute("UPDATE letterbox.state SET published = greatest(published, ?)", row.getVersion())));
        }

        @Override
        public void close() {
            hold.countDown();
            outbox.close();
            workers.close();
        }
    }
}
