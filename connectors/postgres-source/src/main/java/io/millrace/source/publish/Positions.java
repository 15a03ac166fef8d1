package io.millrace.source.publish;

import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.schemas.Topic;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.Position;
import io.millrace.source.SourceDefinition;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Up to where a source is published. */
final class Positions {
    private Positions() {}

    static Optional<Position> newest(KafkaCluster cluster, Topic<String, Position> topic) {
        CommittedTopic records = CommittedTopic.of(cluster.kafkaServers(), topic.name(), 1);
        Optional<ConsumerRecord<byte[], byte[]>> newest =
                records.newest().values().stream().findFirst();
        Optional<Position> position = newest.map(record -> topic.readable(record.value()));
        if (newest.isEmpty() || position.isPresent() || newest.get().value() == null) {
            return position;
        }
        // Somebody else wrote there last.
        AtomicReference<@Nullable Position> last = new AtomicReference<>();
        records.read(record -> {
            Position readable = topic.readable(record.value());
            if (readable != null) {
                last.set(readable);
            }
        });
        return Optional.ofNullable(last.get());
    }

    /** The newest epoch in the feed, for a source whose position was removed: the next one must have a greater number. */
    static long newestEpoch(KafkaCluster cluster, Topic<byte[], Epoch> feed, SourceDefinition source) {
        return CommittedTopic.of(cluster.kafkaServers(), feed.name(), source.lanes()).newest().values().stream()
                .map(record -> feed.readable(record.value()))
                .filter(Objects::nonNull)
                .mapToLong(Epoch::getEpoch)
                .max()
                .orElse(0);
    }
}
