package io.millrace.monitoring.collect;

import io.millrace.platform.kafka.CommittedConsumer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Position;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Up to where a source is in Kafka: the end of its topic of positions, followed. */
final class PublishedPosition implements AutoCloseable {
    /** So far before the end there is a position, in all likelihood; else it is looked for from the beginning. */
    private static final long TAIL = 500;

    private static final Duration POLL = Duration.ofMillis(200);
    private static final int POLLS = 10;

    private final CommittedConsumer consumer;
    private final Topic<String, Position> topic;
    private final TopicPartition partition;
    private @Nullable Long published;
    private boolean assigned;

    PublishedPosition(KafkaServers kafkaServers, SourceName source, SchemaRegistry registry, Duration limit) {
        this.topic = new Topics(registry).position(source);
        this.partition = new TopicPartition(topic.name(), 0);
        this.consumer = new CommittedConsumer(kafkaServers, FirstWaiting.impatient(limit));
    }

    /** A log position; null if nothing was published yet. */
    @Nullable Long read() {
        if (!assigned) {
            assign();
        }
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        for (int i = 0; i < POLLS && consumer.position(partition) < end; i++) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                Position position = topic.readable(record.value());
                if (position != null) {
                    published = position.getCommitLsn();
                }
            }
        }
        return published;
    }

    private void assign() {
        consumer.assign(List.of(partition));
        long begin = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        consumer.seek(partition, Math.max(begin, end - TAIL));
        assigned = true;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
