package io.millrace.platform.kafka;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.Serializer;

/** A producer that ends within seconds, also while Kafka is away or has aborted its transaction; what was not acknowledged then is not sent. */
public final class HubProducer<K, V> extends KafkaProducer<K, V> {
    /** Of a producer that somebody waits for. */
    public static final Map<String, Object> IMPATIENT =
            Map.of("max.block.ms", 4_000, "delivery.timeout.ms", 4_000, "request.timeout.ms", 3_000, "linger.ms", 0);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    public HubProducer(KafkaServers kafkaServers, Map<String, ?> settings, Serializer<K> keys, Serializer<V> values) {
        super(kafkaServers.settings(settings), keys, values);
    }

    @Override
    public void close() {
        close(CLOSE_LIMIT);
    }
}
