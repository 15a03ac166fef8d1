package io.millrace.streams;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.failure.Transient;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.loop.Loop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.rocksdb.NativeLibraryLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Kafka Streams application in this process: exactly once, its threads replaced when they fail. */
public final class StreamsProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamsProcess.class);
    /** Threads that a defect ends one soon after the other, before it is given up. */
    private static final int REPLACEMENTS = 20;

    /** After so long without a failure, the count begins again. */
    private static final Duration QUIET = Duration.ofMinutes(10);

    private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(30);

    /** Takes part in the group while a starved machine has no time for heartbeats; a restarted one does not wait for it. */
    private static final int SESSION_MS = 15_000;

    private static final int LONGEST_EPOCH_MS = 10 * 60_000;
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(15);

    private final String what;
    private final KafkaStreams streams;
    private final CompletableFuture<Void> end;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final StuckTransactions stuck;
    private final Loop watch;
    private int failures;

    /** Those of the failures that trying again does not fix. */
    private int defects;

    private Instant lastFailure = Instant.EPOCH;
    private volatile String trouble = "";

    /**
     * @param lanes partitions of the feed
     * @param stateDirectory of local state, which can be lost: Kafka has it too
     * @param instance a name that is this process's in every run, so that it has its lanes back at once
     */
    public record Settings(
            KafkaServers kafkaServers,
            short replicationFactor,
            int lanes,
            Path stateDirectory,
            String instance,
            int threads,
            int standbyReplicas) {}

    /**
     * How often results are committed, and so seen.
     *
     * @param cacheBytes of the stores that have a cache, between two commits
     */
    public record Pace(Duration commit, long cacheBytes) {
        /** As soon as can be. */
        public static final Pace PROMPT = new Pace(Duration.ofMillis(20), 0);
    }

    /** What it is if a change of state is lost. */
    public enum Losses {
        /** Figures of some seconds are missing. */
        HARMLESS,
        /** Results are wrong until a new snapshot. */
        REPAIRED_BY_SNAPSHOT,
        /** Results are wrong. */
        HARMFUL
    }

    /**
     * @param what it does, for messages, e.g. "views"
     * @param end completed exceptionally when it cannot go on
     */
    public StreamsProcess(
            String what,
            String applicationId,
            Topology topology,
            Settings settings,
            Losses losses,
            CompletableFuture<Void> end) {
        this(what, applicationId, topology, settings, Pace.PROMPT, losses, end);
    }

    /** As {@link #StreamsProcess(String, String, Topology, Settings, Losses, CompletableFuture)}, at another pace. */
    public StreamsProcess(
            String what,
            String applicationId,
            Topology topology,
            Settings settings,
            Pace pace,
            Losses losses,
            CompletableFuture<Void> end) {
        this.what = what;
        this.end = end;
        ProcessId.keep(settings.stateDirectory, applicationId, settings.instance);
        loadStateLibrary(settings.stateDirectory);
        this.streams = new KafkaStreams(topology, properties(applicationId, settings, pace));
        streams.setUncaughtExceptionHandler(failure -> failed(applicationId, failure));
        this.stuck = new StuckTransactions(what, applicationId, settings.kafkaServers, losses, this::running);
        this.watch = new Loop("transactions-of-" + what, stuck::look);
        streams.setStateListener((now, before) -> LOG.info("{}: {}", what, now));
    }

    /** RocksDB's native part. In the system's directory for temporary files, each process that is killed would leave a copy of it. */
    private static void loadStateLibrary(Path directory) {
        try {
            Files.createDirectories(directory);
            NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
        } catch (IOException failed) {
            throw new MillraceException(
                    Category.RESOURCE,
                    "cannot write to the directory of local state " + directory.toAbsolutePath() + ": " + failed,
                    "make it writable, or name another: data in the configuration file",
                    failed);
        }
    }

    /** Called on the thread that fails, which takes its time before the next one begins. */
    private StreamThreadExceptionResponse failed(String applicationId, Throwable failure) {
        int count;
        synchronized (this) {
            if (Duration.between(lastFailure, Instant.now()).compareTo(QUIET) > 0) {
                failures = 0;
                defects = 0;
            }
            lastFailure = Instant.now();
            count = ++failures;
            defects += passes(failure) ? 0 : 1;
            if (defects > REPLACEMENTS) {
                end.completeExceptionally(new MillraceException(
                        Category.INTERNAL,
                        "the " + what + " of " + applicationId + " cannot go on: " + failure,
                        "nothing is lost: Kafka keeps what is not applied; report this with the log",
                        failure));
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            }
        }
        trouble = String.valueOf(failure.getMessage());
        LOG.error("{}: a thread failed and is replaced, for the {}. time", what, count, failure);
        pause(Duration.ofMillis(Math.min(LONGEST_BACK_OFF.toMillis(), 50L << Math.min(count, 10))));
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    /** A thread that was fenced, or that a server kept waiting, does its work again: nothing is wrong with the work. */
    private static boolean passes(Throwable failure) {
        return Transient.is(failure)
                || failure instanceof ProducerFencedException
                || failure instanceof InvalidProducerEpochException;
    }

    private void pause(Duration time) {
        try {
            boolean ignored = closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    public void start() {
        streams.start();
        watch.start();
    }

    /** Whether every lane of this process is assigned and restored. */
    public boolean running() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    /** With the last failure, while it is not running. */
    public String state() {
        String state = streams.state().toString();
        if (running()) {
            return state;
        }
        return state
                + (trouble.isEmpty() ? "" : ", after " + trouble)
                + (stuck.trouble().isEmpty() ? "" : "; " + stuck.trouble());
    }

    private static Properties properties(String applicationId, Settings settings, Pace pace) {
        Map<String, Object> values = new HashMap<>();
        values.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        values.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory.toString());
        values.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        values.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) settings.replicationFactor);
        values.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads);
        values.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, settings.standbyReplicas);
        values.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, pace.commit.toMillis());
        values.put(StreamsConfig.POLL_MS_CONFIG, 5);
        values.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, pace.cacheBytes);
        values.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 10_000);
        values.put("producer.linger.ms", 20);
        values.put("producer.batch.size", 128 * 1024);
        values.put("producer.compression.type", "lz4");
        values.put("producer.buffer.memory", 64 * 1024 * 1024);
        // As long as an epoch may take: a snapshot of all rows is one. A killed process does not wait for it, see
        // ProcessId.
        values.put("producer.transaction.timeout.ms", LONGEST_EPOCH_MS);
        values.put("main.consumer.max.poll.interval.ms", LONGEST_EPOCH_MS);
        values.put("producer.retry.backoff.ms", 5);
        values.put("producer.max.request.size", KafkaServers.MAX_RECORD_BYTES);
        values.put("consumer.max.poll.records", 5_000);
        values.put("main.consumer.group.instance.id", settings.instance);
        values.put("main.consumer.max.partition.fetch.bytes", KafkaServers.MAX_RECORD_BYTES);
        values.put("main.consumer.session.timeout.ms", SESSION_MS);
        values.put("main.consumer.heartbeat.interval.ms", 1_500);
        values.put("main.consumer.auto.offset.reset", "earliest");
        values.put("restore.consumer.fetch.max.wait.ms", 20);
        values.put("restore.consumer.max.poll.records", 10_000);
        values.put("restore.consumer.max.partition.fetch.bytes", 2 * KafkaServers.MAX_RECORD_BYTES);
        Properties properties = new Properties();
        properties.putAll(settings.kafkaServers.settings(values));
        return properties;
    }

    @Override
    public void close() {
        closing.countDown();
        watch.end();
        // Static membership: the lanes wait for this process's return, up to the session timeout.
        streams.close(CLOSE_LIMIT);
        end.complete(null);
    }
}
