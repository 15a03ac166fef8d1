package io.millrace.views.topology;

import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Lane;
import io.millrace.views.lane.PublishedRecords;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** What the topics hold. */
record ViewTopics(KafkaServers kafkaServers) implements PublishedRecords {
    @Override
    public Set<Bytes> keys(String topic, Lane lane) {
        Set<Bytes> keys = new HashSet<>();
        read(topic, lane, (key, value) -> {
            if (value == null) {
                keys.remove(key);
            } else {
                keys.add(key);
            }
        });
        return keys;
    }

    @Override
    public Collection<byte[]> values(String topic, Lane lane) {
        Map<Bytes, byte[]> newest = new HashMap<>();
        read(topic, lane, (key, value) -> {
            if (value == null) {
                newest.remove(key);
            } else {
                newest.put(key, value);
            }
        });
        return newest.values();
    }

    private void read(String topic, Lane lane, BiConsumer<Bytes, byte @Nullable []> each) {
        CommittedTopic.existing(kafkaServers, topic).only(lane.index()).read(record -> {
            // One without a key is none of the hub's.
            if (record.key() != null) {
                each.accept(Bytes.wrap(record.key()), record.value());
            }
        });
    }
}
