package io.millrace.hub.alerts;

import io.millrace.hub.config.HubConfig;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.HubProducer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.AlertAction;
import io.millrace.schemas.avro.AlertActionKind;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Topic {@code governance.actions}. */
final class ActionTopic implements AutoCloseable {
    private final Topic<String, AlertAction> topic;
    private final KafkaServers kafkaServers;
    private final HubProducer<String, AlertAction> producer;

    private ActionTopic(HubConfig config) {
        this.topic = new Topics(HttpSchemaRegistry.impatient(config.registry().url())).alertActions();
        this.kafkaServers = config.kafka().servers();
        this.producer = new HubProducer<>(
                kafkaServers,
                HubProducer.IMPATIENT,
                new StringSerializer(),
                topic.values().serializer());
    }

    static ActionTopic open(HubConfig config) {
        return new ActionTopic(config);
    }

    void send(AlertTable.Row alert, AlertActionKind kind, String by, @Nullable String reason, @Nullable Instant until) {
        AlertAction action = new AlertAction(alert.id(), kind, by, reason, until, Instant.now());
        try {
            producer.send(topic.record(new Lane(alert.lane()), alert.id(), action))
                    .get();
        } catch (ExecutionException failed) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot write to topic " + topic.name() + " at " + kafkaServers + ": " + failed.getMessage(),
                    "is Kafka running, and does the hub run with role governance?",
                    failed);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
