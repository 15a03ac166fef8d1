package io.millrace.views.topology;

import io.millrace.schemas.Lane;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.ViewColumn;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.failure.Category;
import io.millrace.schemas.failure.MillraceException;
import io.millrace.views.plan.ViewPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Kafka Streams with the views' topology, in this process. */
public final class ViewsEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ViewsEngine.class);
    /** Threads that are replaced one soon after the other, before it is given up. */
    private static final int REPLACEMENTS = 20;

    /** After so long without a failure, the count begins anew. */
    private static final Duration QUIET = Duration.ofMinutes(10);

    private static final int LONGEST_EPOCH_MS = 10 * 60_000;
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(15);

    private final KafkaStreams streams;
    private final CompletableFuture<Void> end;
    private final LaneStatus status = new LaneStatus();
    private final AtomicInteger replaced = new AtomicInteger();
    private final AtomicReference<Instant> lastReplaced = new AtomicReference<>(Instant.EPOCH);

    /**
     * @param lanes partitions of the feed
     * @param stateDirectory of local state, which can be lost: Kafka has it too
     * @param instance a name that is this process's in every run, so that it has its lanes back at once
     */
    public record Settings(
            String bootstrapServers,
            short replicationFactor,
            int lanes,
            Path stateDirectory,
            String instance,
            int threads,
            int standbyReplicas) {}

    private ViewsEngine(ViewsTopology.Config config, Settings settings, CompletableFuture<Void> end) {
        this.end = end;
        ProcessId.keep(settings.stateDirectory, applicationId(config), settings.instance);
        this.streams = new KafkaStreams(ViewsTopology.build(config, status), properties(config, settings));
        streams.setUncaughtExceptionHandler(failure -> {
            Instant before = lastReplaced.getAndSet(Instant.now());
            if (Duration.between(before, Instant.now()).compareTo(QUIET) > 0) {
                replaced.set(0);
            }
            if (replaced.incrementAndGet() > REPLACEMENTS) {
                end.completeExceptionally(new MillraceException(
                        Category.INTERNAL,
                        "the views of source " + config.source() + " cannot be maintained: " + failure,
                        "nothing is lost: the feed keeps what is not applied; report this with the log",
                        failure));
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            }
            LOG.error("views: a thread failed and is replaced", failure);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
        streams.setStateListener((now, before) -> LOG.info("views: {}", now));
    }

    /**
     * Publishes the views' definitions, then begins to maintain them.
     *
     * @param end completed exceptionally when the views cannot be maintained any more
     */
    public static ViewsEngine start(ViewsTopology.Config config, Settings settings, CompletableFuture<Void> end)
            throws InterruptedException {
        try {
            create(config, settings);
            define(config, settings);
        } catch (ExecutionException failed) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot create the topics of the views at " + settings.bootstrapServers + ": "
                            + failed.getMessage(),
                    "start Kafka, or grant the hub Create and Write on topics views.* and hub.*",
                    failed);
        }
        ViewsEngine engine = new ViewsEngine(config, settings, end);
        engine.streams.start();
        return engine;
    }

    private static void create(ViewsTopology.Config config, Settings settings)
            throws InterruptedException, ExecutionException {
        Topics topics = new Topics(config.registry());
        List<NewTopic> wanted = new ArrayList<>();
        short replicas = settings.replicationFactor;
        // The feed is the source's: created here too, since either may start first.
        wanted.add(topics.transactions(config.source()).toNewTopic(settings.lanes, replicas));
        wanted.add(topics.viewUpdates().toNewTopic(settings.lanes, replicas));
        wanted.add(topics.deadLetters().toNewTopic(settings.lanes, replicas));
        wanted.add(topics.viewDefinitions().toNewTopic(1, replicas));
        for (ViewPlan view : config.views()) {
            wanted.add(topics.view(view.name()).toNewTopic(settings.lanes, replicas));
        }
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", settings.bootstrapServers))) {
            Set<String> existing = admin.listTopics().names().get();
            admin.createTopics(wanted.stream()
                            .filter(topic -> !existing.contains(topic.name()))
                            .toList())
                    .all()
                    .get();
        }
    }

    private static void define(ViewsTopology.Config config, Settings settings)
            throws InterruptedException, ExecutionException {
        Topic<String, ViewDefinition> topic = new Topics(config.registry()).viewDefinitions();
        Map<String, Object> producer = Map.of("bootstrap.servers", settings.bootstrapServers, "linger.ms", 5);
        try (KafkaProducer<String, ViewDefinition> definitions = new KafkaProducer<>(
                producer, new StringSerializer(), topic.values().serializer())) {
            List<java.util.concurrent.Future<?>> sent = new ArrayList<>();
            for (ViewPlan view : config.views()) {
                sent.add(definitions.send(
                        topic.record(new Lane(0), view.name().toString(), definition(config.source(), view))));
            }
            for (String removed : ViewDefinitions.removed(config)) {
                sent.add(definitions.send(new ProducerRecord<>(topic.name(), 0, removed, null)));
            }
            for (java.util.concurrent.Future<?> future : sent) {
                future.get();
            }
        }
    }

    private static ViewDefinition definition(SourceName source, ViewPlan view) {
        return new ViewDefinition(
                view.name().toString(),
                view.generation(),
                view.sql(),
                view.description(),
                view.columns().stream()
                        .map(column -> new ViewColumn(
                                column.name(), column.type().name(), column.nullable(), column.description()))
                        .toList(),
                view.key().stream()
                        .map(index -> view.columns().get(index).name())
                        .toList(),
                source.toString());
    }

    private static String applicationId(ViewsTopology.Config config) {
        return "millrace-views-" + config.source();
    }

    private static Properties properties(ViewsTopology.Config config, Settings settings) {
        Map<String, Object> values = new HashMap<>();
        values.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId(config));
        values.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers);
        values.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory.toString());
        values.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        values.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) settings.replicationFactor);
        values.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads);
        values.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, settings.standbyReplicas);
        values.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 20);
        values.put(StreamsConfig.POLL_MS_CONFIG, 5);
        values.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        values.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 10_000);
        values.put("enable.metrics.push", false);
        values.put("producer.linger.ms", 20);
        values.put("producer.batch.size", 128 * 1024);
        values.put("producer.compression.type", "lz4");
        values.put("producer.buffer.memory", 64 * 1024 * 1024);
        // As long as an epoch may take: a snapshot of all rows is one. A killed process does not wait for it, see
        // ProcessId.
        values.put("producer.transaction.timeout.ms", LONGEST_EPOCH_MS);
        values.put("main.consumer.max.poll.interval.ms", LONGEST_EPOCH_MS);
        values.put("producer.retry.backoff.ms", 5);
        values.put("producer.max.request.size", Topic.MAX_RECORD_BYTES);
        values.put("consumer.max.poll.records", 5_000);
        values.put("main.consumer.group.instance.id", settings.instance);
        values.put("main.consumer.max.partition.fetch.bytes", Topic.MAX_RECORD_BYTES);
        values.put("main.consumer.session.timeout.ms", 6_000);
        values.put("main.consumer.heartbeat.interval.ms", 1_500);
        values.put("main.consumer.auto.offset.reset", "earliest");
        values.put("restore.consumer.fetch.max.wait.ms", 20);
        values.put("restore.consumer.max.poll.records", 10_000);
        values.put("restore.consumer.max.partition.fetch.bytes", 2 * Topic.MAX_RECORD_BYTES);
        Properties properties = new Properties();
        properties.putAll(values);
        return properties;
    }

    /** Whether every lane of this process is being worked on. */
    public boolean ready() {
        return streams.state() == KafkaStreams.State.RUNNING && status.waiting().isEmpty();
    }

    /** One line on where it is. */
    public String detail() {
        return status.waiting().isEmpty() ? streams.state().toString() : String.join("; ", status.waiting());
    }

    /** Rows and groups in memory by {@link io.millrace.views.plan.Node#id}, of the lanes in this process. */
    public Map<String, Long> stateSizes() {
        return status.sizes();
    }

    @Override
    public void close() {
        // Static membership: the lanes wait for this process's return, up to the session timeout.
        streams.close(CLOSE_LIMIT);
        end.complete(null);
    }
}
