package io.millrace.monitoring.collect;

import io.millrace.platform.kafka.CommittedConsumer;
import io.millrace.platform.kafka.KafkaServers;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the first record that somebody has not processed: between a position and it there may be any number of a transaction's
 * markers, and nothing but them. What was seen once is not looked at again.
 */
final class FirstWaiting implements AutoCloseable {
    /** A report of what is known now is worth more than one that waits for a broker. */
    static Map<String, Object> impatient(Duration limit) {
        return Map.of("default.api.timeout.ms", Math.toIntExact(limit.toMillis()), "reconnect.backoff.max.ms", 1_000);
    }

    private static final Duration LIMIT = Duration.ofMillis(1_500);

    private final CommittedConsumer consumer;
    private final Map<From, First> seen = new HashMap<>();

    /** The next offset of somebody. */
    record From(TopicPartition partition, long next) {}

    /**
     * @param offset of the first record; while none was seen, the offset to which there is none
     * @param came when; null while none was seen
     */
    record First(long offset, @Nullable Instant came) {}

    FirstWaiting(KafkaServers kafkaServers, Duration limit) {
        Map<String, Object> settings = new HashMap<>(impatient(limit));
        settings.put("max.partition.fetch.bytes", 65_536);
        // A partition that is looked through must not hold up the others.
        settings.put("fetch.max.wait.ms", 10);
        this.consumer = new CommittedConsumer(kafkaServers, settings);
    }

    /**
     * What is known of the first record of each. What Kafka does not tell in time is looked for again the next time, from where this
     * look ended.
     *
     * @param ends the last stable offset, by where somebody is
     * @param enough whether it is not worth a look, by the first offset at which a record may be
     */
    Map<From, First> look(Map<From, Long> ends, Predicate<From> enough) {
        seen.keySet().retainAll(ends.keySet());
        Map<TopicPartition, Set<From>> open = new HashMap<>();
        ends.forEach((from, end) -> {
            First first = first(from);
            if (first.came == null && first.offset < end && !enough.test(new From(from.partition, first.offset))) {
                open.computeIfAbsent(from.partition, partition -> new HashSet<>())
                        .add(from);
            }
        });
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try {
            // Groups may be at different places of one partition: one after the other.
            while (!open.isEmpty() && System.nanoTime() < deadline) {
                Map<TopicPartition, From> round = new HashMap<>();
                open.forEach((partition, same) ->
                        round.put(partition, same.iterator().next()));
                read(round, ends, deadline);
                round.forEach((partition, from) -> open.computeIfPresent(partition, (key, same) -> {
                    same.remove(from);
                    return same.isEmpty() ? null : same;
                }));
            }
        } catch (KafkaException away) {
            // Who is unreachable is told by the rounds.
        }
        return Map.copyOf(seen);
    }

    private First first(From from) {
        return seen.getOrDefault(from, new First(from.next, null));
    }

    private void read(Map<TopicPartition, From> round, Map<From, Long> ends, long deadline) {
        Map<TopicPartition, From> waiting = new HashMap<>(round);
        consumer.assign(waiting.keySet());
        // What is assigned again is as paused as it was.
        consumer.resume(waiting.keySet());
        waiting.forEach((partition, from) -> consumer.seek(partition, first(from).offset));
        while (!waiting.isEmpty() && System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                From from = waiting.remove(new TopicPartition(record.topic(), record.partition()));
                if (from != null) {
                    seen.put(from, new First(record.offset(), Instant.ofEpochMilli(record.timestamp())));
                    consumer.pause(Set.of(from.partition));
                }
            }
            waiting.values().removeIf(from -> {
                long passed = consumer.position(from.partition);
                seen.put(from, new First(passed, null));
                return passed >= ends.getOrDefault(from, passed);
            });
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
