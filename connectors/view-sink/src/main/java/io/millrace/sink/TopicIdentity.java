package io.millrace.sink;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.kafka.TopicIds;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/** Waits for a topic, and tells whether it is the one from which the tables were made. */
final class TopicIdentity {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    private TopicIdentity() {}

    /**
     * The id, once the topic is there; empty if that is not waited for any more.
     *
     * @param waiting hears that it is not there
     */
    static Optional<String> await(
            KafkaServers kafkaServers, String topic, BooleanSupplier stopping, Consumer<String> waiting) {
        try (Admin admin = kafkaServers.admin(Map.of())) {
            while (!stopping.getAsBoolean()) {
                String id = TopicIds.of(admin, List.of(topic)).get(topic);
                if (id != null) {
                    return Optional.of(id);
                }
                // Nothing is missing here: there are hubs without alerts.
                waiting.accept("topic " + topic + " is not there: no hub with role governance has made it");
                LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            }
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(failed);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
        return Optional.empty();
    }

    static MillraceException another(String topic, String applied, String there) {
        return new MillraceException(
                // Not one of a server, which would be tried again.
                Category.USER,
                "topic " + topic + " is another than the one from which the tables were made (" + there + ", not "
                        + applied + "): Kafka lost its data, or the topic was deleted",
                "end all hubs, run 'millrace recover', and start them again: alerts, decisions and the audit trail are written back from the tables");
    }
}
