package io.millrace.ledger;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.failure.Transient;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.HubProducer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.metrics.HubMetric;
import io.millrace.schemas.DeadRecord;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterAction;
import io.millrace.schemas.avro.DeadLetterState;
import io.millrace.schemas.registry.SchemaRegistry;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** The dead letters of a stage: what it could not take, and what people decided about that. */
final class StageLetters implements AutoCloseable {
    private static final Pattern PLACE = Pattern.compile("topic (\\S+), partition (\\d+), offset (\\d+)");

    private final String stage;
    private final String remedy;
    private final KafkaServers kafkaServers;
    private final Topic<String, DeadLetter> letters;
    private final Topic<String, DeadLetterAction> actions;
    private final Deserializer<DeadLetterAction> actionReader;
    private final HubProducer<String, DeadLetter> producer;

    StageLetters(String stage, String remedy, KafkaServers kafkaServers, SchemaRegistry registry) {
        Topics topics = new Topics(registry);
        this.stage = stage;
        this.remedy = remedy;
        this.kafkaServers = kafkaServers;
        this.letters = topics.deadLetters();
        this.actions = topics.deadLetterActions();
        this.actionReader = actions.values().deserializer();
        this.producer = new HubProducer<>(
                kafkaServers,
                Map.of("max.block.ms", 10_000),
                new StringSerializer(),
                letters.values().serializer());
    }

    String actionsTopic() {
        return actions.name();
    }

    /** Whether a failure is not the record's fault, but that of a server which will come back. */
    static boolean passes(Throwable failure) {
        return Transient.isOfAServer(failure) || hasDatabase(failure) && !Transient.isOfTheData(failure);
    }

    /** Where the ledger is not as it must be, somebody has to act; no record is at fault. */
    private static boolean hasDatabase(@Nullable Throwable failure) {
        return failure != null && (failure instanceof JdbiException || hasDatabase(failure.getCause()));
    }

    void bury(ConsumerRecord<?, ?> record, Exception failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        send(DeadRecord.letter(
                stage,
                record.topic(),
                record.partition(),
                record.offset(),
                record.value() instanceof byte[] bytes ? bytes : null,
                String.valueOf(cause.getMessage()),
                remedy));
        HubMetric.DEAD_LETTERS.counter(stage).increment();
    }

    /** @param record of the actions' topic; of another stage's letter it is skipped */
    void decided(ConsumerRecord<byte[], byte[]> record, LedgerListener.Intake intake) {
        DeadLetterAction action = Objects.requireNonNull(actionReader.deserialize(record.topic(), record.value()));
        if (!action.getOrigin().equals(stage)) {
            return;
        }
        switch (action.getAction()) {
            case DISCARD ->
                send(DeadRecord.decided(
                        action, DeadLetterState.DISCARDED, action.getReason(), "discarded by " + action.getBy()));
            case REDRIVE -> {
                try {
                    intake.take(original(action));
                    send(DeadRecord.decided(
                            action, DeadLetterState.HEALED, action.getReason(), "redriven by " + action.getBy()));
                } catch (RuntimeException failed) {
                    if (passes(failed)) {
                        throw failed;
                    }
                    send(DeadRecord.decided(
                            action, DeadLetterState.OPEN, String.valueOf(failed.getMessage()), action.getRemedy()));
                }
            }
        }
    }

    /** As it stands in its topic; where it is not kept any more, what the letter has of it. */
    private ConsumerRecord<byte[], byte[]> original(DeadLetterAction action) {
        Matcher place = PLACE.matcher(action.getSubject());
        if (!place.matches()) {
            return new ConsumerRecord<>("", action.getLane(), 0, new byte[0], payload(action));
        }
        TopicPartition partition = new TopicPartition(place.group(1), Integer.parseInt(place.group(2)));
        long offset = Long.parseLong(place.group(3));
        Optional<ConsumerRecord<byte[], byte[]>> kept;
        try {
            kept = CommittedTopic.of(kafkaServers, partition).at(offset);
        } catch (KafkaException away) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot read " + action.getSubject() + ": " + away.getMessage(),
                    "start Kafka",
                    away);
        }
        return kept.orElseGet(() ->
                new ConsumerRecord<>(partition.topic(), partition.partition(), offset, new byte[0], payload(action)));
    }

    private static byte[] payload(DeadLetterAction action) {
        ByteBuffer payload = Objects.requireNonNull(action.getPayload(), "the letter has no payload");
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        return bytes;
    }

    private void send(DeadLetter letter) {
        try {
            producer.send(letters.record(new Lane(letter.getLane()), letter.getId(), letter))
                    .get();
        } catch (ExecutionException failed) {
            throw new IllegalStateException("cannot write to " + letters.name(), failed);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopping", stopping);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
