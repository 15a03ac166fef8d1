package io.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedRegistry;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Position;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import io.millrace.schemas.row.RowDecoder;
import io.millrace.source.publish.SnapshotRequest;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A statement that changes rows without the log telling is noticed, and its table read again: the topic is what the table is. */
@SuppressWarnings("NullAway.Init")
class SchemaChangeTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final String PLAIN = "CREATE TABLE t (id int PRIMARY KEY, a text, n int NOT NULL DEFAULT 1)";
    private static final String ROWS = "INSERT INTO t SELECT g, 'a' || g, g FROM generate_series(1, 5) g";
    private static final String PARTITIONED =
            "CREATE TABLE t (id int PRIMARY KEY, a text, n int NOT NULL DEFAULT 1) PARTITION BY RANGE (id);"
                    + " CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (3); CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (3) TO (1000000)";

    /** A real one: it refuses what readers of the newest schema could not read. */
    private static EmbeddedRegistry registry;

    @BeforeAll
    static void start(@TempDir Path directory) {
        registry = EmbeddedRegistry.start(directory, 0);
    }

    @AfterAll
    static void end() {
        registry.close();
    }

    /**
     * In a schema of its own.
     *
     * @param statement %s stands for the publication
     */
    private record Case(TableName table, String create, String statement) {
        String sql(String statements) {
            return "SET search_path TO " + table.schema() + "; " + statements;
        }
    }

    private static List<Case> cases() {
        Stream<String> plain = Stream.of(
                "ALTER TABLE t ADD c int NOT NULL DEFAULT 7",
                "ALTER TABLE t RENAME a TO b",
                "ALTER TABLE t RENAME id TO ident",
                "ALTER TABLE t DROP a",
                "ALTER TABLE t DROP a; ALTER TABLE t ADD a text DEFAULT 'again'",
                "ALTER TABLE t ALTER n TYPE bigint",
                "ALTER TABLE t ALTER n TYPE numeric(10,2)",
                "ALTER TABLE t ALTER n TYPE text USING 'n' || n",
                "ALTER TABLE t ALTER a TYPE text USING upper(a)",
                "ALTER TABLE t ALTER id TYPE bigint",
                "ALTER TABLE t ALTER id TYPE smallint",
                "ALTER TABLE t ALTER id TYPE text USING 'k' || id",
                "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (n)",
                "ALTER TABLE t REPLICA IDENTITY FULL; UPDATE t SET a = NULL WHERE id = 2; ALTER TABLE t RENAME id TO x;"
                        + " UPDATE t SET a = NULL WHERE x = 3; ALTER TABLE t RENAME x TO ident",
                "TRUNCATE t; INSERT INTO t (id) VALUES (9)",
                "DELETE FROM t WHERE id = 2; ALTER TABLE t ALTER id TYPE bigint",
                "CREATE TABLE o AS SELECT * FROM t WHERE id > 2; DROP TABLE t; ALTER TABLE o RENAME TO t;"
                        + " ALTER TABLE t ADD PRIMARY KEY (id); ALTER PUBLICATION %s ADD TABLE t",
                "ALTER TABLE t RENAME TO o; CREATE TABLE t (n int, a text, id int PRIMARY KEY); INSERT INTO t VALUES (1, 'x', 77);"
                        + " ALTER PUBLICATION %s DROP TABLE o; ALTER PUBLICATION %s ADD TABLE t",
                "CREATE TABLE o (LIKE t INCLUDING ALL); INSERT INTO o SELECT g, repeat(g::text, 3000), 1 FROM generate_series(3, 8) g;"
                        + " ALTER TABLE o ALTER a SET STORAGE EXTERNAL; UPDATE o SET a = a || 'x'; DROP TABLE t; ALTER TABLE o RENAME TO t;"
                        + " ALTER PUBLICATION %s ADD TABLE t; UPDATE t SET n = n + 1; UPDATE t SET id = id + 100 WHERE id < 5");
        Stream<String> partitioned = Stream.of(
                "CREATE TABLE t3 (LIKE t INCLUDING ALL); INSERT INTO t3 SELECT -g, 'n', 1 FROM generate_series(1, 3) g;"
                        + " ALTER TABLE t ATTACH PARTITION t3 FOR VALUES FROM (-100) TO (0)",
                "ALTER TABLE t DETACH PARTITION t1",
                "TRUNCATE t1",
                "DROP TABLE t2",
                "ALTER TABLE t ADD c int NOT NULL DEFAULT 7");
        List<Case> cases = new ArrayList<>();
        plain.forEach(statement -> cases.add(new Case(new TableName("c" + cases.size(), "t"), PLAIN, statement)));
        partitioned.forEach(statement ->
                cases.add(new Case(new TableName("c" + cases.size(), "t"), PARTITIONED, statement)));
        return cases;
    }

    private static Servers.Fixture created(List<Case> cases) throws SQLException {
        Servers.Fixture fixture = Servers.fixture(
                ReaderKind.NATIVE, 1, cases.stream().map(Case::table).toList(), new HttpSchemaRegistry(registry.url()));
        for (Case each : cases) {
            fixture.execute("CREATE SCHEMA " + each.table.schema() + "; " + each.sql(each.create + "; " + ROWS));
        }
        return fixture;
    }

    private static void change(Servers.Fixture fixture, List<Case> cases) throws SQLException {
        for (Case each : cases) {
            fixture.execute(
                    each.sql("BEGIN; " + each.statement.replace("%s", fixture.definition.publication()) + "; COMMIT"));
        }
    }

    private static void awaitEqual(Servers.Fixture fixture, PostgresSource source, List<Case> cases) {
        for (Case each : cases) {
            await(each.statement).atMost(LIMIT).untilAsserted(() -> {
                assertThat(source.end()).isNotDone();
                assertThat(fixture.rows(each.table)).isEqualTo(fixture.table(each.table));
            });
        }
    }

    @Test
    void whileStreaming() throws Exception {
        List<Case> cases = cases();
        Servers.Fixture fixture = created(cases);
        try (PostgresSource source = fixture.startReady()) {
            change(fixture, cases);
            awaitEqual(fixture, source, cases);
            for (Case each : cases) {
                fixture.execute(each.sql("DELETE FROM t WHERE n::text IN ('3', 'n3')"));
            }
            awaitEqual(fixture, source, cases);
        }
    }

    @Test
    void whileStopped_withChangesBeforeThatWereNotReadYet() throws Exception {
        List<Case> cases = cases();
        Servers.Fixture fixture = created(cases);
        fixture.startReady().close();
        for (Case each : cases) {
            fixture.execute(each.sql("INSERT INTO t VALUES (1000, 'new', 1000);"
                    + " UPDATE t SET a = 'u', n = n + 10000 WHERE id = 1; DELETE FROM t WHERE id = 4"));
        }
        change(fixture, cases);
        try (PostgresSource source = fixture.startReady()) {
            awaitEqual(fixture, source, cases);
        }
    }

    @Test
    void newSnapshotInPlace() throws Exception {
        List<Case> cases = cases();
        Servers.Fixture fixture = created(cases);
        fixture.startReady().close();
        change(fixture, cases);
        SnapshotRequest.send(fixture.definition.name(), fixture.cluster, fixture.registry);
        try (PostgresSource source = fixture.startReady()) {
            awaitEqual(fixture, source, cases);
        }
    }

    @Test
    void whileOthersWrite_noChangeIsLostOrOverwritten() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute(
                PLAIN,
                "CREATE SEQUENCE version START 1000 INCREMENT 100",
                "ALTER TABLE t ALTER a SET STORAGE EXTERNAL",
                "INSERT INTO t SELECT g, repeat('x', 2500), g FROM generate_series(1, 300) g");
        long seed = System.nanoTime();
        AtomicBoolean writing = new AtomicBoolean(true);
        try (PostgresSource source = fixture.startReady()) {
            List<Thread> writers = Stream.of(1, 2, 3)
                    .map(number -> Thread.ofPlatform().start(() -> write(fixture, new Random(seed + number), writing)))
                    .toList();
            Random random = new Random(seed);
            for (int i = 0; i < 6; i++) {
                switch (random.nextInt(4)) {
                    case 0 -> fixture.execute("ALTER TABLE t ADD c" + i + " int NOT NULL DEFAULT " + i);
                    case 1 -> fixture.execute("ALTER TABLE t ALTER n TYPE bigint USING n + 1");
                    case 2 -> fixture.execute("ALTER TABLE t ALTER n TYPE int USING n + 1");
                    default -> fixture.execute("VACUUM FULL t");
                }
                int rewritten = i;
                await().atMost(LIMIT).until(() -> fixture.rereads() > rewritten);
            }
            writing.set(false);
            for (Thread writer : writers) {
                writer.join();
            }
            try {
                awaitEqual(fixture, source, List.of(new Case(new TableName("public", "t"), "", "")));
            } catch (org.awaitility.core.ConditionTimeoutException different) {
                throw new AssertionError("seed " + seed, different);
            }
            assertNoStepBack(fixture);
        }
    }

    @Test
    void tableThatGaveItsNameAway_andOthersThatAreOnlyPublished_areNotCaptured() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute(
                PLAIN,
                ROWS,
                "CREATE TABLE other (id int PRIMARY KEY, r int4range)",
                "CREATE PUBLICATION " + fixture.definition.publication()
                        + " FOR ALL TABLES WITH (publish_via_partition_root = true)");
        List<Case> table = List.of(new Case(new TableName("public", "t"), "", ""));
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute(
                    "BEGIN; ALTER TABLE t RENAME TO old; CREATE TABLE t (id int PRIMARY KEY, a text, n int); COMMIT",
                    "INSERT INTO t VALUES (10, 'new', 1)");
            await().atMost(LIMIT).until(() -> fixture.rereads() > 0);
            awaitEqual(fixture, source, table);
            int before = fixture.positions().size();
            for (int i = 0; i < 3; i++) {
                fixture.execute(
                        "UPDATE old SET n = n + 1",
                        "INSERT INTO other VALUES (" + i + ", '[1,2)')",
                        "INSERT INTO t VALUES (" + i + ", 'more', 1)");
                awaitEqual(fixture, source, table);
            }
            List<Position> since = fixture.positions();
            assertThat(since.subList(before, since.size()))
                    .hasSizeGreaterThan(2)
                    .allSatisfy(position -> assertThat(position.getForms()).hasSize(1));
            assertThat(fixture.transactions().stream().filter(transaction -> transaction.getXid() != 0))
                    .as("transactions of t: its new row, and three more")
                    .filteredOn(transaction -> !transaction.getChanges().isEmpty())
                    .hasSize(4);
        }
    }

    private static void write(Servers.Fixture fixture, Random random, AtomicBoolean writing) {
        try (Connection connection = fixture.server.connect();
                Statement statement = connection.createStatement()) {
            while (writing.get()) {
                int id = random.nextInt(400);
                statement.execute(
                        switch (random.nextInt(20)) {
                            case 0 ->
                                "INSERT INTO t (id, a, n) VALUES (" + id
                                        + ", 'new', nextval('version')) ON CONFLICT DO NOTHING";
                            case 1 -> "DELETE FROM t WHERE id = " + id;
                            case 2 ->
                                "UPDATE t SET a = repeat('" + random.nextInt(10)
                                        + "', 2500), n = nextval('version') WHERE id = " + id;
                            // It may begin before a snapshot, and end after it.
                            case 3 ->
                                "BEGIN; UPDATE t SET n = nextval('version') WHERE id = " + id
                                        + "; SELECT pg_sleep(0.02); COMMIT";
                            default -> "UPDATE t SET n = nextval('version') WHERE id = " + id;
                        });
            }
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** The topic's history of a row never goes back to what the row was. */
    private static void assertNoStepBack(Servers.Fixture fixture) {
        RowDecoder keys = new RowDecoder(fixture.registry, List.of("id"));
        RowDecoder rows = new RowDecoder(fixture.registry, List.of("n"));
        Map<Object, Long> newest = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record :
                fixture.records(Topics.rowsName(fixture.definition.name(), new TableName("public", "t")), 1)) {
            byte @Nullable [] value = record.value();
            if (value != null) {
                Object id = Objects.requireNonNull(keys.decode(record.key())[0]);
                long version = ((Number) Objects.requireNonNull(rows.decode(value)[0])).longValue();
                assertThat(version)
                        .as("row " + id + " at offset " + record.offset())
                        .isGreaterThanOrEqualTo(newest.getOrDefault(id, 0L));
                newest.put(id, version);
            }
        }
    }
}
