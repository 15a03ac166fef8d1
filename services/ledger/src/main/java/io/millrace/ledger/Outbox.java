package io.millrace.ledger;

import io.millrace.platform.kafka.HubProducer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.kafka.OwnTopics;
import io.millrace.platform.loop.Loop;
import io.millrace.schemas.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what changed in a service's table, in a thread of its own. What was published and not noted as such, since the process
 * was killed in between, is published again: readers have the newest state of a key in any case.
 *
 * @param <V> a row's state
 */
public final class Outbox<V> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final int BATCH = 500;

    private final Settings settings;
    private final Topic<String, V> topic;
    private final Function<V, String> key;
    private final Table<V> table;
    private final HubProducer<String, V> producer;
    private final Loop loop;
    private boolean created;

    /** The rows that are not published in the state that they have. */
    public interface Table<V> {
        List<V> unpublished(int limit);

        void published(List<V> rows);
    }

    /**
     * @param what is published, for messages, e.g. "deliveries of mail"
     * @param lanes partitions of the topic
     * @param lookAgain after so long, when there was nothing
     */
    public record Settings(
            String what, KafkaServers kafkaServers, short replicationFactor, int lanes, Duration lookAgain) {}

    /** @param key of a row's record */
    public Outbox(Settings settings, Topic<String, V> topic, Function<V, String> key, Table<V> table) {
        this.settings = settings;
        this.topic = topic;
        this.key = key;
        this.table = table;
        this.producer = new HubProducer<>(
                settings.kafkaServers,
                Map.of("max.block.ms", 10_000),
                new StringSerializer(),
                topic.values().serializer());
        this.loop = new Loop("outbox of " + settings.what, this::next);
    }

    public void start() {
        loop.start();
    }

    private Duration next() throws InterruptedException {
        try {
            return publish() ? Duration.ZERO : settings.lookAgain;
        } catch (ExecutionException | RuntimeException failed) {
            // Kafka or the database is away, as a rule; whatever it is, it is tried again, and told each time.
            LOG.warn("{} cannot be published now: {}", settings.what, failed.toString());
            return settings.lookAgain;
        }
    }

    private boolean publish() throws InterruptedException, ExecutionException {
        if (!created) {
            OwnTopics.create(
                    settings.kafkaServers, List.of(topic.toNewTopic(settings.lanes, settings.replicationFactor)));
            created = true;
        }
        List<V> changed = table.unpublished(BATCH);
        List<Future<?>> sent = new ArrayList<>();
        for (V row : changed) {
            sent.add(producer.send(new ProducerRecord<>(topic.name(), key.apply(row), row)));
        }
        for (Future<?> future : sent) {
            future.get();
        }
        table.published(changed);
        return changed.size() == BATCH;
    }

    @Override
    public void close() {
        loop.close();
        producer.close();
    }
}
