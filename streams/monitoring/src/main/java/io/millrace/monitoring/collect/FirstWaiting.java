package io.millrace.monitoring.collect;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Looks at the first record that somebody has not processed: when it came, or that there is none, since all that is between its
 * position and the end are a transaction's markers. What was seen once is not looked at again.
 */
final class FirstWaiting implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMillis(1_500);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<Span, Optional<Instant>> seen = new HashMap<>();

    /** @param end the last stable offset */
    record Span(TopicPartition partition, long next, long end) {}

    FirstWaiting(String bootstrapServers) {
        this.consumer = new KafkaConsumer<>(
                Map.<String, Object>of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "isolation.level",
                        "read_committed",
                        "enable.auto.commit",
                        false,
                        "auto.offset.reset",
                        "earliest",
                        "max.partition.fetch.bytes",
                        65_536,
                        "default.api.timeout.ms",
                        5_000,
                        "reconnect.backoff.max.ms",
                        1_000,
                        "enable.metrics.push",
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    /** When the first record of each span came; empty if there is none. A span that could not be read in time is left out. */
    Map<Span, Optional<Instant>> look(Set<Span> spans) {
        seen.keySet().retainAll(spans);
        Map<TopicPartition, Set<Span>> open = new HashMap<>();
        for (Span span : spans) {
            if (!seen.containsKey(span)) {
                open.computeIfAbsent(span.partition, partition -> new HashSet<>())
                        .add(span);
            }
        }
        long deadline = System.nanoTime() + LIMIT.toNanos();
        // Groups may be at different places of one partition: one after the other.
        while (!open.isEmpty() && System.nanoTime() < deadline) {
            Set<Span> round = new HashSet<>();
            open.values().forEach(same -> round.add(same.iterator().next()));
            read(round, deadline);
            round.forEach(span -> open.computeIfPresent(span.partition, (partition, same) -> {
                same.remove(span);
                return same.isEmpty() ? null : same;
            }));
        }
        return Map.copyOf(seen);
    }

    private void read(Set<Span> spans, long deadline) {
        Map<TopicPartition, Span> waiting = new HashMap<>();
        spans.forEach(span -> waiting.put(span.partition, span));
        consumer.assign(waiting.keySet());
        waiting.forEach((partition, span) -> consumer.seek(partition, span.next));
        while (!waiting.isEmpty() && System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                Span span = waiting.remove(new TopicPartition(record.topic(), record.partition()));
                if (span != null) {
                    seen.put(
                            span,
                            record.offset() < span.end
                                    ? Optional.of(Instant.ofEpochMilli(record.timestamp()))
                                    : Optional.empty());
                    consumer.pause(Set.of(span.partition));
                }
            }
            waiting.values().removeIf(span -> {
                boolean none = consumer.position(span.partition) >= span.end;
                if (none) {
                    seen.put(span, Optional.empty());
                }
                return none;
            });
        }
    }

    @Override
    public void close() {
        consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
