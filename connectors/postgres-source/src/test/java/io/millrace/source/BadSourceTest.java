package io.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.avro.TransactionKind;
import io.millrace.source.publish.KafkaCluster;
import io.millrace.source.publish.SnapshotRequest;
import io.millrace.source.server.SourceServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator set up wrongly is said clearly, with the remedy. */
class BadSourceTest {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private static MillraceException failure(Servers.Fixture fixture, SourceServer server) {
        try (PostgresSource source =
                PostgresSource.start(fixture.definition, server, fixture.cluster, fixture.registry)) {
            await().atMost(LIMIT).until(() -> source.end().isDone());
            source.end().join();
            throw new AssertionError("capture did not fail");
        } catch (CompletionException failed) {
            assertThat(failed.getCause()).isInstanceOf(MillraceException.class);
            return (MillraceException) java.util.Objects.requireNonNull(failed.getCause());
        }
    }

    @Test
    void walLevelReplica_isNamedWithTheStatementThatMendsIt(@TempDir Path directory) throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        try (EmbeddedPostgres replica =
                EmbeddedPostgres.start(directory, 0, Map.of("wal_level", "replica", "fsync", "off"))) {
            SourceServer server =
                    new SourceServer(replica.jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
            try (var connection = server.connect();
                    var statement = connection.createStatement()) {
                statement.execute("CREATE TABLE t (id int PRIMARY KEY)");
            }
            MillraceException failure = failure(fixture, server);
            assertThat(failure.category()).isEqualTo(Category.USER);
            assertThat(failure)
                    .hasMessageContaining(
                            "wal_level is replica: ALTER SYSTEM SET wal_level = 'logical'; then restart the server");
        }
    }

