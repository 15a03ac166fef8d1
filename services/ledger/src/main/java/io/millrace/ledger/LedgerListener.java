package io.millrace.ledger;

import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.registry.SchemaRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.MessageListener;
import org.springframework.util.backoff.FixedBackOff;

/**
 * Listens to topics for a service with a ledger. A record is committed when it is written down; while the ledger or another server
 * is away, it waits; one that cannot be taken for its own fault is dead-lettered, and tried again when somebody says so.
 */
public final class LedgerListener implements AutoCloseable {
    private static final long RETRY_MS = 1_000;

    private final String actions;
    private final Intake intake;
    private final StageLetters letters;
    private final ConcurrentMessageListenerContainer<byte[], byte[]> container;

    /** Writes a record down; the same record may come again. */
    public interface Intake {
        /** Fails if it cannot. */
        void take(ConsumerRecord<byte[], byte[]> record);
    }

    /**
     * @param stage name in dead letters
     * @param group of consumers
     * @param instance a name that is this process's in every run
     * @param remedy of a record that cannot be taken
     */
    public record Settings(String stage, String group, KafkaServers kafkaServers, String instance, String remedy) {}

    /** @param assigned told of the partitions that this process has, before their records are taken */
    public LedgerListener(
            Settings settings,
            Collection<String> topics,
            Intake intake,
            Optional<ConsumerAwareRebalanceListener> assigned,
            SchemaRegistry registry) {
        this.intake = intake;
        this.letters = new StageLetters(settings.stage, settings.remedy, settings.kafkaServers, registry);
        this.actions = letters.actionsTopic();
        List<String> all = new ArrayList<>(topics);
        all.add(actions);
        ContainerProperties properties = new ContainerProperties(all.toArray(String[]::new));
        properties.setAckMode(ContainerProperties.AckMode.BATCH);
        properties.setMissingTopicsFatal(false);
        properties.setMessageListener((MessageListener<byte[], byte[]>) this::take);
        assigned.ifPresent(properties::setConsumerRebalanceListener);
        this.container = new ConcurrentMessageListenerContainer<>(
                new DefaultKafkaConsumerFactory<>(
                        consumer(settings), new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                properties);
        container.setBeanName(settings.stage + "-listener");
        container.setConcurrency(1);
        DefaultErrorHandler errors = new DefaultErrorHandler(
                (record, failure) -> letters.bury(record, failure),
                new FixedBackOff(RETRY_MS, FixedBackOff.UNLIMITED_ATTEMPTS));
        // Null: the one above.
        errors.setBackOffFunction((record, failure) -> StageLetters.passes(failure) ? null : new FixedBackOff(0, 0));
        errors.setCommitRecovered(true);
        container.setCommonErrorHandler(errors);
    }

    private static Map<String, Object> consumer(Settings settings) {
        Map<String, Object> config = new HashMap<>();
        config.put("group.id", settings.group);
        // The same member after a restart: it has its partitions back at once, also when it was killed.
        config.put("group.instance.id", settings.instance);
        config.put("session.timeout.ms", 6_000);
        config.put("heartbeat.interval.ms", 1_500);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", false);
        config.put("auto.offset.reset", "earliest");
        config.put("allow.auto.create.topics", false);
        config.put("metadata.max.age.ms", 5_000);
        return settings.kafkaServers.settings(config);
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.topic().equals(actions)) {
            letters.decided(record, intake);
        } else {
            intake.take(record);
        }
    }

    public void start() {
        container.start();
    }

    public boolean running() {
        return container.isRunning();
    }

    @Override
    public void close() {
        container.stop();
        letters.close();
    }
}
