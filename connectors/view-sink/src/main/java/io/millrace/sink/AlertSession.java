package io.millrace.sink;

import io.millrace.schemas.Lsn;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.Evidence;
import io.millrace.schemas.registry.SchemaRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies alerts in the order of their topic, each batch in one transaction with the position behind it. */
final class AlertSession implements SinkLoop.Session {
    private static final Logger LOG = LoggerFactory.getLogger(AlertSession.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final String COLUMNS =
            "id, version, source, lane, control, severity, owner, title, remedy, state, violated, last_event, at, \"by\", reason,"
                    + " openings, opened_lsn, opened_xid, opened_at, opened_by, suppressed_until, key, evidence";
    private static final String VALUES = "?::uuid, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::pg_lsn, ?, ?, ?, ?,"
            + " json_object(?::text[], ?::text[]), json_object(?::text[], ?::text[])";

    private final Connection connection;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Topic<String, Alert> topic;
    private final Deserializer<Alert> values;
    private final List<TopicPartition> partitions;
    private final Consumer<String> working;

    AlertSession(
            int lanes,
            AnalyticsDatabase database,
            String bootstrapServers,
            SchemaRegistry registry,
            Consumer<String> working)
            throws SQLException {
        this.working = working;
        this.topic = new Topics(registry).alerts();
        this.values = topic.values().deserializer();
        this.partitions = IntStream.range(0, lanes)
                .mapToObj(lane -> new TopicPartition(topic.name(), lane))
                .toList();
        this.connection = database.connect();
        try {
            database.prepare(connection);
            Map<String, Object> config = new HashMap<>();
            config.put("bootstrap.servers", bootstrapServers);
            config.put("isolation.level", "read_committed");
            config.put("enable.auto.commit", false);
            config.put("allow.auto.create.topics", false);
            config.put("enable.metrics.push", false);
            this.consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        } catch (SQLException | RuntimeException failed) {
            connection.close();
            throw failed;
        }
    }

    @Override
    public void run(BooleanSupplier stopping) throws SQLException {
        consumer.assign(partitions);
        for (TopicPartition partition : partitions) {
            consumer.seek(partition, nextOffset(partition));
        }
        connection.commit();
        while (!stopping.getAsBoolean()) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            if (!records.isEmpty()) {
                apply(records);
            }
            working.accept("alerts applied up to "
                    + partitions.stream()
                            .map(partition ->
                                    "offset " + consumer.position(partition) + " of lane " + partition.partition())
                            .toList());
        }
    }

