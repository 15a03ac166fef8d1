package io.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterState;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** A row that cannot be published holds up no other: it is dead-lettered with its key, and heals. */
class QuarantineTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final SchemaRegistry REGISTRY = new InMemorySchemaRegistry();
    private static final TableName T = new TableName("public", "t");

    /** Of this source: the rows' keys and reasons, open ones only. */
    private static Map<String, String> letters(Servers.Fixture fixture) {
        var topic = new Topics(fixture.registry).deadLetters();
        Map<String, String> open = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : fixture.records(topic.name(), 1)) {
            DeadLetter letter;
            try {
                letter =
                        Objects.requireNonNull(topic.values().deserializer().deserialize(topic.name(), record.value()));
            } catch (RuntimeException ofAnotherRegistry) {
                continue;
            }
            if (letter.getSource().equals(fixture.definition.name().toString())) {
                assertThat(letter.getOrigin()).isEqualTo("table:public.t");
                assertThat(letter.getCommitLsn()).isPositive();
                if (letter.getState() == DeadLetterState.OPEN) {
                    open.put(letter.getSubject(), letter.getReason());
                } else {
                    open.remove(letter.getSubject());
                }
            }
        }
        return open;
    }

    private static void await(Servers.Fixture fixture, String rows, String... letters) {
        org.awaitility.Awaitility.await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(fixture.rows(T).keySet().toString()).isEqualTo(rows);
            assertThat(letters(fixture).keySet()).containsExactly(letters);
        });
    }

    @Test
    void rowsThatCannotBePublished_areDeadLettered_andHeal() throws Exception {
        Servers.Fixture fixture = Servers.fixture(ReaderKind.NATIVE, 1, List.of(T), REGISTRY);
        fixture.execute(
                "CREATE TABLE t (id int PRIMARY KEY, a int[], ts timestamp, big text, n int)",
                "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
                "INSERT INTO t VALUES (1, '{1}'), (2, '{{1,2},{3,4}}'), (3, '[0:1]={1,2}')",
                "INSERT INTO t VALUES (4, NULL, '294276-12-31')",
                "INSERT INTO t VALUES (5, NULL, NULL, repeat('x', 12000000))");
        try (PostgresSource source = fixture.startReady()) {
            await(fixture, "[[1]]", "public.t (2)", "public.t (3)", "public.t (4)", "public.t (5)");
            assertThat(letters(fixture))
                    .hasEntrySatisfying(
                            "public.t (2)", reason -> assertThat(reason).contains("column a", "dimension"))
                    .hasEntrySatisfying(
                            "public.t (4)", reason -> assertThat(reason).contains("column ts"))
                    .hasEntrySatisfying(
                            "public.t (5)", reason -> assertThat(reason).contains("120000", "bytes"));
            fixture.execute(
                    "INSERT INTO t VALUES (6, '{{1}}')",
                    "INSERT INTO t VALUES (7, NULL, NULL, repeat('y', 9000000)), (8, NULL, NULL, NULL)",
                    // What was good and is not any more, is gone.
                    "UPDATE t SET a = '{{9}}' WHERE id = 1",
                    "UPDATE t SET n = 1 WHERE id IN (5, 7)");
            await(
                    fixture,
                    "[[8]]",
                    "public.t (1)",
                    "public.t (2)",
                    "public.t (3)",
                    "public.t (4)",
                    "public.t (5)",
                    "public.t (6)",
                    "public.t (7)");
            assertThat(source.detail()).contains("7 rows cannot be published");
            assertThat(source.ready()).isTrue();
        }
        try (PostgresSource again = fixture.startReady()) {
            fixture.execute(
                    "UPDATE t SET a = '{9}' WHERE id IN (1, 2)",
                    "DELETE FROM t WHERE id = 3",
                    "UPDATE t SET ts = NULL WHERE id = 4",
                    "UPDATE t SET big = 'small' WHERE id = 5",
                    "UPDATE t SET id = 60, a = NULL WHERE id = 6",
                    "UPDATE t SET big = NULL WHERE id = 7");
            await(fixture, "[[1], [2], [4], [5], [60], [7], [8]]");
            assertThat(again.detail()).doesNotContain("cannot be published");
        }
    }

    @Test
    void rowThatIsMendedWhileALargeValueStays_isReadAgain() throws Exception {
        Servers.Fixture fixture = Servers.fixture(ReaderKind.NATIVE, 1, List.of(T), REGISTRY);
        fixture.execute(
                "CREATE TABLE t (id int PRIMARY KEY, a int[], ts timestamp, big text, n int)",
                "ALTER TABLE t ALTER big SET STORAGE EXTERNAL");
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute("INSERT INTO t VALUES (1, '{{1}}', NULL, repeat('z', 5000), 1)");
            await(fixture, "[]", "public.t (1)");
            fixture.execute("UPDATE t SET a = '{1}'");
            await(fixture, "[[1]]");
            assertThat(fixture.rows(T).get("[1]")).contains("z".repeat(5000));
            assertThat(source.ready()).isTrue();
        }
    }
}
