package io.millrace.ledger;

import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.loop.Loop;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.event.ConsumerStoppedEvent;
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
    private static final Logger LOG = LoggerFactory.getLogger(LedgerListener.class);
    private static final long RETRY_MS = 1_000;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
    private static final Duration SHORTEST_BACK_OFF = Duration.ofSeconds(1);
    private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(30);

    /** After so long without a stop, back-off begins again. */
    private static final Duration QUIET = Duration.ofMinutes(2);

    /** A consumer that does not poll for so long is held up. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    /** Takes part in the group while a starved machine has no time for heartbeats; a restarted one does not wait for it. */
    private static final int SESSION_MS = 15_000;

    private final Settings settings;
    private final String actions;
    private final Intake intake;
    private final StageLetters letters;
    private final LedgerOffsets offsets;
    private final ConcurrentMessageListenerContainer<byte[], byte[]> container;
    private final Loop supervision;
    private volatile ConsumerStoppedEvent.@Nullable Reason reason;
    private long restarted = System.nanoTime();
    private Duration backOff = SHORTEST_BACK_OFF;

    /** Writes a record down; the same record may come again. */
    public interface Intake {
        /** Fails if it cannot. */
        void take(ConsumerRecord<byte[], byte[]> record);

        /** The ledger is of before records that were taken: it was restored, and they come again now. */
        default void ledgerIsOlder() {}
    }

    /**
     * @param stage name in dead letters
     * @param group of consumers
     * @param instance a name that is this process's in every run
     * @param remedy of a record that cannot be taken
     */
    public record Settings(String stage, String group, KafkaServers kafkaServers, String instance, String remedy) {}

    /**
     * @param positions where the ledger keeps how far it is
     * @param assigned told of the partitions that this process has, before their records are taken
     */
    public LedgerListener(
            Settings settings,
            Collection<String> topics,
            Intake intake,
            Positions positions,
            Optional<ConsumerAwareRebalanceListener> assigned,
            SchemaRegistry registry) {
        this.settings = settings;
        this.intake = intake;
        this.letters = new StageLetters(settings.stage, settings.remedy, settings.kafkaServers, registry);
        this.actions = letters.actionsTopic();
        List<String> all = new ArrayList<>(topics);
        all.add(actions);
        ContainerProperties properties = new ContainerProperties(all.toArray(String[]::new));
        properties.setAckMode(ContainerProperties.AckMode.BATCH);
        properties.setMissingTopicsFatal(false);
        properties.setMessageListener((MessageListener<byte[], byte[]>) this::take);
        this.offsets = new LedgerOffsets(settings, positions, intake, assigned);
        properties.setConsumerRebalanceListener(offsets);
        this.container = new ConcurrentMessageListenerContainer<>(offsets.consumers(consumer(settings)), properties);
        container.setBeanName(settings.stage + "-listener");
        container.setConcurrency(1);
        container.setApplicationEventPublisher(event -> {
            if (event instanceof ConsumerStoppedEvent stop) {
                reason = stop.getReason();
            }
        });
        this.supervision = new Loop(settings.stage + "-supervision", this::supervise);
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
        config.put("session.timeout.ms", SESSION_MS);
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

    /**
     * Whether the ledger is older than what was taken into it, as after a restore. Known before {@link #start}.
     *
     * @throws ExecutionException if Kafka does not answer
     */
    public boolean ledgerIsOlder() throws ExecutionException, InterruptedException {
        return offsets.ledgerIsOlder();
    }

    public void start() {
        container.start();
        supervision.start();
    }

    /** Begins again where the container has stopped by itself: it was fenced, or met an error that it takes for fatal. */
    private Duration supervise() {
        if (container.isChildRunning()) {
            if (System.nanoTime() - restarted > QUIET.toNanos()) {
                backOff = SHORTEST_BACK_OFF;
            }
            return LOOK_AGAIN;
        }
        LOG.warn("{} stopped: {}; it begins again", container.getBeanName(), describe(reason));
        container.stop();
        container.start();
        restarted = System.nanoTime();
        Duration pause = backOff;
        backOff = backOff.multipliedBy(2).compareTo(LONGEST_BACK_OFF) > 0 ? LONGEST_BACK_OFF : backOff.multipliedBy(2);
        return pause;
    }

    private String describe(ConsumerStoppedEvent.@Nullable Reason why) {
        return switch (why) {
            case null -> "it has not begun";
            case FENCED ->
                "another process took over as " + settings.instance + " of consumer group " + settings.group
                        + "; if this goes on, two hubs have the same engine.instance";
            case AUTH -> "Kafka refuses who this is, or what it may do in consumer group " + settings.group;
            case NO_OFFSET -> "consumer group " + settings.group + " has no offset to begin at";
            case NORMAL, ABNORMAL, ERROR -> "after an error, which the log has above";
        };
    }

    /** Whether records are being asked for. */
    public boolean running() {
        return container.isChildRunning() && sinceLastPoll() < SILENCE.toSeconds();
    }

    /** What is wrong; empty if nothing is. */
    public String trouble() {
        return running()
                ? ""
                : container.isChildRunning()
                        ? "no record was asked for in " + sinceLastPoll() + " s"
                        : describe(reason);
    }

    /** In seconds; 0 before the first. */
    private long sinceLastPoll() {
        return container.metrics().values().stream()
                .flatMap(metrics -> metrics.entrySet().stream())
                .filter(metric -> metric.getKey().name().equals("last-poll-seconds-ago"))
                .mapToLong(metric -> ((Number) metric.getValue().metricValue()).longValue())
                .max()
                .orElse(0);
    }

    @Override
    public void close() {
        supervision.close();
        offsets.close();
        container.stop();
        letters.close();
    }
}
