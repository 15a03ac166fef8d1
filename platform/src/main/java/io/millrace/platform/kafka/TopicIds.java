package io.millrace.platform.kafka;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Which topic it is that has a name: Kafka gives each an id of its own, and another topic of the same name another one. */
public final class TopicIds {
    private TopicIds() {}

    /** The ids by name, of those that are there. */
    public static Map<String, String> of(Admin admin, Collection<String> names)
            throws ExecutionException, InterruptedException {
        Map<String, String> ids = new HashMap<>();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> topic :
                admin.describeTopics(names).topicNameValues().entrySet()) {
            try {
                ids.put(topic.getKey(), topic.getValue().get().topicId().toString());
            } catch (ExecutionException failed) {
                if (!(failed.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw failed;
                }
            }
        }
        return ids;
    }
}
