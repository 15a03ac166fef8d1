package io.millrace.operations;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.HubProducer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Topic;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A topic by which people tell the hub what they decided.
 *
 * @param <V> a decision
 */
public final class Decisions<V> implements AutoCloseable {
    private final Topic<String, V> topic;
    private final KafkaServers kafkaServers;
    private final HubProducer<String, V> producer;

    public Decisions(KafkaServers kafkaServers, Topic<String, V> topic) {
        this.topic = topic;
        this.kafkaServers = kafkaServers;
        this.producer = new HubProducer<>(
                kafkaServers,
                HubProducer.IMPATIENT,
                new StringSerializer(),
                topic.values().serializer());
    }

    /**
     * Returns when Kafka has it.
     *
     * @param key of what it is about, in that lane
     */
    public void tell(int lane, String key, V decision) {
        try {
            producer.send(topic.record(new Lane(lane), key, decision)).get();
        } catch (ExecutionException failed) {
            throw TopicFailure.writing(topic.name(), kafkaServers, failed);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new MillraceException(
                    Category.EXTERNAL,
                    "the write to topic " + topic.name() + " was interrupted",
                    "see whether it took effect, and decide again if it did not",
                    stopping);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
