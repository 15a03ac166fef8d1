package io.millrace.ledger;

import io.millrace.platform.kafka.TopicIds;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;

/**
 * Begins where the ledger is, not where Kafka thinks that it is: the two differ after the ledger was restored from a backup, and after
 * Kafka lost its data. Offsets are written into the ledger before Kafka hears of them.
 */
final class LedgerOffsets implements ConsumerAwareRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerOffsets.class);
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Comparator<TopicPartition> BY_NAME = Comparator.comparing(TopicPartition::toString);

    private final LedgerListener.Settings settings;
    private final Positions positions;
    private final LedgerListener.Intake intake;
    private final Optional<ConsumerAwareRebalanceListener> then;
    private final Map<String, String> ids = new ConcurrentHashMap<>();
    /** What this process wrote last; of the partitions that it has. */
    private final Map<TopicPartition, Long> written = new ConcurrentHashMap<>();

    private volatile boolean closed;

    /** @param then told of the partitions afterwards */
    LedgerOffsets(
            LedgerListener.Settings settings,
            Positions positions,
            LedgerListener.Intake intake,
            Optional<ConsumerAwareRebalanceListener> then) {
        this.settings = settings;
        this.positions = positions;
        this.intake = intake;
        this.then = then;
    }

    /** Makes consumers that tell the ledger how far they are. */
    DefaultKafkaConsumerFactory<byte[], byte[]> consumers(Map<String, Object> config) {
        return new DefaultKafkaConsumerFactory<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()) {
            @Override
            protected Consumer<byte[], byte[]> createRawConsumer(Map<String, Object> of) {
                return new KafkaConsumer<>(of, new ByteArrayDeserializer(), new ByteArrayDeserializer()) {
                    @Override
                    public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets) {
                        super.commitSync(write(this, offsets));
                    }

                    @Override
                    public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
                        super.commitSync(write(this, offsets), timeout);
                    }
                };
            }
        };
    }

    /**
     * Returns what is to be committed: not that of partitions which the ledger does not know so far any more, since its database went
     * back by a failover. These are read again.
     */
    private Map<TopicPartition, OffsetAndMetadata> write(
            Consumer<?, ?> consumer, Map<TopicPartition, OffsetAndMetadata> offsets) {
        Map<TopicPartition, OffsetAndMetadata> known = new HashMap<>(offsets);
        try {
            Map<TopicPartition, Positions.Position> ledger = positions.of(offsets.keySet());
            Map<TopicPartition, Positions.Position> told = new HashMap<>();
            for (TopicPartition partition : offsets.keySet()) {
                Positions.Position position = ledger.get(partition);
                long back = position == null ? 0 : position.next();
                if (back < written.getOrDefault(partition, 0L)) {
                    LOG.warn(
                            "{}: the ledger went back to offset {} of {}, as after a failover; it is read again from there",
                            settings.stage(),
                            back,
                            partition);
                    known.remove(partition);
                    written.remove(partition);
                    seek(consumer, partition, back);
                    continue;
                }
                String id = ids.get(partition.topic());
                OffsetAndMetadata offset = offsets.get(partition);
                if (id != null && offset != null) {
                    told.put(partition, new Positions.Position(id, offset.offset()));
                }
            }
            if (known.size() < offsets.size()) {
                intake.ledgerIsOlder();
            }
            positions.write(told);
            told.forEach((partition, position) -> written.put(partition, position.next()));
        } catch (RuntimeException away) {
            // Then some records are read twice after a restart, which the ledger does not mind.
            LOG.warn("{}: the ledger cannot be told how far it is: {}", settings.stage(), away.toString());
        }
        return known;
    }

    /** Does not give up, whatever it is: Kafka would go on where it thinks that this is, and records would be passed over. */
    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        while (!closed && !Thread.currentThread().isInterrupted()) {
            try {
                begin(consumer, Set.copyOf(partitions));
                then.ifPresent(next -> next.onPartitionsAssigned(consumer, partitions));
                return;
            } catch (RuntimeException | ExecutionException away) {
                LOG.warn(
                        "{}: where the ledger is cannot be known now; it is tried again: {}",
                        settings.stage(),
                        away.toString());
                LockSupport.parkNanos(AGAIN.toNanos());
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void begin(Consumer<?, ?> consumer, Set<TopicPartition> partitions)
            throws ExecutionException, InterruptedException {
        if (partitions.isEmpty()) {
            return;
        }
        written.clear();
        try (Admin admin = settings.kafkaServers().admin(Map.of())) {
            ids.putAll(TopicIds.of(admin, topics(partitions)));
        }
        if (!ids.keySet().containsAll(topics(partitions))) {
            throw new UnknownTopicOrPartitionException("one of the topics " + topics(partitions) + " is not there");
        }
        Beginning beginning = compare(partitions, consumer.committed(partitions));
        if (!beginning.older.isEmpty()) {
            LOG.warn(
                    "{}: the ledger is older than what consumer group {} committed, as after a restore; it goes on at {}",
                    settings.stage(),
                    settings.group(),
                    beginning.older);
            intake.ledgerIsOlder();
        }
        beginning.at.forEach((partition, offset) -> seek(consumer, partition, offset));
    }

    private static void seek(Consumer<?, ?> consumer, TopicPartition partition, long offset) {
        if (offset == 0) {
            consumer.seekToBeginning(List.of(partition));
        } else {
            consumer.seek(partition, offset);
        }
    }

    /** Whether the ledger does not have what was taken into it, by what Kafka knows. */
    boolean ledgerIsOlder() throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
        try (Admin admin = settings.kafkaServers().admin(Map.of())) {
            admin.listConsumerGroupOffsets(settings.group())
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .forEach((partition, offset) -> {
                        if (offset != null) {
                            committed.put(partition, offset);
                        }
                    });
            ids.putAll(TopicIds.of(admin, topics(committed.keySet())));
            // Of a topic that is gone, nothing is missing.
            committed.keySet().removeIf(partition -> !ids.containsKey(partition.topic()));
        }
        return !committed.isEmpty()
                && !compare(committed.keySet(), committed).older.isEmpty();
    }

    /**
     * Where to begin.
     *
     * @param at offsets of those that do not begin where Kafka says
     * @param older those that were read further than the ledger knows of
     */
    private record Beginning(Map<TopicPartition, Long> at, Map<TopicPartition, Long> older) {}

    private Beginning compare(Set<TopicPartition> partitions, Map<TopicPartition, OffsetAndMetadata> committed) {
        Map<TopicPartition, Positions.Position> ledger = positions.of(partitions);
        boolean trusted = positions.trustsOffsets();
        Map<TopicPartition, Long> begins = new TreeMap<>(BY_NAME);
        Map<TopicPartition, Long> older = new TreeMap<>(BY_NAME);
        for (TopicPartition partition : partitions) {
            Positions.Position position = ledger.get(partition);
            OffsetAndMetadata offset = committed.get(partition);
            boolean another = position != null && !position.topicId().equals(ids.get(partition.topic()));
            if (position != null && !another) {
                begins.put(partition, position.next());
            } else if (offset != null && (another || !trusted)) {
                // What Kafka says is of another topic of this name, or of a ledger that is gone.
                begins.put(partition, 0L);
            }
            Long begin = begins.get(partition);
            if (begin != null && offset != null && begin < offset.offset() && !another) {
                older.put(partition, begin);
            }
        }
        return new Beginning(begins, older);
    }

    private static Set<String> topics(Collection<TopicPartition> partitions) {
        return partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet());
    }

    void close() {
        closed = true;
    }
}
