package io.millrace.source.publish;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads what is committed in a partition now. */
final class TopicScan {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long FIRST_LOOK_BACK = 32;

    private TopicScan() {}

    /** Every record from the beginning of the partition to its present end. */
    static void read(KafkaCluster cluster, TopicPartition partition, Consumer<ConsumerRecord<byte[], byte[]>> each) {
        try (KafkaConsumer<byte[], byte[]> consumer = cluster.consumer()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = end(consumer, partition);
            while (consumer.position(partition) < end) {
                consumer.poll(POLL).forEach(each);
            }
        }
    }

    /** The newest committed record of a partition: looks back from its end, further each time it finds none. */
    static java.util.Optional<ConsumerRecord<byte[], byte[]>> newest(KafkaCluster cluster, TopicPartition partition) {
        try (KafkaConsumer<byte[], byte[]> consumer = cluster.consumer()) {
            consumer.assign(List.of(partition));
            long begin = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
            long end = end(consumer, partition);
            java.util.concurrent.atomic.AtomicReference<ConsumerRecord<byte[], byte[]>> newest =
                    new java.util.concurrent.atomic.AtomicReference<>();
            for (long back = FIRST_LOOK_BACK; newest.get() == null && begin < end; back *= 8) {
                long from = Math.max(begin, end - back);
                consumer.seek(partition, from);
                while (consumer.position(partition) < end) {
                    consumer.poll(POLL).forEach(newest::set);
                }
                if (from == begin) {
                    break;
                }
            }
            return java.util.Optional.ofNullable(newest.get());
        }
    }

    /** Up to where everything is decided: below it, each transaction is committed or aborted. */
    private static long end(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
        return consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    }
}