    private long nextOffset(TopicPartition partition) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO analytics.alert_position VALUES (?, 0) ON CONFLICT DO NOTHING");
                PreparedStatement select = connection.prepareStatement(
                        "SELECT next_offset FROM analytics.alert_position WHERE lane = ?")) {
            insert.setInt(1, partition.partition());
            insert.execute();
            select.setInt(1, partition.partition());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private void apply(ConsumerRecords<byte[], byte[]> records) throws SQLException {
        for (TopicPartition partition : records.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> ofLane = records.records(partition);
            move(partition, ofLane.getFirst().offset(), ofLane.getLast().offset() + 1);
        }
        try (PreparedStatement alerts = connection.prepareStatement("INSERT INTO analytics.alert (" + COLUMNS
                        + ") VALUES (" + VALUES + ") ON CONFLICT (id) DO UPDATE SET " + assignments());
                PreparedStatement events = connection.prepareStatement(
                        "INSERT INTO analytics.alert_event SELECT id, version, last_event, at, \"by\", reason, state, severity, title,"
                                + " evidence FROM analytics.alert WHERE id = ?::uuid ON CONFLICT DO NOTHING")) {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                Alert alert = read(record);
                if (alert != null) {
                    set(alerts, alert);
                    alerts.execute();
                    events.setString(1, alert.getId());
                    events.execute();
                }
            }
        }
        connection.commit();
    }

    private static String assignments() {
        return String.join(
                ", ",
                java.util.Arrays.stream(COLUMNS.split(",\\s*"))
                        .map(column -> column + " = EXCLUDED." + column)
                        .toList());
    }

    /** First, so that a second writer waits here and then finds that it is late. */
    private void move(TopicPartition partition, long from, long to) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE analytics.alert_position SET next_offset = ? WHERE lane = ? AND next_offset <= ?")) {
            update.setLong(1, to);
            update.setInt(2, partition.partition());
            update.setLong(3, from);
            if (update.executeUpdate() != 1) {
                throw new SinkLoop.LostPosition("another sink has moved the position of the alerts of lane "
                        + partition.partition() + " beyond offset " + from);
            }
        }
    }

    /** Null for what is no alert: it is written down, and does not stop the others. */
    private @Nullable Alert read(ConsumerRecord<byte[], byte[]> record) throws SQLException {
        try {
            return values.deserialize(record.topic(), record.value());
        } catch (SerializationException unreadable) {
            String problem = unreadable.getMessage() + ": " + unreadable.getCause();
            LOG.error(
                    "sink: topic {}, partition {}, offset {} is passed over: {}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    problem);
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO analytics.unreadable_record VALUES (?, ?, ?, ?, now()) ON CONFLICT DO NOTHING")) {
                insert.setString(1, record.topic());
                insert.setInt(2, record.partition());
                insert.setLong(3, record.offset());
                insert.setString(4, problem);
                insert.execute();
            }
            return null;
        }
    }

    private static void set(PreparedStatement statement, Alert alert) throws SQLException {
        statement.setString(1, alert.getId());
        statement.setLong(2, alert.getVersion());
        statement.setString(3, alert.getSource());
        statement.setInt(4, alert.getLane());
        statement.setString(5, alert.getControl());
        statement.setString(6, lower(alert.getSeverity()));
        statement.setString(7, alert.getOwner());
        statement.setString(8, alert.getTitle());
        statement.setString(9, alert.getRemedy());
        statement.setString(10, lower(alert.getState()));
        statement.setBoolean(11, alert.getViolated());
        statement.setString(12, lower(alert.getLastEvent()));
        time(statement, 13, alert.getAt());
        statement.setString(14, alert.getBy());
        statement.setString(15, alert.getReason());
        statement.setInt(16, alert.getOpenings());
        statement.setString(17, new Lsn(alert.getOpenedLsn()).toString());
        statement.setObject(18, alert.getOpenedXid(), Types.BIGINT);
        time(statement, 19, alert.getOpenedAt());
        statement.setString(20, alert.getOpenedBy());
        time(statement, 21, alert.getSuppressedUntil());
        List<Evidence> key = alert.getKey().stream()
                .map(name -> alert.getEvidence().stream()
                        .filter(column -> column.getName().equals(name))
                        .findFirst()
                        .orElse(new Evidence(name, "text", null)))
                .toList();
        json(statement, 22, 23, key);
        json(statement, 24, 25, alert.getEvidence());
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(java.util.Locale.ROOT);
    }

    private static void time(PreparedStatement statement, int index, @Nullable Instant time) throws SQLException {
        statement.setObject(index, time == null ? null : time.atOffset(ZoneOffset.UTC), Types.TIMESTAMP_WITH_TIMEZONE);
    }

    private static void json(PreparedStatement statement, int names, int texts, List<Evidence> columns)
            throws SQLException {
        Connection connection = Objects.requireNonNull(statement.getConnection());
        statement.setArray(
                names,
                connection.createArrayOf(
                        "text", columns.stream().map(Evidence::getName).toArray()));
        statement.setArray(
                texts,
                connection.createArrayOf(
                        "text", columns.stream().map(Evidence::getValue).toArray()));
    }

    @Override
    public void close() throws SQLException {
        consumer.close();
        connection.close();
    }
}
