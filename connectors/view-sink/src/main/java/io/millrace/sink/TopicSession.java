package io.millrace.sink;

import io.millrace.platform.kafka.CommittedConsumer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Topic;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Applies the records of a topic in their order, each batch in one transaction with the position behind it. */
final class TopicSession<V> implements SinkLoop.Session {
    private static final Duration POLL = Duration.ofMillis(100);

    private final Connection connection;
    private final CommittedConsumer consumer;
    private final Topic<?, V> topic;
    private final Deserializer<V> values;
    private final List<TopicPartition> partitions;
    private final Table<V> table;
    private final KafkaServers kafkaServers;
    private final Consumer<String> working;

    /** Where the records go. */
    interface Table<V> {
        /** Within the open transaction. */
        void write(Connection connection, List<V> values) throws SQLException;
    }

    TopicSession(
            String what,
            Topic<?, V> topic,
            int lanes,
            AnalyticsDatabase database,
            KafkaServers kafkaServers,
            Table<V> table,
            Consumer<String> working)
            throws SQLException {
        this.topic = topic;
        this.table = table;
        this.kafkaServers = kafkaServers;
        this.working = working;
        this.values = topic.values().deserializer();
        this.partitions = IntStream.range(0, lanes)
                .mapToObj(lane -> new TopicPartition(topic.name(), lane))
                .toList();
        this.connection = database.connectToWrite(what);
        try {
            database.prepare(connection);
            this.consumer = new CommittedConsumer(kafkaServers, Map.of());
        } catch (SQLException | RuntimeException failed) {
            connection.close();
            throw failed;
        }
    }

    @Override
    public void run(BooleanSupplier stopping) throws SQLException {
        Optional<String> id = TopicIdentity.await(kafkaServers, topic.name(), stopping, working);
        if (id.isEmpty()) {
            return;
        }
        requireSame(id.get());
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
            working.accept(topic.name() + " applied up to "
                    + partitions.stream()
                            .map(partition ->
                                    "offset " + consumer.position(partition) + " of lane " + partition.partition())
                            .toList());
        }
    }

    /** Offsets of another topic of the same name say nothing of this one: records of it would be passed over without a word. */
    private void requireSame(String id) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT max(topic_id) FROM analytics.topic_position WHERE topic = ?");
                PreparedStatement update = connection.prepareStatement(
                        "UPDATE analytics.topic_position SET topic_id = ? WHERE topic = ? AND topic_id IS NULL")) {
            for (TopicPartition partition : partitions) {
                nextOffset(partition);
            }
            select.setString(1, topic.name());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                String applied = row.getString(1);
                if (applied != null && !applied.equals(id)) {
                    throw TopicIdentity.another(topic.name(), applied, id);
                }
            }
            update.setString(1, id);
            update.setString(2, topic.name());
            update.execute();
            connection.commit();
        }
    }

    private long nextOffset(TopicPartition partition) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO analytics.topic_position VALUES (?, ?, 0) ON CONFLICT DO NOTHING");
                PreparedStatement select = connection.prepareStatement(
                        "SELECT next_offset FROM analytics.topic_position WHERE topic = ? AND partition = ?")) {
            insert.setString(1, partition.topic());
            insert.setInt(2, partition.partition());
            insert.execute();
            select.setString(1, partition.topic());
            select.setInt(2, partition.partition());
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
        List<V> read = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            V value = read(record);
            if (value != null) {
                read.add(value);
            }
        }
        table.write(connection, read);
        connection.commit();
    }

    /** First, so that a second writer waits here and then finds that it is late. */
    private void move(TopicPartition partition, long from, long to) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE analytics.topic_position SET next_offset = ?"
                        + " WHERE topic = ? AND partition = ? AND next_offset <= ?")) {
            update.setLong(1, to);
            update.setString(2, partition.topic());
            update.setInt(3, partition.partition());
            update.setLong(4, from);
            if (update.executeUpdate() != 1) {
                throw new SinkLoop.LostPosition(
                        "another sink has moved the position of " + partition + " beyond offset " + from);
            }
        }
    }

    /** Null for what cannot be read: it is written down, and does not stop the others. */
    private @Nullable V read(ConsumerRecord<byte[], byte[]> record) throws SQLException {
        try {
            return values.deserialize(record.topic(), record.value());
        } catch (SerializationException unreadable) {
            UnreadableRecords.keep(connection, record, unreadable.getMessage() + ": " + unreadable.getCause());
            return null;
        }
    }

    @Override
    public void close() throws SQLException {
        consumer.close();
        connection.close();
    }
}
