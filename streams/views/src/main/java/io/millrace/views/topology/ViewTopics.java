package io.millrace.views.topology;

import io.millrace.schemas.CommittedTopic;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Topics;
import io.millrace.schemas.ViewName;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;

/** What the topics of views hold: a changed or removed view has to take back what an older one published. */
record ViewTopics(String bootstrapServers) {
    /** Keys of the rows that a lane of a view has in its topic; none if there is no such topic. */
    Set<Bytes> keys(ViewName view, Lane lane) {
        return newest(Topics.viewName(view), lane).keySet();
    }

    /** The newest value of each key in a partition. */
    Map<Bytes, byte[]> newest(String topic, Lane lane) {
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
