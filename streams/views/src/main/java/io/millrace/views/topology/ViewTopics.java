package io.millrace.views.topology;

import io.millrace.schemas.Lane;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.ViewName;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Bytes;

/** What the topics of views hold: a changed or removed view has to take back what an older one published. */
record ViewTopics(String bootstrapServers) {
    private static final Duration POLL = Duration.ofMillis(200);

    /** Keys of the rows that a lane of a view has in its topic; none if there is no such topic. */
    Set<Bytes> keys(ViewName view, Lane lane) {
        return newest(Topics.viewName(view), lane).keySet();
    }

    /** The newest value of each key in a partition. */
    Map<Bytes, byte[]> newest(String topic, Lane lane) {
        TopicPartition partition = new TopicPartition(topic, lane.index());
        Map<Bytes, byte[]> newest = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            if (consumer.partitionsFor(partition.topic()).isEmpty()) {
                return newest;
            }
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    Bytes key = Bytes.wrap(record.key());
                    if (record.value() == null) {
                        newest.remove(key);
                    } else {
                        newest.put(key, record.value());
                    }
                }
            }
        }
        return newest;
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrapServers);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", false);
        config.put("allow.auto.create.topics", false);
        config.put("max.partition.fetch.bytes", Topic.MAX_RECORD_BYTES);
        config.put("enable.metrics.push", false);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
