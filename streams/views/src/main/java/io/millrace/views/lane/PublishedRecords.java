package io.millrace.views.lane;

import io.millrace.schemas.Lane;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;

/** What the lane has written to topics: a changed or removed view takes back what an older one published. */
@FunctionalInterface
public interface PublishedRecords {
    /** The newest value of each key in the lane's partition; none if there is no such topic. */
    Map<Bytes, byte[]> newest(String topic, Lane lane);
}
