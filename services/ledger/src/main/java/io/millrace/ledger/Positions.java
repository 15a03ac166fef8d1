package io.millrace.ledger;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * How far a ledger has read its topics, in its own table {@code position}. It is what the ledger has, also after the database was
 * restored from a backup, which Kafka's offsets of the consumer group do not know of.
 */
public final class Positions {
    /** Name of a row that a migration wrote: the ledger is of before it had positions, and Kafka's offsets are right. */
    private static final String OFFSETS_OF_BEFORE = "";

    private final Jdbi jdbi;
    private final String table;

    /**
     * @param topicId which topic it is that had the name
     * @param next the offset that is to be read next
     */
    record Position(String topicId, long next) {}

    /** @param schema of the ledger */
    public Positions(Jdbi jdbi, String schema) {
        this.jdbi = jdbi;
        this.table = schema + ".position";
    }

    /** Those that are known of the partitions. */
    Map<TopicPartition, Position> of(Collection<TopicPartition> partitions) {
        Map<TopicPartition, Position> known = new HashMap<>();
        jdbi.useHandle(handle -> handle.createQuery(
                        "SELECT topic, partition, coalesce(topic_id, '') AS topic_id, next_offset FROM " + table)
                .map((row, context) -> Map.entry(
                        new TopicPartition(row.getString("topic"), row.getInt("partition")),
                        new Position(row.getString("topic_id"), row.getLong("next_offset"))))
                .filter(row -> partitions.contains(row.getKey()))
                .forEach(row -> known.put(row.getKey(), row.getValue())));
        return known;
    }

    /** Whether Kafka's offsets say how far it is where it does not. */
    boolean trustsOffsets() {
        return jdbi.withHandle(
                handle -> handle.createQuery("SELECT EXISTS (SELECT FROM " + table + " WHERE topic = :before)")
                        .bind("before", OFFSETS_OF_BEFORE)
                        .mapTo(Boolean.class)
                        .one());
    }

    void write(Map<TopicPartition, Position> positions) {
        if (positions.isEmpty()) {
            return;
        }
        jdbi.useTransaction(handle -> {
            PreparedBatch batch = handle.prepareBatch("INSERT INTO " + table
                    + " (topic, partition, topic_id, next_offset) VALUES (:topic, :partition, :id, :next) ON CONFLICT (topic, partition)"
                    + " DO UPDATE SET topic_id = excluded.topic_id, next_offset = excluded.next_offset");
            positions.forEach((partition, position) -> batch.bind("topic", partition.topic())
                    .bind("partition", partition.partition())
                    .bind("id", position.topicId)
                    .bind("next", position.next)
                    .add());
            batch.execute();
        });
    }
}
