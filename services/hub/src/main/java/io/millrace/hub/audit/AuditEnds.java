package io.millrace.hub.audit;

import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/** The last record of each lane in topic {@code governance.audit}. */
final class AuditEnds {
    private static final Duration POLL = Duration.ofMillis(500);
    /** Ends of transactions take offsets too. */
    private static final long BACK = 50;

    private AuditEnds() {}

    static Map<Integer, AuditRecord> read(String bootstrapServers, SchemaRegistry registry) {
        Topic<byte[], AuditRecord> topic = new Topics(registry).audit();
        Deserializer<AuditRecord> values = topic.values().deserializer();
        Map<Integer, AuditRecord> last = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.<String, Object>of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "isolation.level",
                        "read_committed",
                        "enable.auto.commit",
                        false,
                        "allow.auto.create.topics",
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            ends.forEach((partition, end) -> consumer.seek(partition, Math.max(0, end - BACK)));
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    last.put(
                            record.partition(),
                            Objects.requireNonNull(values.deserialize(record.topic(), record.value())));
                }
            }
        }
        return last;
    }
}
