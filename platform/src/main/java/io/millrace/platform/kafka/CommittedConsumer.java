package io.millrace.platform.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads committed records, outside any group. */
public final class CommittedConsumer extends KafkaConsumer<byte[], byte[]> {
    /** There is no group to leave; for the broker's last answer a consumer would wait up to half a minute. */
    private static final CloseOptions SOON = CloseOptions.timeout(Duration.ofSeconds(1));

    /** @param more settings, in the place of those that it has else */
    public CommittedConsumer(KafkaServers kafkaServers, Map<String, Object> more) {
        super(settings(kafkaServers, more), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static Map<String, Object> settings(KafkaServers kafkaServers, Map<String, Object> more) {
        Map<String, Object> config = new HashMap<>();
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", false);
        config.put("auto.offset.reset", "earliest");
        config.put("allow.auto.create.topics", false);
        config.putAll(more);
        return kafkaServers.settings(config);
    }

    @Override
    public void close() {
        close(SOON);
    }
}
