package io.millrace.hub.deadletters;

import io.millrace.hub.config.HubConfig;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.HubProducer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterAction;
import io.millrace.schemas.avro.DeadLetterActionKind;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** The dead letters as they are, and the way to decide about them. */
final class Letters implements AutoCloseable {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(15);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(300);

    private final KafkaServers kafkaServers;
    private final Topic<String, DeadLetterAction> actions;
    private final CommittedTopic letters;
    private final String name;
    private final Topic<String, DeadLetter> topic;
    private final HubProducer<String, DeadLetterAction> producer;

    Letters(HubConfig config, int lanes) {
        Topics topics =
                new Topics(HttpSchemaRegistry.impatient(config.registry().url()));
        this.topic = topics.deadLetters();
        this.kafkaServers = config.kafka().servers();
        this.actions = topics.deadLetterActions();
        this.name = topic.name();
        this.letters = CommittedTopic.of(kafkaServers, name, lanes);
        this.producer = new HubProducer<>(
                kafkaServers,
                HubProducer.IMPATIENT,
                new StringSerializer(),
                actions.values().serializer());
    }

    /** The newest first. */
    List<DeadLetter> all() {
        Map<String, DeadLetter> byId = new LinkedHashMap<>();
        try {
            letters.read(record -> {
                DeadLetter letter = topic.readable(record.value());
                if (letter != null) {
                    byId.merge(
                            letter.getId(), letter, (one, other) -> one.getAt().isAfter(other.getAt()) ? one : other);
                }
            });
        } catch (KafkaException away) {
            throw outOfReach(name, away);
        }
        return byId.values().stream()
                .sorted(Comparator.comparing(DeadLetter::getAt).reversed())
                .toList();
    }

    /** @param begin of the id */
    DeadLetter find(String begin) {
        List<DeadLetter> found = all().stream()
                .filter(letter -> letter.getId().startsWith(begin))
                .toList();
        if (found.size() != 1) {
            throw new MillraceException(
                    Category.USER,
                    found.isEmpty()
                            ? "there is no dead letter " + begin
                            : "more than one dead letter begins with " + begin,
                    "see their ids with 'millrace deadletters list'");
        }
        return found.getFirst();
    }

    /** Tells the letter's stage what is to be done. */
    void decide(DeadLetter letter, DeadLetterActionKind kind, String by, @Nullable String why) {
        DeadLetterAction action = new DeadLetterAction(
                letter.getId(),
                kind,
                by,
                why,
                Instant.now(),
                letter.getOrigin(),
                letter.getSource(),
                letter.getLane(),
                letter.getCommitLsn(),
                letter.getSubject(),
                letter.getReason(),
                letter.getRemedy(),
                letter.getPayload());
        try {
            producer.send(actions.record(new Lane(letter.getLane()), letter.getId(), action))
                    .get();
        } catch (ExecutionException failed) {
            throw outOfReach(actions.name(), failed);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** The letters after their stage answered, or as they are when it does not in time. */
    List<DeadLetter> awaitAnswers(List<DeadLetter> asked) {
        Map<String, Instant> before = new LinkedHashMap<>();
        asked.forEach(letter -> before.put(letter.getId(), letter.getAt()));
        long deadline = System.nanoTime() + ANSWER_LIMIT.toNanos();
        List<DeadLetter> now = ofThese(before);
        while (now.stream().anyMatch(letter -> letter.getAt().equals(before.get(letter.getId())))
                && System.nanoTime() < deadline) {
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            now = ofThese(before);
        }
        return now;
    }

    private List<DeadLetter> ofThese(Map<String, Instant> ids) {
        return all().stream().filter(letter -> ids.containsKey(letter.getId())).toList();
    }

    private MillraceException outOfReach(String topic, Exception failed) {
        return new MillraceException(
                Category.EXTERNAL,
                "cannot reach topic " + topic + " at " + kafkaServers + ": "
                        + Objects.requireNonNullElse(failed.getMessage(), failed.toString()),
                "is Kafka running, and does a hub run on it?",
                failed);
    }

    @Override
    public void close() {
        producer.close();
    }
}
