package io.millrace.schemas;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.Serializer;

/** A producer that ends within seconds, also while Kafka is away or has aborted its transaction; what was not acknowledged then is not sent. */
public final class HubProducer<K, V> extends KafkaProducer<K, V> {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    public HubProducer(Map<String, Object> settings, Serializer<K> keys, Serializer<V> values) {
        super(withDefaults(settings), keys, values);
    }

    private static Map<String, Object> withDefaults(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>();
        all.put("enable.metrics.push", false);
        all.putAll(settings);
        return all;
    }

    @Override
    public void close() {
        close(CLOSE_LIMIT);
    }
}
