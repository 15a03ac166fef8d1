package io.millrace.platform.kafka;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/**
 * How Kafka is reached.
 *
 * @param addresses host:port, comma-separated
 * @param properties that every client has, by Kafka's own names, such as those of TLS and SASL; what the hub itself sets goes first
 */
public record KafkaServers(String addresses, Map<String, String> properties) {
    /** The largest record that the hub writes, in bytes, and so what its topics must take. */
    public static final int MAX_RECORD_BYTES = 8 * 1024 * 1024;

    public KafkaServers {
        properties = Map.copyOf(properties);
    }

    /** Without any properties. */
    public static KafkaServers at(String addresses) {
        return new KafkaServers(addresses, Map.of());
    }

    /** For somebody who waits for an answer: clients that give up within seconds, unless the properties say otherwise. */
    public KafkaServers impatient() {
        Map<String, String> soon =
                new HashMap<>(Map.of("request.timeout.ms", "3000", "default.api.timeout.ms", "3500"));
        soon.putAll(properties);
        return new KafkaServers(addresses, soon);
    }

    /** A client's settings. */
    public Map<String, Object> settings(Map<String, ?> own) {
        // Brokers would ask for metrics that nobody collects there.
        Map<String, Object> settings = new HashMap<>(Map.of("enable.metrics.push", false));
        settings.putAll(properties);
        settings.putAll(own);
        settings.put("bootstrap.servers", addresses);
        return settings;
    }

    public Admin admin(Map<String, ?> own) {
        return Admin.create(settings(own));
    }

    /** The addresses, for messages; properties may be secrets. */
    @Override
    public String toString() {
        return addresses;
    }
}
