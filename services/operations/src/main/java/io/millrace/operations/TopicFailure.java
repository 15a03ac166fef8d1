package io.millrace.operations;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.KafkaServers;
import java.util.Objects;

/** What is said when Kafka does not answer somebody who waits. */
public final class TopicFailure {
    private TopicFailure() {}

    public static MillraceException reading(String topic, KafkaServers kafkaServers, Exception failure) {
        return failure("read", topic, kafkaServers, failure);
    }

    public static MillraceException writing(String topic, KafkaServers kafkaServers, Exception failure) {
        return failure("write to", topic, kafkaServers, failure);
    }

    private static MillraceException failure(String doing, String topic, KafkaServers kafkaServers, Exception failure) {
        Throwable reason = Objects.requireNonNullElse(failure.getCause(), failure);
        return new MillraceException(
                Category.EXTERNAL,
                "cannot " + doing + " topic " + topic + " at " + kafkaServers + ": "
                        + Objects.requireNonNullElse(reason.getMessage(), reason.toString()),
                "is Kafka running, and does a hub run on it?",
                failure);
    }
}
