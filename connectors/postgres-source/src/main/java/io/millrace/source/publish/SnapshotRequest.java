package io.millrace.source.publish;

import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.CapturePhase;
import io.millrace.schemas.avro.Position;
import io.millrace.schemas.registry.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Makes a source take a new snapshot, as if its first one had been interrupted: a hub that captures it now at once, else the next one that starts. */
public final class SnapshotRequest {
    private SnapshotRequest() {}

    /**
     * Fences a process that captures the source now, which begins again.
     *
     * @return false if nothing was captured yet, so that a snapshot is taken anyway
     */
    public static boolean send(SourceName source, KafkaCluster kafka, SchemaRegistry registry)
            throws InterruptedException {
        Topic<String, Position> topic = new Topics(registry).position(source);
        if (!kafka.exists(topic.name())) {
            return false;
        }
        try (Producer<byte[], byte[]> producer =
                kafka.producer(SourceSession.transactionalId(source), kafka.transactionLimit())) {
            producer.initTransactions();
            Optional<Position> stored = Positions.newest(kafka, topic);
            stored.ifPresent(position -> send(
                    producer,
                    topic,
                    Position.newBuilder(position)
                            .setPhase(CapturePhase.SNAPSHOT)
                            .setUpdatedAt(Instant.now())
                            .build()));
            return stored.isPresent();
        }
    }

    /** A record that fails makes the commit fail: nothing to do with the future. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private static void send(Producer<byte[], byte[]> producer, Topic<String, Position> topic, Position position) {
        byte[] key = position.getSource().getBytes(StandardCharsets.UTF_8);
        byte[] value = topic.values().serializer().serialize(topic.name(), position);
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(topic.name(), 0, key, value));
        producer.commitTransaction();
    }
}
