package io.millrace.views.topology;

import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Topics;
import io.millrace.streams.Outgoing;
import io.millrace.views.lane.LaneStatus;
import io.millrace.views.lane.LaneViews;
import io.millrace.views.lane.PublishedRecords;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/** The feed, one processor, one sink; pure. */
final class ViewsTopology {
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
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(KafkaServers.MAX_RECORD_BYTES));

    private ViewsTopology() {}

    /**
     * @param records of the lanes, as they are in the topics
     * @param status where the lanes tell of themselves
     */
    static Topology build(LaneViews views, PublishedRecords records, LaneStatus status) {
        Topology topology = new Topology();
        topology.addSource(
                SOURCE,
                Serdes.ByteArray().deserializer(),
                Serdes.ByteArray().deserializer(),
                new Topics(views.registry()).transactions(views.source()).name());
        topology.addProcessor(PROCESSOR, () -> new LaneProcessor(views, records, status), SOURCE);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(ROWS), Serdes.Bytes(), Serdes.ByteArray())
                        .withCachingDisabled()
                        .withLoggingEnabled(CHANGELOG),
                PROCESSOR);
        topology.addStateStore(
                // On disk: a snapshot of all rows is one epoch.
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(PARTS), Serdes.Bytes(), Serdes.ByteArray())
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
        Outgoing.addSink(topology, SINK, PROCESSOR);
        return topology;
    }
}
