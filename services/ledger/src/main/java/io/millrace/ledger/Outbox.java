package io.millrace.ledger;

import io.millrace.platform.kafka.HubProducer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.kafka.OwnTopics;
import io.millrace.platform.loop.Loop;
import io.millrace.schemas.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what changed in a service's table, in a thread of its own. What was published and not noted as such, since the process
 * was killed in between, is published again. One process publishes at a time, and what it reads of the table it publishes before
 * another one does, or not at all: its transactions are fenced. So who reads committed records never sees a row's older state after
 * a newer one.
 *
 * @param <V> a row's state
 */
public final class Outbox<V> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final int BATCH = 500;

    /** Before it is tried again to publish, or to take over from another process. */
    private static final Duration STANDBY = Duration.ofSeconds(1);

    private final Settings settings;
    private final Topic<String, V> topic;
    private final Function<V, String> key;
    private final Table<V> table;
    private final Loop loop;
    private boolean created;
    /** Null while another process publishes. */
    private @Nullable HubProducer<String, V> producer;

    /** The rows that are not published in the state that they have. */
    public interface Table<V> {
        /** Whether this process publishes them now. */
        boolean takeOutbox();

        List<V> unpublished(int limit);

        void published(List<V> rows);
    }

    /**
     * @param what is published, for messages, e.g. "deliveries of mail"
     * @param transactionalId of whoever publishes it, in all processes
     * @param lanes partitions of the topic
     * @param lookAgain after so long, when there was nothing
     */
    public record Settings(
            String what,
            String transactionalId,
            KafkaServers kafkaServers,
            short replicationFactor,
            int lanes,
            Duration lookAgain) {}

    /** @param key of a row's record */
    public Outbox(Settings settings, Topic<String, V> topic, Function<V, String> key, Table<V> table) {
        this.settings = settings;
        this.topic = topic;
        this.key = key;
        this.table = table;
        this.loop = new Loop("outbox of " + settings.what, this::next);
    }

    public void start() {
        loop.start();
    }

    private Duration next() throws InterruptedException {
        try {
            return publish();
        } catch (ProducerFencedException | InvalidProducerEpochException fenced) {
            LOG.info("another process publishes {} now", settings.what);
            drop();
            return STANDBY;
        } catch (KafkaException failed) {
            LOG.warn("{} cannot be published now: {}", settings.what, failed.toString());
            drop();
            return STANDBY;
        } catch (RuntimeException failed) {
            // The database is away, as a rule; whatever it is, it is tried again, and told each time.
            LOG.warn("{} cannot be published now: {}", settings.what, failed.toString());
            return STANDBY;
        }
    }

    /** Returns after how long to look again. */
    @SuppressWarnings("FutureReturnValueIgnored") // what fails is thrown by the commit
    private Duration publish() throws InterruptedException {
        if (!created) {
            OwnTopics.create(
                    settings.kafkaServers, List.of(topic.toNewTopic(settings.lanes, settings.replicationFactor)));
            created = true;
        }
        if (producer == null) {
            if (!table.takeOutbox()) {
                return STANDBY;
            }
            producer = new HubProducer<>(
                    settings.kafkaServers,
                    Map.of(
                            "transactional.id", settings.transactionalId,
                            "transaction.timeout.ms", 15_000,
                            "max.block.ms", 10_000),
                    new StringSerializer(),
                    topic.values().serializer());
            producer.initTransactions();
        }
        // Read after the transactions of all others are fenced.
        List<V> changed = table.unpublished(BATCH);
        if (changed.isEmpty()) {
            return settings.lookAgain;
        }
        producer.beginTransaction();
        for (V row : changed) {
            producer.send(new ProducerRecord<>(topic.name(), key.apply(row), row));
        }
        producer.commitTransaction();
        table.published(changed);
        return changed.size() == BATCH ? Duration.ZERO : settings.lookAgain;
    }

    private void drop() {
        if (producer != null) {
            producer.close();
            producer = null;
        }
    }

    @Override
    public void close() {
        loop.close();
        drop();
    }
}
