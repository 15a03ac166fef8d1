package io.millrace.monitoring.collect;

import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Topics;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Asks all servers, once a round. What is unreachable is said, and does not keep the others from being asked. */
final class Rounds implements AutoCloseable {
    private static final Duration PROBE_AFTER = Duration.ofMillis(900);

    private final KafkaServers kafkaServers;
    /** Without a change for so long, a source is idle. */
    private static final Duration IDLE = Duration.ofSeconds(10);

    private final SourceLog source;
    private final AnalyticsPositions analytics;
    private final KafkaPositions kafka;
    private final PublishedPosition published;
    private final Set<TopicPartition> known = new HashSet<>();
    private long changes = -1;
    private Instant changed = Instant.now();
    private long probed = -1;
    private Instant behindSince = Instant.MAX;
    private @Nullable Retained retained;

    private record Retained(Instant at, long bytes) {}

    Rounds(Collector.Settings settings) {
        this.kafkaServers = settings.kafkaServers();
        this.source = new SourceLog(settings.source(), settings.slot(), settings.limit());
        this.analytics =
                new AnalyticsPositions(settings.analytics(), new Topics(settings.registry()), settings.limit());
        this.kafka = new KafkaPositions(settings.kafkaServers(), settings.limit());
        this.published = new PublishedPosition(
                settings.kafkaServers(), settings.sourceName(), settings.registry(), settings.limit());
    }

    Facts ask(Map<String, String> hints) throws InterruptedException {
        // At the same time: the round is as long as the slowest answer, or as the limit.
        Answer<SourceLog.Position> log = new Answer<>(source::read);
        Answer<InKafka> inKafka = new Answer<>(this::readKafka);
        Answer<AnalyticsPositions.Position> applied = new Answer<>(analytics::read);
        log.await();
        inKafka.await();
        applied.await();
        InKafka read = inKafka.value == null ? new InKafka(Map.of(), new HashMap<>(), null) : inKafka.value;
        String kafkaProblem = inKafka.problem(this::problem);
        if (inKafka.value != null) {
            try {
                addNew(read.groups, applied.value, read.ends);
            } catch (ExecutionException | TimeoutException | KafkaException away) {
                kafkaProblem = problem(away);
            }
        }
        if (log.value != null && read.published != null) {
            probe(log.value, read.published);
        }
        return new Facts(
                kafkaProblem,
                read.groups,
                read.ends,
                read.published,
                log.problem(away -> String.valueOf(away.getMessage())),
                log.value,
                log.value == null ? 0 : growth(log.value),
                applied.problem(away -> String.valueOf(away.getMessage())),
                applied.value,
                idle(log.value),
                hints);
    }

    /** @param ends may be added to */
    private record InKafka(
            Map<String, KafkaPositions.Group> groups,
            Map<TopicPartition, Long> ends,
            @Nullable Long published) {}

    private InKafka readKafka() throws InterruptedException, ExecutionException, TimeoutException {
        // Ends before positions: who has everything that was there is not late by what came since.
        Map<TopicPartition, Long> ends = new HashMap<>(kafka.ends(known));
        return new InKafka(kafka.groups(), ends, published.read());
    }

    /** What one server answers, asked on a thread of its own. */
    private static final class Answer<T> {
        private final Thread thread;
        private @Nullable T value;
        private @Nullable Exception away;

        /** Asks a server. */
        @FunctionalInterface
        interface Question<T> {
            @Nullable T ask() throws Exception;
        }

        Answer(Question<T> question) {
            this.thread = Thread.ofVirtual().start(() -> {
                try {
                    value = question.ask();
                } catch (SQLException
                        | ExecutionException
                        | TimeoutException
                        | KafkaException
                        | InterruptedException failed) {
                    away = failed;
                } catch (Exception unexpected) {
                    throw new IllegalStateException(unexpected);
                }
            });
        }

        void await() throws InterruptedException {
            thread.join();
        }

        /** Empty if there is none. */
        String problem(Function<Exception, String> text) {
            return away == null ? "" : text.apply(away);
        }
    }

    private void addNew(
            Map<String, KafkaPositions.Group> groups,
            AnalyticsPositions.@Nullable Position applied,
            Map<TopicPartition, Long> ends)
            throws ExecutionException, TimeoutException, InterruptedException {
        Set<TopicPartition> fresh = new HashSet<>();
        groups.values().forEach(group -> fresh.addAll(group.next().keySet()));
        if (applied != null) {
            fresh.addAll(applied.next().keySet());
        }
        fresh.removeAll(known);
        if (!fresh.isEmpty()) {
            ends.putAll(kafka.ends(fresh));
            known.addAll(fresh);
        }
    }

    private String problem(Exception away) {
        if (away instanceof TimeoutException
                || away.getCause() instanceof org.apache.kafka.common.errors.TimeoutException
                || away instanceof org.apache.kafka.common.errors.TimeoutException) {
            return "no answer from " + kafkaServers;
        }
        return away.getCause() == null
                ? away.toString()
                : String.valueOf(away.getCause().getMessage());
    }

    /** Null while the source changes, or that is not known. */
    private @Nullable Instant idle(SourceLog.@Nullable Position log) {
        if (log == null || log.changes() != changes) {
            changes = log == null ? -1 : log.changes();
            changed = Instant.now();
        }
        return Duration.between(changed, Instant.now()).compareTo(IDLE) > 0 ? changed : null;
    }

    /** The log grows by more than transactions: a probe shows whether what was committed would come through. */
    private void probe(SourceLog.Position log, long inKafka) {
        Instant now = Instant.now();
        if (inKafka >= log.end()) {
            behindSince = Instant.MAX;
            return;
        }
        behindSince = behindSince.isBefore(now) ? behindSince : now;
        boolean due = Duration.between(behindSince, now).compareTo(PROBE_AFTER) > 0 && inKafka >= probed;
        if (due) {
            try {
                source.probe();
                probed = log.end();
            } catch (SQLException refused) {
                // A source that takes no message has heartbeats from the connector, later.
                probed = log.end();
            }
        }
    }

    private double growth(SourceLog.Position log) {
        Instant now = Instant.now();
        Retained before = retained;
        if (before == null || Duration.between(before.at, now).toSeconds() > 30) {
            retained = new Retained(now, log.retained());
        }
        double seconds = before == null ? 0 : Duration.between(before.at, now).toMillis() / 1_000.0;
        return before == null || seconds < 1 ? 0 : (log.retained() - before.bytes) / seconds;
    }

    @Override
    public void close() {
        List.<AutoCloseable>of(source, analytics, kafka, published).forEach(Rounds::close);
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }
}
