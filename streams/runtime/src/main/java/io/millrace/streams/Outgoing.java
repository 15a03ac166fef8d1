package io.millrace.streams;

import io.millrace.schemas.Lane;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.jspecify.annotations.Nullable;

/** A record on its way to one of several topics, in the partition of its lane. */
public record Outgoing(String topic, Lane lane, byte @Nullable [] value) {
    /** Adds the sink of what processors give out. */
    public static void addSink(Topology topology, String name, String... processors) {
        topology.addSink(
                name,
                (key, outgoing, context) -> outgoing.topic(),
                Serdes.ByteArray().serializer(),
                (Serializer<Outgoing>) (topic, outgoing) -> outgoing.value,
                (StreamPartitioner<byte[], Outgoing>)
                        (topic, key, outgoing, partitions) -> Optional.of(Set.of(outgoing.lane.index())),
                processors);
    }
}