    @Test
    void roleWithoutReplication_isNamedWithTheGrantThatMendsIt() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        String role = "weak_" + fixture.definition.name();
        fixture.execute(
                "CREATE ROLE " + role + " LOGIN PASSWORD 's3cret'",
                "CREATE TABLE t (id int PRIMARY KEY)",
                "ALTER TABLE t OWNER TO " + role,
                "GRANT CREATE ON DATABASE " + fixture.server.database() + " TO " + role);
        MillraceException failure = failure(fixture, new SourceServer(fixture.server.jdbcUrl(), role, "s3cret"));
        assertThat(failure.category()).isEqualTo(Category.USER);
        assertThat(failure).hasMessageContaining("ALTER ROLE " + role + " REPLICATION");
        assertThat(failure.describe()).doesNotContain("s3cret");
    }

    @Test
    void wrongPassword_isSaidAtOnceAndNotShown() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        MillraceException failure =
                failure(fixture, new SourceServer(fixture.server.jdbcUrl(), EmbeddedPostgres.USER, "s3cret"));
        assertThat(failure.category()).isEqualTo(Category.USER);
        assertThat(failure.remedy()).contains("source.password");
        assertThat(failure.describe()).doesNotContain("s3cret");
    }

    @Test
    void unreachableServer_isWaitedForAndThenNamed() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        MillraceException failure =
                failure(fixture, new SourceServer("jdbc:postgresql://127.0.0.1:" + port + "/erp", "postgres", "x"));
        assertThat(failure.category()).isEqualTo(Category.EXTERNAL);
        assertThat(failure).hasMessageContaining("127.0.0.1:" + port);
        assertThat(failure.remedy()).contains("start the server, or correct source.url");
    }

    @Test
    void slotThatAnotherProcessReads_isLeftAlone() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY)");
        try (PostgresSource first = fixture.startReady()) {
            // Another name, so another position and producer; the same slot.
            SourceDefinition other = new SourceDefinition(
                    new io.millrace.schemas.SourceName("other_" + fixture.definition.name()),
                    fixture.definition.tables(),
                    fixture.definition.broadcast(),
                    null,
                    1,
                    fixture.definition.slot(),
                    fixture.definition.publication(),
                    fixture.definition.reader(),
                    ColumnChoice.ALL,
                    null);
            try (PostgresSource second =
                    PostgresSource.start(other, fixture.server, fixture.cluster, fixture.registry)) {
                await().atMost(LIMIT).until(() -> second.end().isDone());
                assertThatThrownBy(() -> second.end().join())
                        .cause()
                        .hasMessageContaining("is being read by another process");
            }
            assertThat(first.end()).isNotDone();
            assertThat(first.ready()).isTrue();
        }
    }

    @Test
    void secondHub_isReady_waits_andTakesOverWhenTheFirstIsGone() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY)");
        PostgresSource first = fixture.startReady();
        try (PostgresSource second = fixture.start()) {
            await().atMost(LIMIT).until(second::ready);
            assertThat(second.detail()).startsWith("standby: another hub captures source");
            fixture.execute("INSERT INTO t VALUES (1)");
            await().atMost(LIMIT).until(() -> fixture.rows("t").size() == 1);
            assertThat(second.detail()).startsWith("standby");
            assertThat(first.end()).isNotDone();

            first.close();
            fixture.execute("INSERT INTO t VALUES (2)");
            await().atMost(LIMIT).until(() -> fixture.rows("t").size() == 2);
            await().atMost(LIMIT).until(() -> second.detail().startsWith("epoch"));
            // And the other way round.
            try (PostgresSource third = fixture.start()) {
                await().atMost(LIMIT).until(third::ready);
                assertThat(third.detail()).startsWith("standby");
                assertThat(second.end()).isNotDone();
            }
        }
    }

    /** As when a standby took over while this hub's connection was lost, and lost its own. */
    @Test
    void hubWhoseProducerIsFenced_beginsAgain_andEndsIfThatGoesOn() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY)");
        try (PostgresSource source = fixture.startReady()) {
            fence(fixture);
            fixture.execute("INSERT INTO t VALUES (1)");
            await().atMost(LIMIT).until(() -> fixture.rows("t").size() == 1);
            assertThat(source.end()).isNotDone();
            await().atMost(LIMIT).until(() -> {
                fence(fixture);
                fixture.execute("INSERT INTO t SELECT 1 + max(id) FROM t");
                return source.end().isDone();
            });
            assertThatThrownBy(() -> source.end().join())
                    .cause()
                    .hasMessageContaining("captures another database under the same name");
        }
    }

    private static void fence(Servers.Fixture fixture) {
        try (Producer<byte[], byte[]> other = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        fixture.cluster.kafkaServers().toString(),
                        "transactional.id",
                        "millrace-source-" + fixture.definition.name()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            other.initTransactions();
        }
    }

    @Test
    void snapshotThatIsAskedForWhileTheHubRuns_isTakenAtOnce() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        try (PostgresSource source = fixture.startReady()) {
            assertThat(SnapshotRequest.send(fixture.definition.name(), fixture.cluster, fixture.registry))
                    .isTrue();
            fixture.execute("INSERT INTO t VALUES (2)");
            await().atMost(LIMIT)
                    .until(() -> fixture.transactions().stream()
                                    .filter(transaction -> transaction.getKind() == TransactionKind.SNAPSHOT)
                                    .count()
                            == 2);
            assertThat(source.end()).isNotDone();
        }
    }

    @Test
    void transactionsThatTheSnapshotWaitsFor_areNamedWithWhatEndsThem() throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute(
                "CREATE TABLE t (id int PRIMARY KEY)",
                "BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'left over'");
        try (PostgresSource source = fixture.start()) {
            await().atMost(LIMIT).until(() -> source.detail().contains("prepared transaction 'left over'"));
            assertThat(source.ready()).isFalse();
            String remedy = "ROLLBACK PREPARED 'left over'";
            assertThat(source.detail()).contains(remedy);
            fixture.execute(remedy);
            await().atMost(LIMIT).until(source::ready);
        }
    }

    @Test
    void transactionThatTakesLongerThanTheBrokersAllow_isNamedWithTheSetting_andThePlaceIsKept(@TempDir Path directory)
            throws Exception {
        Servers.Fixture fixture = Servers.fixture(1, "t");
        fixture.execute("CREATE TABLE t (id int PRIMARY KEY, v text)");
        Map<String, String> narrow = Map.of(
                "transaction.max.timeout.ms",
                "100",
                "transaction.abort.timed.out.transaction.cleanup.interval.ms",
                "50");
        EmbeddedKafka.Place place = EmbeddedKafka.Place.BesideThisJvm.withThisClassPath();
        int port;
        try (EmbeddedKafka kafka = EmbeddedKafka.start(place, directory, 0, narrow)) {
            port = Integer.parseInt(
                    kafka.bootstrapServers().substring(kafka.bootstrapServers().lastIndexOf(':') + 1));
            try (PostgresSource source = startAt(fixture, kafka)) {
                await().atMost(LIMIT).until(source::ready);
                fixture.execute("INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 200000) AS i");
                await().atMost(LIMIT).until(() -> source.end().isDone());
                assertThatThrownBy(() -> source.end().join())
                        .cause()
                        .isInstanceOfSatisfying(MillraceException.class, failure -> {
                            assertThat(failure.category()).isEqualTo(Category.RESOURCE);
                            assertThat(failure.remedy()).contains("transaction.max.timeout.ms");
                        });
            }
        }
        try (EmbeddedKafka kafka = EmbeddedKafka.start(place, directory, port);
                PostgresSource source = startAt(fixture, kafka)) {
            await().atMost(LIMIT).until(source::ready);
            List<Object> keys = new ArrayList<>();
            CommittedTopic.of(
                            KafkaServers.at(kafka.bootstrapServers()),
                            "cdc." + fixture.definition.name() + ".public.t",
                            1)
                    .read(record -> keys.add(record.key()));
            assertThat(keys).hasSize(200_000);
        }
    }

    private static PostgresSource startAt(Servers.Fixture fixture, EmbeddedKafka kafka) {
        return PostgresSource.start(
                fixture.definition,
                fixture.server,
                new KafkaCluster(KafkaServers.at(kafka.bootstrapServers()), (short) 1),
                fixture.registry);
    }

    @Test
    void addressThatIsNotPostgres_isRefused() {
        assertThatThrownBy(() -> new SourceServer("postgres://localhost/erp", "u", "p"))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("must begin with jdbc:postgresql://");
    }
}
