package io.millrace.demo.oracle;

import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Violation;
import io.millrace.schemas.registry.SchemaRegistry;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.serialization.Deserializer;

/** Topic {@code governance.violations} as a consumer of committed data sees it. */
public final class ViolationsTopic {
    private final CommittedTopic committed;
    private final Deserializer<Violation> values;

    public ViolationsTopic(KafkaServers kafkaServers, int lanes, SchemaRegistry registry) {
        Topic<String, Violation> topic = new Topics(registry).violations();
        this.committed = CommittedTopic.of(kafkaServers, topic.name(), lanes);
        this.values = topic.values().deserializer();
    }

    /** Ids of the violations that are, or were, as far as Kafka still knows. */
    Set<String> everViolated() {
        Set<String> ids = new HashSet<>();
        committed.read(record -> {
            Violation violation = values.deserialize(record.topic(), record.value());
            if (violation != null && violation.getRow() != null) {
                ids.add(violation.getId());
            }
        });
        return ids;
    }
}
