package io.millrace.operations.audit;

import io.millrace.operations.TopicFailure;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.registry.SchemaRegistry;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.KafkaException;

/** The last record of each lane in topic {@code governance.audit}. */
final class AuditEnds {
    private AuditEnds() {}

    static Map<Integer, AuditRecord> read(KafkaServers kafkaServers, SchemaRegistry registry) {
        Topic<byte[], AuditRecord> topic = new Topics(registry).audit();
        Map<Integer, AuditRecord> last = new HashMap<>();
        try {
            CommittedTopic.existing(kafkaServers, topic.name())
                    .newest(record -> topic.readable(record.value()))
                    .forEach((partition, record) -> last.put(partition.partition(), record));
        } catch (KafkaException away) {
            throw TopicFailure.reading(topic.name(), kafkaServers, away);
        }
        return last;
    }
}
