package io.millrace.source.publish;

import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.schemas.Topic;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.Position;
import io.millrace.source.SourceDefinition;
import java.util.Optional;

/** Up to where a source is published. */
final class Positions {
    private Positions() {}

    static Optional<Position> newest(KafkaCluster cluster, Topic<String, Position> topic) {
        return CommittedTopic.of(cluster.kafkaServers(), topic.name(), 1)
                .<Optional<Position>>newest(record -> {
                    Position position = topic.readable(record.value());
                    // One that was removed says that there is none; one of somebody else says nothing.
                    return position == null && record.value() != null ? null : Optional.ofNullable(position);
                })
                .values()
                .stream()
                .findFirst()
                .orElse(Optional.empty());
    }

    /** The newest epoch in the feed, for a source whose position was removed: the next one must have a greater number. */
    static long newestEpoch(KafkaCluster cluster, Topic<byte[], Epoch> feed, SourceDefinition source) {
        return CommittedTopic.of(cluster.kafkaServers(), feed.name(), source.lanes())
                .newest(record -> feed.readable(record.value()))
                .values()
                .stream()
                .mapToLong(Epoch::getEpoch)
                .max()
                .orElse(0);
    }
}
