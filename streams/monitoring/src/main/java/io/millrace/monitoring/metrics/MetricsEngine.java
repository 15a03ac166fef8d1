package io.millrace.monitoring.metrics;

import io.millrace.platform.kafka.OwnTopics;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.streams.StreamsProcess;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/** Counts what flows, in this process. */
public final class MetricsEngine implements AutoCloseable {
    /** Nobody waits for a metric: rare commits, with what a window has in between in the store's cache. */
    private static final Duration COMMIT = Duration.ofSeconds(1);

    private static final long CACHE_BYTES = 4 << 20;
    private static final String IN = "in";
    private static final String PROCESSOR = "metrics";

    private final StreamsProcess streams;

    private MetricsEngine(StreamsProcess streams) {
        this.streams = streams;
    }

    /**
     * Creates the topics that are missing and starts.
     *
     * @param end completed exceptionally when it cannot go on
     */
    public static MetricsEngine start(
            SourceName source, SchemaRegistry registry, StreamsProcess.Settings settings, CompletableFuture<Void> end)
            throws InterruptedException {
        Topics topics = new Topics(registry);
        short replicas = settings.replicationFactor();
        OwnTopics.create(
                settings.kafkaServers(),
                List.of(
                        topics.metrics().toNewTopic(settings.lanes(), replicas),
                        // Those of others, since any of them may start first.
                        topics.transactions(source).toNewTopic(settings.lanes(), replicas),
                        topics.viewUpdates().toNewTopic(settings.lanes(), replicas),
                        topics.deadLetters().toNewTopic(settings.lanes(), replicas),
                        topics.alerts().toNewTopic(settings.lanes(), replicas),
                        topics.deliveries().toNewTopic(settings.lanes(), replicas)));
        StreamsProcess streams = new StreamsProcess(
                "metrics",
                "millrace-metrics-" + source,
                topology(source, registry),
                settings,
                new StreamsProcess.Pace(COMMIT, CACHE_BYTES),
                StreamsProcess.Losses.HARMLESS,
                end);
        streams.start();
        return new MetricsEngine(streams);
    }

    static Topology topology(SourceName source, SchemaRegistry registry) {
        Topics topics = new Topics(registry);
        Topology topology = new Topology();
        topology.addSource(
                IN,
                Serdes.ByteArray().deserializer(),
                Serdes.ByteArray().deserializer(),
                topics.transactions(source).name(),
                topics.viewUpdates().name(),
                topics.deadLetters().name(),
                topics.alerts().name(),
                topics.deliveries().name());
        topology.addProcessor(PROCESSOR, () -> new MetricsProcessor(new Figures(source, registry), registry), IN);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(MetricsProcessor.STORE),
                                Serdes.String(),
                                Serdes.ByteArray())
                        .withCachingEnabled(),
                PROCESSOR);
        topology.addSink(
                "out",
                topics.metrics().name(),
                Serdes.ByteArray().serializer(),
                (Serializer<MetricsProcessor.InLane>) (topic, out) -> out.metric(),
                (topic, key, out, partitions) -> Optional.of(Set.of(out.lane())),
                PROCESSOR);
        return topology;
    }

    public String detail() {
        return streams.state();
    }

    @Override
    public void close() {
        streams.close();
    }
}
