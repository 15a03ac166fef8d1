package io.millrace.source.publish;

import io.millrace.schemas.CommittedTopic;
import io.millrace.schemas.Topic;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.Position;
import io.millrace.source.SourceDefinition;
import java.util.Optional;

/** Up to where a source is published. */
final class Positions {
    private Positions() {}

    static Optional<Position> newest(KafkaCluster cluster, Topic<String, Position> topic) {
        return CommittedTopic.of(cluster.bootstrapServers(), topic.name(), 1).newest().values().stream()
                .findFirst()
                .map(record -> topic.values().deserializer().deserialize(topic.name(), record.value()));
    }

    /** The newest epoch in the feed, for a source whose position was removed: the next one must have a greater number. */
    static long newestEpoch(KafkaCluster cluster, Topic<byte[], Epoch> feed, SourceDefinition source) {
        return CommittedTopic.of(cluster.bootstrapServers(), feed.name(), source.lanes()).newest().values().stream()
                .mapToLong(record -> feed.values()
                        .deserializer()
                        .deserialize(feed.name(), record.value())
                        .getEpoch())
                .max()
                .orElse(0);
    }
}
