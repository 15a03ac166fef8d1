package io.millrace.source.publish;

import io.millrace.schemas.Topic;
import io.millrace.schemas.avro.Position;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/** Up to where a source is published. */
final class Positions {
    private Positions() {}

    static Optional<Position> newest(KafkaCluster cluster, Topic<String, Position> topic) {
        return TopicScan.newest(cluster, new TopicPartition(topic.name(), 0))
                .map(record -> topic.values().deserializer().deserialize(topic.name(), record.value()));
    }
}
