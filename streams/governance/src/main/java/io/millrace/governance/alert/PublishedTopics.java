package io.millrace.governance.alert;

import io.millrace.governance.audit.PublishedState;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.registry.SchemaRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/** Topics {@code governance.alerts} and {@code governance.audit}. */
final class PublishedTopics implements PublishedState {
    private final KafkaServers kafkaServers;
    private final Topic<String, Alert> alerts;
    private final Topic<byte[], AuditRecord> audit;

    PublishedTopics(KafkaServers kafkaServers, SchemaRegistry registry) {
        this.kafkaServers = kafkaServers;
        Topics topics = new Topics(registry);
        this.alerts = topics.alerts();
        this.audit = topics.audit();
    }

    @Override
    public List<Alert> alerts(int lane) {
        Map<String, Alert> newest = new LinkedHashMap<>();
        CommittedTopic.of(kafkaServers, new TopicPartition(alerts.name(), lane)).read(record -> {
            Alert alert = alerts.readable(record.value());
            if (alert != null) {
                newest.put(alert.getId(), alert);
            }
        });
        return List.copyOf(newest.values());
    }

    @Override
    public Optional<AuditRecord> lastAudit(int lane) {
        return CommittedTopic.of(kafkaServers, new TopicPartition(audit.name(), lane))
                .newest(record -> audit.readable(record.value()))
                .values()
                .stream()
                .findFirst();
    }
}
