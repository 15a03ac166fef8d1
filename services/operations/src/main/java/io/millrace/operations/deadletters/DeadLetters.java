package io.millrace.operations.deadletters;

import io.millrace.operations.Decisions;
import io.millrace.operations.TopicFailure;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.DeadRecord;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterAction;
import io.millrace.schemas.avro.DeadLetterActionKind;
import io.millrace.schemas.avro.DeadLetterState;
import io.millrace.schemas.registry.SchemaRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.KafkaException;

/** The dead letters as they are, and the way to decide about them. */
public final class DeadLetters implements AutoCloseable {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(15);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(300);
    private static final int SHOWN_BYTES = 512;

    private final KafkaServers kafkaServers;
    private final CommittedTopic records;
    private final Topic<String, DeadLetter> topic;
    private final Topic<String, Alert> alerts;
    private final Decisions<DeadLetterAction> actions;

    /** @param lanes of the source */
    public DeadLetters(KafkaServers kafkaServers, SchemaRegistry registry, int lanes) {
        Topics topics = new Topics(registry);
        this.kafkaServers = kafkaServers;
        this.topic = topics.deadLetters();
        this.alerts = topics.alerts();
        this.records = CommittedTopic.of(kafkaServers, topic.name(), lanes);
        this.actions = new Decisions<>(kafkaServers, topics.deadLetterActions());
    }

    /** The newest first. */
    public List<DeadLetter> all() {
        Map<String, DeadLetter> byId = new LinkedHashMap<>();
        try {
            records.read(record -> {
                DeadLetter letter = topic.readable(record.value());
                if (letter != null) {
                    byId.merge(
                            letter.getId(), letter, (one, other) -> one.getAt().isAfter(other.getAt()) ? one : other);
                }
            });
        } catch (KafkaException away) {
            throw TopicFailure.reading(topic.name(), kafkaServers, away);
        }
        return byId.values().stream()
                .sorted(Comparator.comparing(DeadLetter::getAt).reversed())
                .toList();
    }

    /** @param begin of the id */
    public DeadLetter find(String begin) {
        return find(all(), begin);
    }

    private static DeadLetter find(List<DeadLetter> all, String begin) {
        List<DeadLetter> found =
                all.stream().filter(letter -> letter.getId().startsWith(begin)).toList();
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

    /** What could not be processed: an alert as JSON, if it is one; else its first bytes. Empty if the letter has none. */
    public String content(DeadLetter letter) {
        ByteBuffer payload = letter.getPayload();
        if (payload == null) {
            return "";
        }
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        try {
            return String.valueOf(alerts.values().deserializer().deserialize(alerts.name(), bytes));
        } catch (RuntimeException noAlert) {
            int shown = Math.min(bytes.length, SHOWN_BYTES);
            return bytes.length + " bytes: " + HexFormat.of().formatHex(bytes, 0, shown)
                    + (shown < bytes.length ? "…" : "");
        }
    }

    public static boolean isOpen(DeadLetter letter) {
        return letter.getState() == DeadLetterState.OPEN;
    }

    /** Those that a person can decide about. */
    public List<DeadLetter> choose(LetterFilter filter) {
        return all().stream()
                .filter(letter -> filter.matches(letter) && undecidable(letter).isEmpty())
                .toList();
    }

    /**
     * The same, by their ids.
     *
     * @throws MillraceException if nobody can decide about one of them
     */
    public List<DeadLetter> choose(List<String> ids) {
        List<DeadLetter> all = all();
        List<DeadLetter> chosen = ids.stream().map(id -> find(all, id)).toList();
        for (DeadLetter letter : chosen) {
            String why = undecidable(letter);
            if (!why.isEmpty()) {
                throw new MillraceException(
                        Category.USER,
                        "dead letter " + letter.getId().substring(0, 8) + ": " + why,
                        letter.getRemedy());
            }
        }
        return chosen;
    }

    /** Why nobody can decide about a letter; empty if one can. */
    private static String undecidable(DeadLetter letter) {
        if (!isOpen(letter)) {
            return "it is " + letter.getState().name().toLowerCase(Locale.ROOT) + " already";
        }
        return letter.getOrigin().startsWith("view:") || letter.getOrigin().startsWith("table:")
                ? "rows are not redriven: it resolves by itself when the row or the view is fixed"
                : "";
    }

    /** Tells the letters' stages what is to be done; returns them after these answered, or as they are when that takes too long. */
    public List<DeadLetter> decide(List<DeadLetter> letters, LetterDecision decision) {
        if (decision.kind() == DeadLetterActionKind.REDRIVE) {
            letters.stream()
                    .filter(letter -> DeadRecord.isForeign(letter.getOrigin()))
                    .findFirst()
                    .ifPresent(foreign -> {
                        throw new MillraceException(
                                Category.USER,
                                foreign.getSubject() + " is no record of the hub's: no stage can try it again",
                                foreign.getRemedy());
                    });
        }
        long pause = Duration.ofSeconds(1).toNanos() / decision.perSecond();
        Map<String, Instant> before = new LinkedHashMap<>();
        for (DeadLetter letter : letters) {
            actions.tell(letter.getLane(), letter.getId(), action(letter, decision));
            before.put(letter.getId(), letter.getAt());
            LockSupport.parkNanos(pause);
        }
        long deadline = System.nanoTime() + ANSWER_LIMIT.toNanos();
        List<DeadLetter> now = ofThese(before);
        while (now.stream().anyMatch(letter -> letter.getAt().equals(before.get(letter.getId())))
                && System.nanoTime() < deadline) {
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            now = ofThese(before);
        }
        return now;
    }

    private static DeadLetterAction action(DeadLetter letter, LetterDecision decision) {
        return new DeadLetterAction(
                letter.getId(),
                decision.kind(),
                decision.by(),
                decision.why(),
                Instant.now(),
                letter.getOrigin(),
                letter.getSource(),
                letter.getLane(),
                letter.getCommitLsn(),
                letter.getSubject(),
                letter.getReason(),
                letter.getRemedy(),
                letter.getPayload());
    }

    private List<DeadLetter> ofThese(Map<String, Instant> ids) {
        return all().stream().filter(letter -> ids.containsKey(letter.getId())).toList();
    }

    @Override
    public void close() {
        actions.close();
    }
}
