package io.millrace.views.topology;

import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.ViewName;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.views.plan.ViewPlan;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/** The feed, one processor, one sink; pure. */
public final class ViewsTopology {
    static final String ROWS = "rows";
    static final String PARTS = "parts";
    static final String PUBLISHED = "published-views";
    static final String APPLIED = "applied";
    private static final String SOURCE = "feed";
    private static final String PROCESSOR = "views";
    private static final String SINK = "out";
    private static final Map<String, String> CHANGELOG = Map.of(
            TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(64 * 1024 * 1024),
            TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.2",
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(io.millrace.schemas.Topic.MAX_RECORD_BYTES));

    private ViewsTopology() {}

    /**
     * @param views all views of the source, planned, controls too
     * @param controls names of those of the views that are controls
     * @param bootstrapServers of the cluster with the views' topics
     */
    public record Config(
            SourceName source,
            List<ViewPlan> views,
            Set<ViewName> controls,
            SchemaRegistry registry,
            String bootstrapServers) {
        List<ViewPlan> controlPlans() {
            return views.stream().filter(view -> controls.contains(view.name())).toList();
        }

        ViewTopics topics() {
            return new ViewTopics(bootstrapServers);
        }
    }

    /** @param status where the lanes tell of themselves */
    public static Topology build(Config config, LaneStatus status) {
        Topology topology = new Topology();
        topology.addSource(
                SOURCE,
                Serdes.ByteArray().deserializer(),
                Serdes.ByteArray().deserializer(),
                new Topics(config.registry()).transactions(config.source()).name());
        topology.addProcessor(PROCESSOR, () -> new LaneProcessor(config, status), SOURCE);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(ROWS), Serdes.Bytes(), Serdes.ByteArray())
                        .withCachingDisabled()
                        .withLoggingEnabled(CHANGELOG),
                PROCESSOR);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(PARTS), Serdes.Bytes(), Serdes.ByteArray())
                        .withCachingDisabled()
                        .withLoggingEnabled(CHANGELOG),
                PROCESSOR);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(PUBLISHED), Serdes.String(), Serdes.String())
                        .withCachingDisabled()
                        .withLoggingEnabled(CHANGELOG),
                PROCESSOR);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(APPLIED), Serdes.String(), Serdes.Long())
                        .withCachingDisabled()
                        .withLoggingEnabled(CHANGELOG),
                PROCESSOR);
        topology.addSink(
                SINK,
                (key, outgoing, context) -> outgoing.topic(),
                Serdes.ByteArray().serializer(),
                Outgoing.serializer(),
                Outgoing.partitioner(),
                PROCESSOR);
        return topology;
    }
}
