package io.millrace.source;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.platform.data.Directories;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.Position;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.avro.TransactionKind;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Clock;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.RowDecoder;
import io.millrace.source.publish.KafkaCluster;
import io.millrace.source.server.SourceServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** A Postgres and a Kafka for all tests of the module; each test has a database and a source name of its own. */
final class Servers {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Servers SHARED = new Servers();

    final EmbeddedPostgres postgres;
    final EmbeddedKafka kafka;

    private Servers() {
        try {
            Path directory = Files.createTempDirectory("millrace-kafka-");
            postgres = EmbeddedPostgres.untilExit(
                    // Each test leaves a slot behind.
                    Map.of(
                            "fsync",
                            "off",
                            "max_replication_slots",
                            "100",
                            "max_wal_senders",
                            "100",
                            "max_prepared_transactions",
                            "5"));
            kafka = EmbeddedKafka.start(EmbeddedKafka.Place.BesideThisJvm.withThisClassPath(), directory, 0);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                kafka.close();
                delete(directory);
            }));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void delete(Path directory) {
        try {
            Directories.delete(directory);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A fresh database and source, not captured yet. */
    static Fixture fixture(int lanes, String... tables) throws SQLException {
        return fixture(ReaderKind.NATIVE, lanes, tables);
    }

    static Fixture fixture(ReaderKind reader, int lanes, String... tables) throws SQLException {
        return fixture(
                reader,
                lanes,
                Stream.of(tables).map(table -> new TableName("public", table)).toList());
    }

    static Fixture fixture(ReaderKind reader, int lanes, List<TableName> tables) throws SQLException {
        return fixture(reader, lanes, tables, new InMemorySchemaRegistry());
    }

    static Fixture fixture(ReaderKind reader, int lanes, List<TableName> tables, SchemaRegistry registry)
            throws SQLException {
        return new Fixture(reader, "s" + COUNT.incrementAndGet(), lanes, tables, registry);
    }

    /** One captured database. */
    static final class Fixture {
        final SourceServer server;
        final SourceDefinition definition;
        final KafkaCluster cluster;
        final SchemaRegistry registry;

        private Fixture(ReaderKind reader, String name, int lanes, List<TableName> tables, SchemaRegistry registry)
                throws SQLException {
            this.registry = registry;
            try (Connection connection = DriverManager.getConnection(
                            SHARED.postgres.jdbcUrl("postgres"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + name);
            }
            server = new SourceServer(SHARED.postgres.jdbcUrl(name), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
            definition = new SourceDefinition(
                    new SourceName(name),
                    tables,
                    Set.of(),
                    lanes == 1 ? null : "tenant_id",
                    lanes,
                    "slot_" + name,
                    "pub_" + name,
                    reader,
                    ColumnChoice.ALL,
                    null);
            cluster = new KafkaCluster(KafkaServers.at(SHARED.kafka.bootstrapServers()), (short) 1);
        }

        void execute(String... statements) throws SQLException {
            try (Connection connection = server.connect();
                    Statement statement = connection.createStatement()) {
                for (String sql : statements) {
                    statement.execute(sql);
                }
            }
        }

        /**
         * In one transaction.
         *
         * @param statements with {@code %d} in the number's place
         */
        void execute(List<String> statements, int number) throws SQLException {
            try (Connection connection = server.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                for (String sql : statements) {
                    statement.execute(sql.replace("%d", Integer.toString(number)));
                }
                connection.commit();
            }
        }

        PostgresSource start() {
            return start(definition);
        }

        PostgresSource start(SourceDefinition changed) {
            return PostgresSource.start(changed, server, cluster, registry);
        }

        /** The same source with another file. */
        SourceDefinition with(ColumnChoice columns, @Nullable String actorColumn) {
            return new SourceDefinition(
                    definition.name(),
                    definition.tables(),
                    definition.broadcast(),
                    definition.laneColumn(),
                    definition.lanes(),
                    definition.slot(),
                    definition.publication(),
                    definition.reader(),
                    columns,
                    actorColumn);
        }

        PostgresSource startReady() {
            return startReady(definition);
        }

        PostgresSource startReady(SourceDefinition changed) {
            PostgresSource source = start(changed);
            org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
                if (source.end().isCompletedExceptionally()) {
                    source.end().join();
                }
                return source.ready();
            });
            return source;
        }

        /** The committed epochs of all lanes, in each lane's order. */
        List<Epoch> epochs() {
            var topic = new Topics(registry).transactions(definition.name());
            List<Epoch> epochs = new ArrayList<>();
            for (ConsumerRecord<byte[], byte[]> record : records(topic.name(), definition.lanes())) {
                epochs.add(Objects.requireNonNull(
                        topic.values().deserializer().deserialize(topic.name(), record.value())));
            }
            return epochs;
        }

        /** What was recorded of how far the source has come, in order. */
        List<Position> positions() {
            var topic = new Topics(registry).position(definition.name());
            return records(topic.name(), 1).stream()
                    .map(record -> Objects.requireNonNull(
                            topic.values().deserializer().deserialize(topic.name(), record.value())))
                    .toList();
        }

        /** The source transactions that are complete in the feed, as "xid:changes", in order; snapshots have xid 0; without those of the clock. */
        List<SourceTransaction> transactions() {
            return epochs().stream()
                    .flatMap(epoch -> epoch.getTransactions().stream())
                    .filter(transaction -> !isTick(transaction))
                    .toList();
        }

        /** How often tables were read again. */
        long rereads() {
            return epochs().stream()
                    .flatMap(epoch -> epoch.getTransactions().stream())
                    .filter(transaction -> transaction.getXid() == 0
                            && transaction.getKind() == TransactionKind.COMMIT
                            && transaction.getLastFragment())
                    .count();
        }

        /** By lane, the dates of the clock's transactions. */
        Map<Integer, List<Object>> ticks() {
            RowDecoder rows = new RowDecoder(registry, List.of("today"));
            Map<Integer, List<Object>> ticks = new java.util.TreeMap<>();
            for (Epoch epoch : epochs()) {
                epoch.getTransactions().stream().filter(Fixture::isTick).forEach(transaction -> {
                    ByteBuffer value = transaction.getChanges().getLast().getRow();
                    byte[] row = new byte[value.remaining()];
                    value.get(value.position(), row);
                    ticks.computeIfAbsent(epoch.getLane(), unseen -> new java.util.ArrayList<>())
                            .add(java.util.Objects.requireNonNull(rows.decode(row)[0]));
                });
            }
            return ticks;
        }

        private static boolean isTick(SourceTransaction transaction) {
            return !transaction.getChanges().isEmpty()
                    && transaction.getChanges().getFirst().getTable().equals(Clock.TABLE.toString());
        }

        /** The row topic compacted by key: key texts to the row's values. */
        Map<String, String> rows(String table) {
            return rows(new TableName("public", table));
        }

        Map<String, String> rows(TableName table) {
            Map<String, String> rows = new TreeMap<>();
            values(table).forEach((key, row) -> rows.put(key, Arrays.toString(row)));
            return rows;
        }

        /** The row topic compacted by key: key texts to the row's values in the columns' order. */
        Map<String, @Nullable Object[]> values(TableName name) {
            String topic = Topics.rowsName(definition.name(), name);
            RelationSchema relation =
                    RelationSchema.of(name, registry.latest(topic + "-value").orElseThrow());
            RowDecoder keys = new RowDecoder(registry, relation.key());
            RowDecoder rows = new RowDecoder(
                    registry,
                    relation.columns().stream().map(column -> column.name()).toList());
            Map<String, @Nullable Object[]> newest = new TreeMap<>();
            for (ConsumerRecord<byte[], byte[]> record : records(topic, definition.lanes())) {
                String key = Arrays.toString(keys.decode(record.key()));
                byte @Nullable [] value = record.value();
                if (value == null) {
                    newest.remove(key);
                } else {
                    newest.put(key, rows.decode(value));
                }
            }
            return newest;
        }

        /** The table itself, as {@link #rows} gives its topic; for columns of numbers and texts. */
        Map<String, String> table(TableName table) throws SQLException {
            String topic = Topics.rowsName(definition.name(), table);
            List<String> key = RelationSchema.of(
                            table, registry.latest(topic + "-value").orElseThrow())
                    .key();
            Map<String, String> rows = new TreeMap<>();
            try (Connection connection = server.connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT * FROM " + table.quoted())) {
                while (row.next()) {
                    List<@Nullable String> keyValues = new ArrayList<>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        if (key.contains(row.getMetaData().getColumnName(i))) {
                            keyValues.add(row.getString(i));
                        }
                    }
                    List<@Nullable String> values = new ArrayList<>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        values.add(row.getString(i));
                    }
                    rows.put(keyValues.toString(), values.toString());
                }
            }
            return rows;
        }

        List<ConsumerRecord<byte[], byte[]>> records(String topic, int partitions) {
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            CommittedTopic.of(cluster.kafkaServers(), topic, partitions).read(records::add);
            return records;
        }
    }
}
