package io.millrace.monitoring.metrics;

import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.MailDelivery;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewChanges;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What there is to count in a record. */
final class Figures {
    private static final Logger LOG = LoggerFactory.getLogger(Figures.class);

    private final Map<String, Reader> readers;

    /** A record's figures. */
    private interface Reader {
        List<Figure> read(byte[] value, Instant at);
    }

    /** Figures of one topic's values. */
    private interface Counting<V> {
        List<Figure> of(V value, Instant at);
    }

    Figures(SourceName source, SchemaRegistry registry) {
        Topics topics = new Topics(registry);
        this.readers = Map.of(
                topics.transactions(source).name(), reader(topics.transactions(source), Figures::feed),
                topics.viewUpdates().name(), reader(topics.viewUpdates(), Figures::views),
                topics.deadLetters().name(), reader(topics.deadLetters(), Figures::deadLetter),
                topics.alerts().name(), reader(topics.alerts(), Figures::alert),
                topics.deliveries().name(), reader(topics.deliveries(), Figures::mail));
    }

    private static <V> Reader reader(Topic<?, V> topic, Counting<V> counting) {
        Deserializer<V> values = topic.values().deserializer();
        return (bytes, at) -> counting.of(Objects.requireNonNull(values.deserialize(topic.name(), bytes)), at);
    }

    /** @param at when the record was written */
    List<Figure> of(String topic, byte @Nullable [] value, Instant at) {
        Reader reader = readers.get(topic);
        try {
            return reader == null || value == null ? List.of() : reader.read(value, at);
        } catch (SerializationException foreign) {
            // Whoever has to read it says so.
            LOG.debug("topic {}: a record is not counted", topic, foreign);
            return List.of();
        }
    }

    private static List<Figure> feed(Epoch epoch, Instant at) {
        long transactions = epoch.getTransactions().stream()
                .filter(SourceTransaction::getLastFragment)
                .count();
        long changes = epoch.getTransactions().stream()
                .mapToLong(transaction -> transaction.getChanges().size())
                .sum();
        List<Figure> figures = new ArrayList<>();
        if (transactions > 0) {
            figures.add(new Figure("source.transactions", transactions));
        }
        if (changes > 0) {
            figures.add(new Figure("source.changes", changes));
            figures.add(new Figure("source.delay.ms", millis(epoch.getCommittedAt(), at)));
        }
        return figures;
    }

    private static List<Figure> views(ViewBatch batch, Instant at) {
        List<Figure> figures = new ArrayList<>();
        for (ViewChanges view : batch.getViews()) {
            int changes = view.getUpserts().size() + view.getDeletes().size();
            if (changes > 0) {
                figures.add(new Figure("views.changes", Map.of("view", view.getView()), changes));
            }
        }
        if (!figures.isEmpty()) {
            figures.add(new Figure("views.delay.ms", millis(batch.getCommittedAt(), at)));
        }
        return figures;
    }

    private static List<Figure> deadLetter(DeadLetter letter, Instant at) {
        return List.of(new Figure(
                "dead-letters",
                Map.of(
                        "origin",
                        letter.getOrigin(),
                        "state",
                        letter.getState().name().toLowerCase(Locale.ROOT)),
                1));
    }

    private static List<Figure> alert(Alert alert, Instant at) {
        return List.of(
                new Figure(
                        "alerts",
                        Map.of(
                                "control",
                                alert.getControl(),
                                "event",
                                alert.getLastEvent().name().toLowerCase(Locale.ROOT)),
                        1),
                new Figure("alerts.delay.ms", millis(alert.getAt(), at)));
    }

    private static List<Figure> mail(MailDelivery mail, Instant at) {
        return List.of(new Figure("mails", Map.of("route", mail.getRoute(), "state", mail.getState()), 1));
    }

    private static double millis(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toMillis());
    }
}
