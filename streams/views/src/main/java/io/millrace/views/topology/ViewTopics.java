package io.millrace.views.topology;

import io.millrace.schemas.CommittedTopic;
import io.millrace.schemas.Lane;
import io.millrace.views.lane.PublishedRecords;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;

/** What the topics hold. */
record ViewTopics(String bootstrapServers) implements PublishedRecords {
    @Override
    public Map<Bytes, byte[]> newest(String topic, Lane lane) {
        Map<Bytes, byte[]> newest = new HashMap<>();
        CommittedTopic.existing(bootstrapServers, topic).of(lane).read(record -> {
            Bytes key = Bytes.wrap(record.key());
            if (record.value() == null) {
                newest.remove(key);
            } else {
                newest.put(key, record.value());
            }
        });
        return newest;
    }
}
