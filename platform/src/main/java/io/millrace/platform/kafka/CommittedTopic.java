package io.millrace.platform.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** What is committed in a topic now: its partitions up to their present end, read outside any group. */
public final class CommittedTopic {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long FIRST_LOOK_BACK = 32;

    private final KafkaServers kafkaServers;
    private final List<TopicPartition> partitions;

    private CommittedTopic(KafkaServers kafkaServers, List<TopicPartition> partitions) {
        this.kafkaServers = kafkaServers;
        this.partitions = partitions;
    }

    /** A topic that is there. */
    public static CommittedTopic of(KafkaServers kafkaServers, String topic, int partitions) {
        return new CommittedTopic(
                kafkaServers,
                IntStream.range(0, partitions)
                        .mapToObj(index -> new TopicPartition(topic, index))
                        .toList());
    }

    /** One partition of a topic that is there. */
    public static CommittedTopic of(KafkaServers kafkaServers, TopicPartition partition) {
        return new CommittedTopic(kafkaServers, List.of(partition));
    }

    /** A topic with the partitions that it has; with none if it is not there. */
    public static CommittedTopic existing(KafkaServers kafkaServers, String topic) {
        try (CommittedConsumer consumer = consumer(kafkaServers)) {
            return new CommittedTopic(
                    kafkaServers,
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList());
        }
    }

    /** The same, of one partition only. */
    public CommittedTopic only(int partition) {
        return new CommittedTopic(
                kafkaServers,
                partitions.stream()
                        .filter(only -> only.partition() == partition)
                        .toList());
    }

    /** Up to where everything is decided: below it, each transaction is committed or aborted. */
    public Map<TopicPartition, Long> ends() {
        try (CommittedConsumer consumer = consumer(kafkaServers)) {
            return new HashMap<>(consumer.endOffsets(partitions));
        }
    }

    /** Reads everything that is still kept. */
    public void read(Consumer<ConsumerRecord<byte[], byte[]>> each) {
        try (CommittedConsumer consumer = consumer(kafkaServers)) {
            read(consumer, consumer.beginningOffsets(partitions), each);
        }
    }

    /** Reads from the given offsets on. */
    public void read(Map<TopicPartition, Long> from, Consumer<ConsumerRecord<byte[], byte[]>> each) {
        try (CommittedConsumer consumer = consumer(kafkaServers)) {
            read(consumer, from, each);
        }
    }

    /**
     * What the newest record of each partition says that can be read: looks back from its end, further each time that it finds none.
     * Somebody else may have written there last.
     *
     * @param reader null for a record that says nothing
     */
    public <T> Map<TopicPartition, T> newest(Function<ConsumerRecord<byte[], byte[]>, @Nullable T> reader) {
        Map<TopicPartition, T> newest = new HashMap<>();
        try (CommittedConsumer consumer = consumer(kafkaServers)) {
            for (TopicPartition partition : partitions) {
                newest(consumer, partition, reader).ifPresent(read -> newest.put(partition, read));
            }
        }
        return newest;
    }

    /** The record at an offset of the only partition; empty if it is not kept any more. */
    public Optional<ConsumerRecord<byte[], byte[]>> at(long offset) {
        TopicPartition partition = partitions.getFirst();
        try (CommittedConsumer consumer = consumer(kafkaServers)) {
            consumer.assign(partitions);
            consumer.seek(partition, offset);
            long end = consumer.endOffsets(partitions).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> first : consumer.poll(POLL)) {
                    return first.offset() == offset ? Optional.of(first) : Optional.empty();
                }
            }
            return Optional.empty();
        }
    }

    private <T> Optional<T> newest(
            CommittedConsumer consumer,
            TopicPartition partition,
            Function<ConsumerRecord<byte[], byte[]>, @Nullable T> reader) {
        CommittedTopic one = of(kafkaServers, partition);
        long begin = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        AtomicReference<@Nullable T> newest = new AtomicReference<>();
        for (long back = FIRST_LOOK_BACK; newest.get() == null && begin < end; back *= 8) {
            long from = Math.max(begin, end - back);
            one.read(consumer, Map.of(partition, from), record -> {
                T read = reader.apply(record);
                if (read != null) {
                    newest.set(read);
                }
            });
            if (from == begin) {
                break;
            }
        }
        return Optional.ofNullable(newest.get());
    }

    private void read(
            CommittedConsumer consumer, Map<TopicPartition, Long> from, Consumer<ConsumerRecord<byte[], byte[]>> each) {
        consumer.assign(partitions);
        from.forEach(consumer::seek);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            consumer.poll(POLL).forEach(each);
        }
    }

    private static CommittedConsumer consumer(KafkaServers kafkaServers) {
        // A partition that is read to its end must not hold up the others.
        return new CommittedConsumer(
                kafkaServers,
                Map.of("max.partition.fetch.bytes", KafkaServers.MAX_RECORD_BYTES, "fetch.max.wait.ms", 10));
    }
}
