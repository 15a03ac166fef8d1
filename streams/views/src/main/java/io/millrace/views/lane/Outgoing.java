package io.millrace.views.lane;

import io.millrace.schemas.Lane;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.jspecify.annotations.Nullable;

/** A record on its way to one of several topics, in the partition of its lane. */
public record Outgoing(String topic, Lane lane, byte @Nullable [] value) {
    public static Serializer<Outgoing> serializer() {
        return (topic, outgoing) -> outgoing.value;
    }

    public static StreamPartitioner<byte[], Outgoing> partitioner() {
        return (topic, key, outgoing, partitions) -> Optional.of(Set.of(outgoing.lane.index()));
    }
}
