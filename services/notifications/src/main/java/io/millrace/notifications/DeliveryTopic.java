package io.millrace.notifications;

import io.millrace.notifications.ledger.Ledger;
import io.millrace.schemas.OwnTopics;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.MailDelivery;
import io.millrace.schemas.failure.MillraceException;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes what changed in the ledger; what was published and not noted as such is published again. */
final class DeliveryTopic implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryTopic.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final int BATCH = 500;

    private final Ledger ledger;
    private final Notifications.Settings settings;
    private final Topic<String, MailDelivery> topic;
    private final KafkaProducer<String, MailDelivery> producer;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().name("mail-deliveries").unstarted(this::run);

    DeliveryTopic(Ledger ledger, Notifications.Settings settings, SchemaRegistry registry) {
        this.ledger = ledger;
        this.settings = settings;
        this.topic = new Topics(registry).deliveries();
        this.producer = new KafkaProducer<>(
                Map.<String, Object>of(
                        "bootstrap.servers",
                        settings.bootstrapServers(),
                        "max.block.ms",
                        10_000,
                        "enable.metrics.push",
                        false),
                new StringSerializer(),
                topic.values().serializer());
    }

    void start() {
        thread.start();
    }

    private void run() {
        boolean created = false;
        boolean stopped = false;
        while (!stopped) {
            boolean more = false;
            try {
                if (!created) {
                    OwnTopics.create(
                            settings.bootstrapServers(),
                            List.of(topic.toNewTopic(settings.lanes(), settings.replicationFactor())));
                    created = true;
                }
                more = publish();
            } catch (JdbiException | MillraceException | ExecutionException | KafkaException away) {
                LOG.warn("mail: deliveries cannot be published now: {}", away.getMessage());
            } catch (InterruptedException interrupted) {
                return;
            }
            stopped = !more && pause();
        }
    }

    private boolean publish() throws InterruptedException, ExecutionException {
        List<MailDelivery> changed = ledger.unpublished(BATCH);
        List<Future<?>> sent = new ArrayList<>();
        for (MailDelivery delivery : changed) {
            sent.add(producer.send(new ProducerRecord<>(topic.name(), delivery.getId(), delivery)));
        }
        for (Future<?> future : sent) {
            future.get();
        }
        ledger.published(changed);
        return changed.size() == BATCH;
    }

    private boolean pause() {
        try {
            return stopping.await(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }
}
