package io.millrace.schemas;

import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A topic: its name, the serdes of its keys and values, and what is kept of it. */
public record Topic<K, V>(String name, Serde<K> keys, Serde<V> values, Retention retention) {
    /** What Kafka keeps of a topic. */
    @SuppressWarnings("ImmutableEnumChecker") // the maps are Map.of
    public enum Retention {
        /** The newest record of each key. */
        COMPACTED(Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT,
                TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
                "0.2")),
        /** Every record, for a week. */
        WEEK(Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_DELETE,
                TopicConfig.RETENTION_MS_CONFIG,
                Long.toString(7L * 24 * 3600 * 1000))),
        /** Every record, for ever. */
        FOREVER(Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_DELETE,
                TopicConfig.RETENTION_MS_CONFIG,
                "-1"));

        private final Map<String, String> configuration;

        Retention(Map<String, String> configuration) {
            this.configuration = configuration;
        }

        /** As Kafka's setting {@code cleanup.policy} has it. */
        public String cleanupPolicy() {
            return configuration.getOrDefault(TopicConfig.CLEANUP_POLICY_CONFIG, "");
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Topic.class);

    /** The largest record that the hub writes, in bytes, and so what its topics must take. */
    public static final int MAX_RECORD_BYTES = 8 * 1024 * 1024;

    /** The topic as it is to be created. */
    public NewTopic toNewTopic(int partitions, short replicationFactor) {
        Map<String, String> configuration = new java.util.HashMap<>(retention.configuration);
        configuration.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(MAX_RECORD_BYTES));
        return new NewTopic(name, partitions, replicationFactor).configs(configuration);
    }

    public ProducerRecord<K, V> record(Lane lane, @Nullable K key, @Nullable V value) {
        return new ProducerRecord<>(name, lane.index(), key, value);
    }

    /** A record's value, for those who go on without it: null if it has none, also if it is none of the topic's. */
    public @Nullable V readable(byte @Nullable [] value) {
        try {
            return values.deserializer().deserialize(name, value);
        } catch (SerializationException foreign) {
            LOG.warn(
                    "a record of topic {} is skipped: {}: {}",
                    name,
                    foreign.getMessage(),
                    String.valueOf(foreign.getCause()));
            return null;
        }
    }
}
