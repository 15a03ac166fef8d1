package io.millrace.enrichment.work;

import io.millrace.enrichment.ledger.Questions;
import io.millrace.schemas.Topic;
import io.millrace.schemas.avro.Enrichment;
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
final class ResultTopic implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ResultTopic.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
    private static final int BATCH = 500;

    private final Questions questions;
    private final Topic<String, Enrichment> topic;
    private final KafkaProducer<String, Enrichment> producer;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().name("enrichment-results").unstarted(this::run);

    ResultTopic(Questions questions, Topic<String, Enrichment> topic, String bootstrapServers) {
        this.questions = questions;
        this.topic = topic;
        this.producer = new KafkaProducer<>(
                Map.<String, Object>of(
                        "bootstrap.servers", bootstrapServers, "max.block.ms", 10_000, "enable.metrics.push", false),
                new StringSerializer(),
                topic.values().serializer());
    }

    void start() {
        thread.start();
    }

    private void run() {
        boolean stopped = false;
        while (!stopped) {
            boolean more = false;
            try {
                more = publish();
            } catch (JdbiException | ExecutionException | KafkaException away) {
                LOG.warn("enrichment: results cannot be published now: {}", away.getMessage());
            } catch (InterruptedException interrupted) {
                return;
            }
            stopped = !more && pause();
        }
    }

    private boolean publish() throws InterruptedException, ExecutionException {
        List<Enrichment> changed = questions.unpublished(BATCH);
        List<Future<?>> sent = new ArrayList<>();
        for (Enrichment result : changed) {
            sent.add(producer.send(
                    new ProducerRecord<>(topic.name(), result.getRecipe() + " " + result.getSubject(), result)));
        }
        for (Future<?> future : sent) {
            future.get();
        }
        questions.published(changed);
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
