package io.millrace.views.lane;

import io.millrace.schemas.Lane;
import java.util.Collection;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;

/** What the lane has written to topics: a changed or removed view takes back what an older one published. */
public interface PublishedRecords {
    /** The keys in the lane's partition; none if there is no such topic. */
    Set<Bytes> keys(String topic, Lane lane);

    /** The newest value of each of them. */
    Collection<byte[]> values(String topic, Lane lane);
}
