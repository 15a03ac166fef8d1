package io.millrace.source.publish;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.HubProducer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.kafka.OwnTopics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The Kafka cluster that a source is published to.
 *
 * @param replicationFactor of topics that are created
 */
public record KafkaCluster(KafkaServers kafkaServers, short replicationFactor) {
    /** However long the brokers allow, readers of committed data must not wait for longer than this for a hub that is gone. */
    private static final Duration LONGEST_TRANSACTION = Duration.ofHours(1);

    /** Kafka's own. */
    private static final Duration DEFAULT_LIMIT = Duration.ofMinutes(15);

    private static final String TRANSACTION_LIMIT = "transaction.max.timeout.ms";
    private static final int BATCH_BYTES = 128 * 1024;
    /** For room in the buffer, or for a broker: then the session begins again, and tells. */
    private static final int LONGEST_WAIT_MS = 20_000;

    private static final int BUFFER_BYTES = 64 * 1024 * 1024;

    /** The producer of a source: of two with the same id, the older one is fenced. */
    HubProducer<byte[], byte[]> producer(String transactionalId, Duration transactionLimit) {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Math.toIntExact(transactionLimit.toMillis()));
        // The commit flushes; until then, records of the epoch share batches.
        config.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, LONGEST_WAIT_MS);
        config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, KafkaServers.MAX_RECORD_BYTES);
        // The next transaction may meet the last one's markers: look again soon, not after 100 ms.
        config.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 5);
        config.put(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 1_000);
        return new HubProducer<>(kafkaServers, config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** How long a transaction may be open: as long as the brokers allow, since a whole transaction of the source has to fit. */
    Duration transactionLimit() throws InterruptedException {
        try (Admin admin = kafkaServers.admin(Map.of())) {
            Duration limit = LONGEST_TRANSACTION;
            for (Node broker : admin.describeCluster().nodes().get()) {
                ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, broker.idString());
                Config config =
                        admin.describeConfigs(List.of(resource)).all().get().get(resource);
                ConfigEntry entry = config == null ? null : config.get(TRANSACTION_LIMIT);
                Duration ofBroker = entry == null ? DEFAULT_LIMIT : Duration.ofMillis(Long.parseLong(entry.value()));
                limit = ofBroker.compareTo(limit) < 0 ? ofBroker : limit;
            }
            return limit;
        } catch (ExecutionException notAllowed) {
            // To describe a broker is a right of its own, which the hub can do without.
            return DEFAULT_LIMIT;
        }
    }

    boolean exists(String topic) throws InterruptedException {
        try (Admin admin = kafkaServers.admin(Map.of())) {
            return admin.listTopics().names().get().contains(topic);
        } catch (ExecutionException failed) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot list the topics at " + kafkaServers + ": " + failed.getMessage(),
                    "start Kafka, or correct kafka.bootstrap-servers",
                    failed);
        }
    }

    /** Creates a topic that other stages write to as well, if none of them has. */
    void createShared(NewTopic topic) throws InterruptedException {
        if (!exists(topic.name())) {
            create(List.of(topic));
        }
    }

    /** Creates the topics that are missing; refuses one that has another number of partitions. */
    void create(List<NewTopic> wanted) throws InterruptedException {
        try (Admin admin = kafkaServers.admin(Map.of())) {
            Set<String> existing = admin.listTopics().names().get();
            List<NewTopic> missing = new ArrayList<>();
            List<String> known = new ArrayList<>();
            for (NewTopic topic : wanted) {
                if (existing.contains(topic.name())) {
                    known.add(topic.name());
                } else {
                    missing.add(topic);
                }
            }
            Map<String, TopicDescription> descriptions =
                    admin.describeTopics(known).allTopicNames().get();
            for (NewTopic topic : wanted) {
                TopicDescription found = descriptions.get(topic.name());
                if (found != null && found.partitions().size() != topic.numPartitions()) {
                    throw new MillraceException(
                            Category.USER,
                            "topic " + topic.name() + " has "
                                    + found.partitions().size() + " partitions, not " + topic.numPartitions(),
                            "the number of lanes is fixed once a source is published: set lanes back in the source's file, or"
                                    + " start over under another source name");
                }
            }
            OwnTopics.create(admin, missing);
        } catch (ExecutionException failed) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot create the source's topics at " + kafkaServers + ": "
                            + Objects.requireNonNullElse(failed.getCause(), failed)
                                    .getMessage(),
                    "start Kafka, correct kafka.bootstrap-servers, or grant the hub Create and Describe on topics cdc.*",
                    failed);
        }
    }
}
