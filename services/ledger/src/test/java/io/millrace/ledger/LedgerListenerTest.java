package io.millrace.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.kafka.OwnTopics;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterAction;
import io.millrace.schemas.avro.DeadLetterActionKind;
import io.millrace.schemas.avro.DeadLetterState;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class LedgerListenerTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String STAGE = "post";
    private static final String ORDERS = "orders";

    @TempDir
    static Path directory;

    private static final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private static final Topics topics = new Topics(registry);
    private static EmbeddedKafka kafka;
    private static KafkaProducer<byte[], byte[]> producer;
    private static EmbeddedPostgres postgres;
    private static LedgerDatabase ledger;

    private final AtomicInteger older = new AtomicInteger();
    private final List<String> taken = new CopyOnWriteArrayList<>();
    private volatile boolean fixed;
    private final AtomicInteger away = new AtomicInteger();
    private LedgerListener listener;

    @BeforeAll
    static void start() throws Exception {
        kafka = EmbeddedKafka.start(new EmbeddedKafka.Place.InThisJvm(), directory, 0);
        OwnTopics.create(
                KafkaServers.at(kafka.bootstrapServers()),
                List.of(
                        new NewTopic(ORDERS, 1, (short) 1),
                        topics.deadLetters().toNewTopic(1, (short) 1),
                        topics.deadLetterActions().toNewTopic(1, (short) 1)));
        postgres = EmbeddedPostgres.untilExit(Map.of("fsync", "off"));
        ledger = new LedgerDatabase(
                new LedgerDatabase.Kind("letters", "post", "letterbox", "io/millrace/ledger/test", 2),
                postgres.jdbcUrl("postgres"),
                EmbeddedPostgres.USER,
                EmbeddedPostgres.PASSWORD);
        ledger.migrate();
        producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void stop() {
        producer.close();
        kafka.close();
        ledger.close();
        postgres.close();
    }

    @BeforeEach
    void listen() {
        listener = new LedgerListener(
                new LedgerListener.Settings(
                        STAGE, "readers", KafkaServers.at(kafka.bootstrapServers()), "one", "fix it"),
                List.of(ORDERS),
                new LedgerListener.Intake() {
                    @Override
                    public void take(ConsumerRecord<byte[], byte[]> record) {
                        LedgerListenerTest.this.take(record);
                    }

                    @Override
                    public void ledgerIsOlder() {
                        older.incrementAndGet();
                    }
                },
                new Positions(ledger.jdbi(), "letterbox"),
                Optional.empty(),
                registry);
        listener.start();
    }

    @AfterEach
    void close() {
        listener.close();
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        String text = text(record.key()) + "=" + text(record.value());
        if (text.contains("bad") && !fixed) {
            throw new IllegalArgumentException("it is bad");
        }
        if (text.contains("away") && away.incrementAndGet() < 3) {
            throw new MillraceException(Category.EXTERNAL, "the registry is away", "start it");
        }
        taken.add(text);
    }

    @Test
    void recordThatCannotBeTaken_isDeadLettered_andTakenAsItWasWhenItIsRedriven() throws Exception {
        send(ORDERS, "1", "good");
        send(ORDERS, "2", "bad");
        send(ORDERS, "3", "good");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(taken).containsExactly("1=good", "3=good"));
        DeadLetter letter = await().atMost(LIMIT)
                .until(() -> letters(DeadLetterState.OPEN), open -> open.size() == 1)
                .getFirst();
        assertThat(letter.getReason()).isEqualTo("it is bad");
        assertThat(letter.getRemedy()).isEqualTo("fix it");
        assertThat(letter.getSubject()).matches("topic orders, partition 0, offset \\d+");

        decide(letter, "another stage", DeadLetterActionKind.REDRIVE);
        decide(letter, STAGE, DeadLetterActionKind.REDRIVE);
        await().atMost(LIMIT)
                .until(() -> letters(DeadLetterState.OPEN).getFirst().getAt().isAfter(letter.getAt()));
        assertThat(taken).hasSize(2);

        fixed = true;
        decide(letter, STAGE, DeadLetterActionKind.REDRIVE);
        await().atMost(LIMIT).until(() -> !letters(DeadLetterState.HEALED).isEmpty());
        assertThat(taken)
                .as("with its key, which the letter does not have")
                .containsExactly("1=good", "3=good", "2=bad");
    }

    @Test
    void listenerThatAnotherOneFences_beginsAgain_andSaysWhyMeanwhile() throws Exception {
        await().atMost(LIMIT).until(listener::running);
        send(ORDERS, "6", "before");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(taken).contains("6=before"));
        Set<String> told = new ConcurrentSkipListSet<>();
        try (KafkaConsumer<byte[], byte[]> other = new KafkaConsumer<>(
                Map.<String, Object>of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "group.id",
                        "readers",
                        // Spring numbers the instances of a container.
                        "group.instance.id",
                        "one-0",
                        "enable.auto.commit",
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            other.subscribe(List.of(ORDERS, topics.deadLetterActions().name()));
            await().atMost(LIMIT).until(() -> {
                other.poll(Duration.ofMillis(100));
                boolean stopped = !listener.running();
                told.add(listener.trouble());
                return stopped;
            });
        }
        send(ORDERS, "7", "after");
        await().atMost(LIMIT).untilAsserted(() -> {
            told.add(listener.trouble());
            assertThat(taken).contains("7=after");
        });
        await().atMost(LIMIT).until(listener::running);
        assertThat(listener.trouble()).isEmpty();
        assertThat(told).anySatisfy(trouble -> assertThat(trouble).contains("another process took over as one"));
    }

    @Test
    void recordThatWaitsForAServer_isNotDeadLettered() throws Exception {
        int before = letters(DeadLetterState.OPEN).size();
        send(ORDERS, "4", "away");
        send(ORDERS, "5", "good");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(taken).containsExactly("4=away", "5=good"));
        assertThat(away).hasValue(3);
        assertThat(letters(DeadLetterState.OPEN)).hasSize(before);
    }

    @Test
    void ledgerOfABackup_getsAgainWhatItDoesNotHave_andIsToldSo() throws Exception {
        send(ORDERS, "8", "before");
        awaitPosition();
        long backup = position();
        send(ORDERS, "9", "since");
        await().atMost(LIMIT).until(() -> position() > backup);
        listener.close();
        assertThat(older).hasValue(0);

        ledger.jdbi()
                .useHandle(handle ->
                        handle.execute("UPDATE letterbox.position SET next_offset = ? WHERE topic = 'orders'", backup));
        taken.clear();
        listen();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(taken).containsExactly("9=since"));
        assertThat(older).hasValue(1);
        awaitPosition();
        listener.close();

        // Nothing is there any more: everything comes again.
        ledger.jdbi().useHandle(handle -> handle.execute("DELETE FROM letterbox.position WHERE topic = 'orders'"));
        taken.clear();
        listen();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(taken).contains("8=before", "9=since"));
        assertThat(older).hasValue(2);
        awaitPosition();
        listener.close();

        // A ledger of before it had positions believes Kafka.
        ledger.jdbi()
                .useHandle(handle -> handle.execute(
                        "DELETE FROM letterbox.position; INSERT INTO letterbox.position VALUES ('', 0, NULL, 0)"));
        taken.clear();
        listen();
        send(ORDERS, "10", "next");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(taken).containsExactly("10=next"));
        assertThat(older).hasValue(2);
        awaitPosition();
        listener.close();

        // Offsets of another topic of the same name say nothing.
        ledger.jdbi()
                .useHandle(handle -> handle.execute(
                        "UPDATE letterbox.position SET topic_id = 'another', next_offset = 1 WHERE topic = 'orders'"));
        taken.clear();
        listen();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(taken).contains("8=before", "9=since", "10=next"));
        awaitPosition();
    }

    @Test
    void ledgerThatWentBackByAFailover_getsAgainWhatItLost() throws Exception {
        send(ORDERS, "11", "kept");
        awaitPosition();
        long kept = position();
        send(ORDERS, "12", "lost");
        await().atMost(LIMIT).until(() -> position() > kept);
        taken.clear();
        // The listener has no part in it.
        ledger.jdbi()
                .useHandle(handle ->
                        handle.execute("UPDATE letterbox.position SET next_offset = ? WHERE topic = 'orders'", kept));
        send(ORDERS, "13", "next");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(taken).contains("12=lost"));
        assertThat(older).hasValue(1);
        awaitPosition();
    }

    private static long position() {
        return ledger.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "SELECT coalesce(max(next_offset), 0) FROM letterbox.position WHERE topic = 'orders'")
                        .mapTo(Long.class)
                        .one());
    }

    private static void awaitPosition() {
        long end = CommittedTopic.of(KafkaServers.at(kafka.bootstrapServers()), ORDERS, 1).ends().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        await().atMost(LIMIT).until(() -> position() == end);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void send(String topic, String key, String value) throws Exception {
        producer.send(new ProducerRecord<>(
                        topic, key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8)))
                .get();
    }

    private static void decide(DeadLetter letter, String origin, DeadLetterActionKind kind) throws Exception {
        DeadLetterAction action = new DeadLetterAction(
                letter.getId(),
                kind,
                "olga",
                null,
                Instant.now(),
                origin,
                "",
                0,
                0L,
                letter.getSubject(),
                letter.getReason(),
                letter.getRemedy(),
                letter.getPayload());
        producer.send(new ProducerRecord<>(
                        topics.deadLetterActions().name(),
                        letter.getId().getBytes(StandardCharsets.UTF_8),
                        topics.deadLetterActions()
                                .values()
                                .serializer()
                                .serialize(topics.deadLetterActions().name(), action)))
                .get();
    }

    /** Those that are in a state now. */
    private static List<DeadLetter> letters(DeadLetterState state) {
        Map<String, DeadLetter> newest = new HashMap<>();
        CommittedTopic.of(
                        KafkaServers.at(kafka.bootstrapServers()),
                        topics.deadLetters().name(),
                        1)
                .read(record -> {
                    DeadLetter letter = Objects.requireNonNull(
                            topics.deadLetters().values().deserializer().deserialize(record.topic(), record.value()));
                    newest.put(letter.getId(), letter);
                });
        return newest.values().stream()
                .filter(letter -> letter.getState() == state)
                .toList();
    }
}
