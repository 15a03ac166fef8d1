package io.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the source's file leaves out of a table is in no record, whichever way a row comes; and who acts may be in a column. */
@ParameterizedClass
@EnumSource(ReaderKind.class)
class ColumnChoiceTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String SECRET = "s3cret";

    @Parameter
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    ReaderKind reader;

    private static void rows(Servers.Fixture fixture, String rows) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(fixture.rows("t")).hasToString(rows));
    }

    /** Whether any record of rows or of the feed has it. */
    private static boolean isPublished(Servers.Fixture fixture, String text) {
        List<ConsumerRecord<byte[], byte[]>> records =
                new ArrayList<>(fixture.records("cdc." + fixture.definition.name() + ".public.t", 1));
        records.addAll(fixture.records(
                new Topics(fixture.registry)
                        .transactions(fixture.definition.name())
                        .name(),
                1));
        return records.stream()
                .map(ConsumerRecord::value)
                .anyMatch(value -> value != null && new String(value, StandardCharsets.ISO_8859_1).contains(text));
    }

    @Test
    void columnsThatAreLeftOut_areInNoRecord_whateverIsDoneToTheTable() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t");
        SourceDefinition except = fixture.with(ColumnChoice.parse(List.of(), List.of("public.t.hash")), null);
        fixture.execute(
                "CREATE TABLE t (hash text, id int PRIMARY KEY, v text)",
                "INSERT INTO t VALUES ('" + SECRET + "', 1, 'a'), (repeat('" + SECRET + "', 2000), 2, 'b')");
        try (PostgresSource source = fixture.startReady(except)) {
            fixture.execute(
                    "INSERT INTO t VALUES ('" + SECRET + "', 3, 'c')",
                    "UPDATE t SET v = 'd' WHERE id = 2",
                    "UPDATE t SET hash = '" + SECRET + "x' WHERE id = 1",
                    "UPDATE t SET id = 30 WHERE id = 3",
                    "ALTER TABLE t REPLICA IDENTITY FULL",
                    "DELETE FROM t WHERE id = 1");
            rows(fixture, "{[2]=[2, d], [30]=[30, c]}");
            fixture.execute("ALTER TABLE t ADD n int DEFAULT 7", "INSERT INTO t VALUES ('" + SECRET + "', 4, 'e', 8)");
            rows(fixture, "{[2]=[2, d, 7], [30]=[30, c, 7], [4]=[4, e, 8]}");
            fixture.execute("ALTER TABLE t DROP hash", "INSERT INTO t VALUES (5, 'f', 9)");
            rows(fixture, "{[2]=[2, d, 7], [30]=[30, c, 7], [4]=[4, e, 8], [5]=[5, f, 9]}");
            assertThat(isPublished(fixture, SECRET)).isFalse();
            assertThat(source.ready()).isTrue();
        }
    }

    @Test
    void columnsThatAreListed_areTheOnlyOnes_andAnotherListIsReadAgain() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t");
        fixture.execute(
                "CREATE TABLE t (id int PRIMARY KEY, v text, hash text)", "INSERT INTO t VALUES (1, 'a', 's3cret')");
        SourceDefinition only = fixture.with(ColumnChoice.parse(List.of("public.t.id", "public.t.v"), List.of()), null);
        try (PostgresSource source = fixture.startReady(only)) {
            fixture.execute("ALTER TABLE t ADD n int DEFAULT 7", "INSERT INTO t VALUES (2, 'b', 's3cret', 8)");
            rows(fixture, "{[1]=[1, a], [2]=[2, b]}");
            assertThat(isPublished(fixture, SECRET)).isFalse();
            assertThat(source.ready()).isTrue();
        }
        fixture.execute("INSERT INTO t VALUES (3, 'c', 's3cret', 9)");
        try (PostgresSource source = fixture.startReady()) {
            rows(fixture, "{[1]=[1, a, s3cret, 7], [2]=[2, b, s3cret, 8], [3]=[3, c, s3cret, 9]}");
            assertThat(source.ready()).isTrue();
        }
    }

    @Test
    void listsOfAPublication_areEnough_ifTheyHaveWhatIsCaptured() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t");
        fixture.execute(
                "CREATE TABLE t (id int PRIMARY KEY, v text, hash text)",
                "CREATE PUBLICATION " + fixture.definition.publication()
                        + " FOR TABLE t (id, v) WITH (publish_via_partition_root = true)",
                "INSERT INTO t VALUES (1, 'a', 's3cret')");
        SourceDefinition except = fixture.with(ColumnChoice.parse(List.of(), List.of("public.t.hash")), null);
        try (PostgresSource source = fixture.startReady(except)) {
            fixture.execute("INSERT INTO t VALUES (2, 'b', 's3cret')", "UPDATE t SET hash = 'other'");
            rows(fixture, "{[1]=[1, a], [2]=[2, b]}");
            fixture.execute("UPDATE t SET v = 'c'", "DELETE FROM t WHERE id = 1");
            rows(fixture, "{[2]=[2, c]}");
            assertThat(source.ready()).isTrue();
        }
    }

    @Test
    void actor_isWhoTheTransactionsRowsName_unlessAMessageSaysOtherwise() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY, updated_by text)");
        try (PostgresSource source = fixture.startReady(fixture.with(ColumnChoice.ALL, "updated_by"))) {
            fixture.execute("INSERT INTO t VALUES (1, 'anna'), (2, 'anna'), (3, NULL)");
            fixture.execute("UPDATE t SET updated_by = 'bert' WHERE id = 1");
            fixture.execute("UPDATE t SET id = id + 10");
            fixture.execute("DELETE FROM t WHERE id = 11");
            fixture.execute(
                    List.of(
                            "UPDATE t SET updated_by = 'carl' WHERE id = %d",
                            "SELECT pg_logical_emit_message(true, 'millrace.actor', 'dora')"),
                    12);
            rows(fixture, "{[12]=[12, carl], [13]=[13, null]}");
            assertThat(fixture.transactions().stream()
                            .filter(transaction -> !transaction.getChanges().isEmpty())
                            .map(transaction -> String.valueOf(transaction.getActor())))
                    .containsExactly("anna", "bert", "null", "null", "dora");
            assertThat(source.ready()).isTrue();
        }
    }

    @Test
    void whatTheFileNamesWrongly_isRefused() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY, v text)");
        for (Map.Entry<SourceDefinition, String> wrong : Map.of(
                        fixture.with(ColumnChoice.parse(List.of(), List.of("public.t.id")), null),
                        "its primary key has to be captured",
                        fixture.with(ColumnChoice.parse(List.of(), List.of("public.t.hush")), null),
                        "column public.t.hush, which the source's file names, does not exist",
                        fixture.with(ColumnChoice.ALL, "updated_by"),
                        "no captured table has the column updated_by")
                .entrySet()) {
            PostgresSource source = fixture.start(wrong.getKey());
            await().atMost(LIMIT).until(() -> source.end().isDone());
            assertThatThrownBy(() -> source.end().join())
                    .cause()
                    .isInstanceOf(MillraceException.class)
                    .hasMessageContaining(wrong.getValue());
        }
        assertThatThrownBy(() -> ColumnChoice.parse(List.of("t.id"), List.of()))
                .hasMessage("not a column: 't.id' (expected schema.table.column)");
        assertThatThrownBy(() -> fixture.with(new ColumnChoice(Map.of(), Map.of(TABLE_U, Set.of("a"))), null))
                .hasMessageContaining("names columns of public.u, which it does not capture");
    }

    private static final TableName TABLE_U = new TableName("public", "u");
}
