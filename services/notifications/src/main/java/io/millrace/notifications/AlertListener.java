package io.millrace.notifications;

import io.millrace.schemas.Lane;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterAction;
import io.millrace.schemas.avro.DeadLetterState;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.trace.Trace;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jdbi.v3.core.JdbiException;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.MessageListener;
import org.springframework.util.backoff.FixedBackOff;

/** Listens to alerts. One that cannot be read or rendered is dead-lettered; while the ledger is away, it waits. */
final class AlertListener implements AutoCloseable {
    private static final long RETRY_MS = 1_000;
    /** Origin of this stage's dead letters. */
    private static final String STAGE = "mail";

    private final Topic<String, Alert> alerts;
    private final Topic<String, DeadLetter> deadLetters;
    private final Deserializer<Alert> values;
    private final Topic<String, DeadLetterAction> actions;
    private final Deserializer<DeadLetterAction> actionReader;
    private final Intake intake;
    private final KafkaProducer<String, DeadLetter> producer;
    private final ConcurrentMessageListenerContainer<byte[], byte[]> container;

    AlertListener(Notifications.Settings settings, SchemaRegistry registry, Intake intake) {
        Topics topics = new Topics(registry);
        this.alerts = topics.alerts();
        this.deadLetters = topics.deadLetters();
        this.actions = topics.deadLetterActions();
        this.actionReader = actions.values().deserializer();
        this.values = alerts.values().deserializer();
        this.intake = intake;
        this.producer = new KafkaProducer<>(
                Map.<String, Object>of(
                        "bootstrap.servers",
                        settings.bootstrapServers(),
                        "max.block.ms",
                        10_000,
                        "enable.metrics.push",
                        false),
                new StringSerializer(),
                deadLetters.values().serializer());
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", settings.bootstrapServers());
        config.put("group.id", "millrace-notifications");
        // The same member after a restart: it has its partitions back at once, also when it was killed.
        config.put("group.instance.id", settings.instance());
        config.put("session.timeout.ms", 6_000);
        config.put("heartbeat.interval.ms", 1_500);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", false);
        config.put("auto.offset.reset", "earliest");
        config.put("allow.auto.create.topics", false);
        config.put("metadata.max.age.ms", 5_000);
        config.put("enable.metrics.push", false);
        ContainerProperties properties = new ContainerProperties(alerts.name(), actions.name());
        properties.setAckMode(ContainerProperties.AckMode.BATCH);
        properties.setMessageListener((MessageListener<byte[], byte[]>) this::take);
        properties.setMissingTopicsFatal(false);
        this.container = new ConcurrentMessageListenerContainer<>(
                new DefaultKafkaConsumerFactory<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                properties);
        container.setBeanName("mail-alerts");
        container.setConcurrency(1);
        // The ledger's absence passes; everything else is the record's fault.
        DefaultErrorHandler errors = new DefaultErrorHandler(
                (record, failure) -> bury(record, failure),
                new FixedBackOff(RETRY_MS, FixedBackOff.UNLIMITED_ATTEMPTS));
        errors.setBackOffFunction((record, failure) -> isLedgerAway(failure) ? null : new FixedBackOff(0, 0));
        errors.setCommitRecovered(true);
        container.setCommonErrorHandler(errors);
    }

    private static boolean isLedgerAway(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof JdbiException) {
                return true;
            }
        }
        return false;
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.topic().equals(actions.name())) {
            decided(Objects.requireNonNull(actionReader.deserialize(record.topic(), record.value())));
            return;
        }
        Alert alert = values.deserialize(record.topic(), record.value());
        if (alert != null) {
            Span span = Trace.next("mail.write", record.headers());
            try (Scope scope = span.makeCurrent()) {
                intake.take(alert);
            } finally {
                span.end();
            }
        }
    }

    /** A person decided about a letter of this stage. */
    private void decided(DeadLetterAction action) {
        if (!action.getOrigin().equals(STAGE)) {
            return;
        }
        switch (action.getAction()) {
            case DISCARD ->
                send(letter(action, DeadLetterState.DISCARDED, action.getReason(), "discarded by " + action.getBy()));
            case REDRIVE -> {
                try {
                    ByteBuffer payload = Objects.requireNonNull(action.getPayload(), "it has no payload");
                    byte[] bytes = new byte[payload.remaining()];
                    payload.duplicate().get(bytes);
                    intake.take(Objects.requireNonNull(values.deserialize(alerts.name(), bytes), "it is empty"));
                    send(letter(action, DeadLetterState.HEALED, action.getReason(), "redriven by " + action.getBy()));
                } catch (RuntimeException failed) {
                    if (isLedgerAway(failed)) {
                        throw failed;
                    }
                    send(letter(action, DeadLetterState.OPEN, String.valueOf(failed.getMessage()), action.getRemedy()));
                }
            }
        }
    }

    private static DeadLetter letter(DeadLetterAction action, DeadLetterState state, String reason, String remedy) {
        return new DeadLetter(
                action.getLetter(),
                action.getOrigin(),
                action.getSource(),
                action.getLane(),
                action.getCommitLsn(),
                state,
                action.getSubject(),
                reason,
                remedy,
                action.getPayload(),
                Instant.now());
    }

    private void bury(ConsumerRecord<?, ?> record, Exception failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        String where = record.topic() + ", partition " + record.partition() + ", offset " + record.offset();
        DeadLetter letter = new DeadLetter(
                UUID.nameUUIDFromBytes(("mail " + where).getBytes(StandardCharsets.UTF_8))
                        .toString(),
                STAGE,
                "",
                record.partition(),
                0L,
                DeadLetterState.OPEN,
                "topic " + where,
                String.valueOf(cause.getMessage()),
                "mend the template, or the producer of the record; no mail is sent for it",
                record.value() instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : null,
                Instant.now());
        send(letter);
    }

    private void send(DeadLetter letter) {
        try {
            producer.send(deadLetters.record(new Lane(letter.getLane()), letter.getId(), letter))
                    .get();
        } catch (ExecutionException failed) {
            throw new IllegalStateException("cannot write to " + deadLetters.name(), failed);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopping", stopping);
        }
    }

    void start() {
        container.start();
    }

    boolean running() {
        return container.isRunning();
    }

    @Override
    public void close() {
        container.stop();
        producer.close();
    }
}
