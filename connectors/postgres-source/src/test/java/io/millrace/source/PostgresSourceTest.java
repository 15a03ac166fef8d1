package io.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.Operation;
import io.millrace.schemas.avro.SourceTransaction;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(ReaderKind.class)
class PostgresSourceTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Parameter
    ReaderKind reader = ReaderKind.NATIVE;

    @Test
    void snapshotAndStream_haveEveryTypeAsPostgresHasIt() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t");
        String columns =
                "id int PRIMARY KEY, b boolean, i2 int2, i8 int8, f4 float4, f8 float8, n numeric(20,4), t text, v varchar(9),"
                        + " c char(4), d date, ti time, ts timestamp, tz timestamptz, u uuid, j jsonb, y bytea";
        String values =
                "true, -3, 9007199254740993, 1.5, 0.1, 12.5, E'tab\\tline\\nback\\\\slash \"q\" ∅', 'x', 'ab', '2026-02-28',"
                        + " '23:59:59.999999', '2026-03-29 02:30:00.000001', '2026-03-29 02:30:00.5+02', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',"
                        + " '{\"a\": [1, null]}', '\\xdeadbeef'";
        fixture.execute(
                "CREATE TABLE t (" + columns + ")",
                "INSERT INTO t VALUES (1, " + values + ")",
                "INSERT INTO t (id) VALUES (2)");
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute("INSERT INTO t VALUES (3, " + values + ")", "INSERT INTO t (id) VALUES (4)");
            await().atMost(LIMIT).until(() -> fixture.rows("t").size() == 4);
            assertThat(source.ready()).isTrue();
        }
        List<String> rows = List.copyOf(fixture.rows("t").values());
        assertThat(rows.get(0))
                .isEqualTo(
                        "[1, true, -3, 9007199254740993, 1.5, 0.1, 12.5000, tab\tline\nback\\slash \"q\" ∅, x, ab  , 2026-02-28,"
                                + " 23:59:59.999999, 2026-03-29T02:30:00.000001, 2026-03-29T00:30:00.500Z,"
                                + " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11, {\"a\": [1, null]}, java.nio.HeapByteBuffer[pos=0 lim=4 cap=4]]");
        // What the stream says is what the snapshot said, but for the key.
        assertThat(rows.get(2)).isEqualTo(rows.get(0).replaceFirst("\\[1", "[3"));
        assertThat(rows.get(3)).isEqualTo(rows.get(1).replaceFirst("\\[2", "[4"));
    }

    @Test
    void changes_comeAsWholeTransactionsInOrderWithTheirActor() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 2, "t");
        fixture.execute("CREATE TABLE t (tenant_id int, id int, x text, PRIMARY KEY (tenant_id, id))");
        try (PostgresSource source = fixture.startReady();
                Connection connection = fixture.server.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT pg_logical_emit_message(true, 'millrace.actor', 'anna')");
            statement.execute("INSERT INTO t SELECT g, 1, 'a' FROM generate_series(1, 8) g");
            connection.commit();
            statement.execute("UPDATE t SET id = 2 WHERE tenant_id = 1");
            statement.execute("SAVEPOINT s");
            statement.execute("DELETE FROM t WHERE tenant_id = 2");
            statement.execute("ROLLBACK TO s");
            statement.execute("UPDATE t SET x = 'b' WHERE tenant_id = 3");
            connection.commit();
            statement.execute("DELETE FROM t WHERE tenant_id = 4");
            connection.rollback();
            statement.execute("DELETE FROM t WHERE tenant_id = 5");
            connection.commit();
            await().atMost(LIMIT).until(() -> fixture.rows("t").size() == 7);
            assertThat(source.end()).isNotDone();
        }
        List<SourceTransaction> transactions = fixture.transactions();
        assertThat(transactions)
                .filteredOn(t -> "anna".equals(t.getActor()))
                .hasSize(2)
                .satisfies(lanes -> assertThat(lanes.stream()
                                .mapToInt(t -> t.getChanges().size())
                                .sum())
                        .isEqualTo(8));
        assertThat(transactions.stream()
                        .filter(t -> t.getActor() == null)
                        .flatMap(t -> t.getChanges().stream())
                        .map(Change::getOp))
                .containsExactlyInAnyOrder(Operation.DELETE, Operation.INSERT, Operation.UPDATE, Operation.DELETE);
        assertThat(fixture.rows("t"))
                .containsEntry("[1, 2]", "[1, 2, a]")
                .containsEntry("[2, 1]", "[2, 1, a]")
                .containsEntry("[3, 1]", "[3, 1, b]")
                .doesNotContainKeys("[1, 1]", "[5, 1]");
        var headers = fixture.records("cdc." + fixture.definition.name() + ".public.t", 2)
                .getFirst()
                .headers();
        assertThat(new String(headers.lastHeader("millrace.actor").value(), StandardCharsets.UTF_8))
                .isEqualTo("anna");
        assertThat(headers.lastHeader("millrace.lsn")).isNotNull();
        assertEpochsAgree(fixture.epochs());
    }

    @Test
    void clock_ticksAtTheStartAndOnRequest_asATransactionInEveryLane() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 2, "t");
        fixture.execute("CREATE TABLE t (tenant_id int, id int, PRIMARY KEY (tenant_id, id))");
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute("SELECT pg_logical_emit_message(true, 'millrace.clock', 'tomorrow')");
            fixture.execute("BEGIN; INSERT INTO t VALUES (1, 1); COMMIT;"
                    + " SELECT pg_logical_emit_message(true, 'millrace.clock', '2031-01-01')");
            await().atMost(LIMIT)
                    .until(() -> fixture.ticks()
                            .equals(Map.of(
                                    0, List.of(today, LocalDate.of(2031, 1, 1)),
                                    1, List.of(today, LocalDate.of(2031, 1, 1)))));
            assertThat(source.ready()).isTrue();
        }
        assertThat(fixture.rows("t")).hasSize(1);
        assertEpochsAgree(fixture.epochs());
    }

    /** Every lane has every epoch, with the same position. */
    private static void assertEpochsAgree(List<Epoch> epochs) {
        var byLane = epochs.stream()
                .filter(Epoch::getLastPart)
                .collect(java.util.stream.Collectors.groupingBy(
                        Epoch::getLane,
                        java.util.stream.Collectors.mapping(
                                epoch -> epoch.getEpoch() + "@" + epoch.getCommitLsn(),
                                java.util.stream.Collectors.toList())));
        assertThat(byLane.get(1)).isEqualTo(byLane.get(0)).isNotEmpty().doesNotHaveDuplicates();
    }

    @Test
    void unchangedLargeValues_areFilledIn() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t");
        fixture.execute(
                "CREATE TABLE t (id int PRIMARY KEY, n int, big text, raw bytea, doc jsonb)",
                "ALTER TABLE t ALTER big SET STORAGE EXTERNAL, ALTER raw SET STORAGE EXTERNAL, ALTER doc SET STORAGE EXTERNAL",
                "INSERT INTO t VALUES (1, 0, repeat('a', 5000), decode(repeat('ab', 5000), 'hex'), jsonb_build_object('k', repeat('j', 5000)))");
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute("UPDATE t SET n = 1");
            await().atMost(LIMIT).until(() -> fixture.rows("t").toString().startsWith("{[1]=[1, 1, aaaa"));
            // In one epoch: a new large value, then an update that leaves it out.
            fixture.execute("BEGIN; UPDATE t SET big = repeat('b', 6000); UPDATE t SET n = 2; COMMIT");
            await().atMost(LIMIT).until(() -> fixture.rows("t").toString().startsWith("{[1]=[1, 2, bbbb"));
            assertThat(source.ready()).isTrue();
        }
        try (PostgresSource again = fixture.startReady()) {
            fixture.execute("UPDATE t SET n = 3");
            await().atMost(LIMIT).until(() -> fixture.rows("t").toString().startsWith("{[1]=[1, 3, bbbb"));
            assertThat(again.ready()).isTrue();
        }
        assertThat(fixture.rows("t").toString())
                .contains("b".repeat(6000))
                .contains("lim=5000")
                .contains("j".repeat(5000));
    }

    @Test
    void truncate_removesEveryRow() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 2, "t", "u");
        fixture.execute(
                "CREATE TABLE t (tenant_id int, id int, PRIMARY KEY (tenant_id, id))",
                "CREATE TABLE u (tenant_id int, id int, PRIMARY KEY (tenant_id, id))",
                "INSERT INTO t SELECT g % 3, g FROM generate_series(1, 20) g",
                "INSERT INTO u VALUES (1, 1)");
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute("BEGIN; INSERT INTO t VALUES (1, 100); TRUNCATE t; INSERT INTO t VALUES (1, 200); COMMIT");
            await().atMost(LIMIT).until(() -> fixture.rows("t").size() == 1);
            assertThat(source.ready()).isTrue();
        }
        assertThat(fixture.rows("t")).containsOnlyKeys("[1, 200]");
        assertThat(fixture.rows("u")).containsOnlyKeys("[1, 1]");
        assertThat(fixture.transactions().stream()
                        .flatMap(t -> t.getChanges().stream())
                        .map(Change::getOp))
                .filteredOn(Operation.TRUNCATE::equals)
                .hasSize(2);
    }

    @Test
    void largeTransaction_comesInPartsAsOneEpoch() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 2, "t");
        fixture.execute("CREATE TABLE t (tenant_id int, id int, x text, PRIMARY KEY (tenant_id, id))");
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute("INSERT INTO t SELECT g % 4, g, repeat('x', 300) FROM generate_series(1, 30000) g");
            await().atMost(Duration.ofSeconds(60)).until(() -> fixture.rows("t").size() == 30_000);
            assertThat(source.ready()).isTrue();
        }
        List<Epoch> parts = fixture.epochs().stream()
                .filter(epoch -> !epoch.getLastPart() || epoch.getPart() > 0)
                .toList();
        assertThat(parts).hasSizeGreaterThan(6);
        assertThat(parts.stream().map(Epoch::getEpoch).distinct()).hasSize(1);
        assertThat(parts.stream()
                        .flatMap(epoch -> epoch.getTransactions().stream())
                        .mapToInt(t -> t.getChanges().size())
                        .sum())
                .isEqualTo(30_000);
        assertThat(parts.stream().flatMap(epoch -> epoch.getTransactions().stream()))
                .filteredOn(SourceTransaction::getLastFragment)
                .hasSize(2)
                .allSatisfy(t -> assertThat(t.getCommitLsn()).isPositive());
    }

    @Test
    void restart_publishesNothingTwiceAndLosesNothing() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (0)");
        for (int round = 1; round <= 3; round++) {
            try (PostgresSource source = fixture.startReady()) {
                fixture.execute("INSERT INTO t VALUES (" + round * 10 + ")");
                await().atMost(LIMIT).until(() -> fixture.transactions().size() >= 2);
                assertThat(source.ready()).isTrue();
            }
            fixture.execute("INSERT INTO t VALUES (" + (round * 10 + 1) + ")");
        }
        try (PostgresSource source = fixture.startReady()) {
            await().atMost(LIMIT).until(() -> fixture.rows("t").size() == 7);
            assertThat(source.ready()).isTrue();
        }
        assertThat(fixture.transactions()).hasSize(7);
        assertThat(fixture.transactions().stream().map(SourceTransaction::getXid))
                .doesNotHaveDuplicates();
        assertThat(fixture.transactions().stream().map(SourceTransaction::getCommitLsn))
                .isSorted();
    }

    @Test
    void addedAndDroppedColumns_areFollowed() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY, a text, b text)", "INSERT INTO t VALUES (1, 'a', 'b')");
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute(
                    "ALTER TABLE t ADD c int NOT NULL DEFAULT 7",
                    "INSERT INTO t VALUES (2, 'a', 'b', 8)",
                    "ALTER TABLE t DROP b",
                    "INSERT INTO t VALUES (3, 'a', 9)");
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(fixture.rows("t"))
                            .containsEntry("[1]", "[1, a, 7]")
                            .containsEntry("[2]", "[2, a, 8]")
                            .containsEntry("[3]", "[3, a, 9]"));
            assertThat(source.ready()).isTrue();
        }
    }

    @Test
    void everythingThatCannotBeCaptured_isNamedAtOnce() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 2, "no_key", "no_lane", "wide", "missing", "fine");
        fixture.execute(
                "CREATE TABLE no_key (tenant_id int)",
                "CREATE TABLE no_lane (tenant_id int, id int PRIMARY KEY)",
                "CREATE TABLE wide (tenant_id int, id int, n numeric, i interval, PRIMARY KEY (tenant_id, id))",
                "CREATE TABLE fine (tenant_id int PRIMARY KEY)");
        assertThatThrownBy(fixture::startReady)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining(
                        "table public.no_key has no primary key: ALTER TABLE \"public\".\"no_key\" ADD PRIMARY KEY")
                .hasMessageContaining("table public.no_lane: the lane column tenant_id must be part of the primary key")
                .hasMessageContaining("table public.missing does not exist")
                .hasMessageNotContaining("public.fine")
                .satisfies(refused -> {
                    if (reader == ReaderKind.DEBEZIUM) {
                        assertThat(refused)
                                .hasMessageContaining("column public.wide.i has type interval")
                                .hasMessageContaining("ALTER TABLE \"public\".\"wide\" REPLICA IDENTITY FULL");
                    } else {
                        assertThat(refused).hasMessageNotContaining("public.wide");
                    }
                });
    }

    @Test
    void lostSlot_stopsLoudly() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY)");
        fixture.startReady().close();
        fixture.execute("SELECT pg_drop_replication_slot('" + fixture.definition.slot() + "')");
        assertThatThrownBy(fixture::startReady)
                .cause()
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("replication slot " + fixture.definition.slot() + " does not exist any more")
                .hasMessageContaining("going on would lose changes");
    }

    @Test
    void slotThatWasConfirmedBySomebodyElse_stopsLoudly() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY)");
        fixture.startReady().close();
        fixture.execute(
                "INSERT INTO t VALUES (1)",
                "SELECT pg_replication_slot_advance('" + fixture.definition.slot() + "', pg_current_wal_lsn())");
        assertThatThrownBy(fixture::startReady)
                .cause()
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("is confirmed up to");
    }

    @Test
    void publicationThatLostATable_stopsWhileStreaming() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t", "u");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE u (id int PRIMARY KEY)");
        try (PostgresSource source = fixture.startReady()) {
            fixture.execute("ALTER PUBLICATION " + fixture.definition.publication() + " DROP TABLE u");
            await().atMost(LIMIT).until(() -> source.end().isCompletedExceptionally());
            assertThatThrownBy(() -> source.end().join())
                    .cause()
                    .hasMessageContaining("has the tables [public.t] instead of [public.t, public.u]");
        }
    }

    @Test
    void newSnapshotOverOldTopics_removesWhatVanished() throws Exception {
        Servers.Fixture fixture = Servers.fixture(reader, 1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)");
        fixture.startReady().close();
        fixture.execute(
                "SELECT pg_drop_replication_slot('" + fixture.definition.slot() + "')",
                "DELETE FROM t WHERE id = 1",
                "INSERT INTO t VALUES (3)");
        try (var admin = org.apache.kafka.clients.admin.Admin.create(
                fixture.cluster.kafkaServers().settings(java.util.Map.of()))) {
            admin.deleteTopics(List.of("cdc." + fixture.definition.name() + ".position"))
                    .all()
                    .get();
        }
        fixture.startReady().close();
        assertThat(fixture.rows("t")).containsOnlyKeys("[2]", "[3]");
    }
}
