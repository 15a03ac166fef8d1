package io.millrace.enrichment.work;

import io.millrace.enrichment.Enricher;
import io.millrace.enrichment.ledger.Questions;
import io.millrace.enrichment.llm.Llm;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Enrichment;
import io.millrace.schemas.metrics.HubMetric;
import io.millrace.schemas.outbox.Outbox;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.MessageListener;
import org.springframework.util.backoff.FixedBackOff;

/** Asks an LLM about alerts and rows of views, in this process: a listener that writes questions down, and a worker that asks them. */
public final class Enrichments implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Enrichments.class);
    private static final long RETRY_MS = 1_000;

    private final Questions questions;
    private final Worker worker;
    private final Outbox<Enrichment> results;
    private final ConcurrentMessageListenerContainer<byte[], byte[]> listener;

    /**
     * @param lanes partitions of the alerts' topic
     * @param instance a name that is this process's in every run
     */
    public record Settings(String bootstrapServers, short replicationFactor, int lanes, String instance) {}

    private Enrichments(
            Questions questions,
            Worker worker,
            Outbox<Enrichment> results,
            ConcurrentMessageListenerContainer<byte[], byte[]> listener) {
        this.questions = questions;
        this.worker = worker;
        this.results = results;
        this.listener = listener;
    }

    /** @param questions is closed with it */
    public static Enrichments start(
            Settings settings, List<Recipe> recipes, Llm llm, Questions questions, SchemaRegistry registry) {
        try {
            questions.prepare();
            Topics topics = new Topics(registry);
            Worker worker = new Worker(
                    questions,
                    new Enricher(llm),
                    recipes.stream().collect(Collectors.toMap(Recipe::name, Function.identity())));
            Outbox<Enrichment> results = new Outbox<>(
                    new Outbox.Settings(
                            "answers",
                            settings.bootstrapServers,
                            settings.replicationFactor,
                            settings.lanes,
                            Duration.ofMillis(500)),
                    topics.enrichments(),
                    result -> result.getRecipe() + " " + result.getSubject(),
                    questions);
            ConcurrentMessageListenerContainer<byte[], byte[]> listener =
                    listener(settings, new Inputs(recipes, questions, topics.alerts(), registry));
            worker.start();
            results.start();
            listener.start();
            return new Enrichments(questions, worker, results, listener);
        } catch (RuntimeException failed) {
            questions.close();
            throw failed;
        }
    }

    private static ConcurrentMessageListenerContainer<byte[], byte[]> listener(Settings settings, Inputs inputs) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", settings.bootstrapServers);
        config.put("group.id", "millrace-enrichment");
        // The same member after a restart: it has its partitions back at once, also when it was killed.
        config.put("group.instance.id", settings.instance);
        config.put("session.timeout.ms", 6_000);
        config.put("heartbeat.interval.ms", 1_500);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", false);
        config.put("auto.offset.reset", "earliest");
        config.put("allow.auto.create.topics", false);
        config.put("metadata.max.age.ms", 5_000);
        config.put("enable.metrics.push", false);
        ContainerProperties properties = new ContainerProperties(inputs.topics().toArray(String[]::new));
        properties.setAckMode(ContainerProperties.AckMode.BATCH);
        properties.setMissingTopicsFatal(false);
        properties.setMessageListener((MessageListener<byte[], byte[]>) inputs::take);
        properties.setConsumerRebalanceListener(inputs);
        ConcurrentMessageListenerContainer<byte[], byte[]> container = new ConcurrentMessageListenerContainer<>(
                new DefaultKafkaConsumerFactory<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                properties);
        container.setBeanName("enrichment-alerts");
        container.setConcurrency(1);
        // The ledger's absence passes; everything else is the record's fault, which its mail's stage dead-letters.
        DefaultErrorHandler errors = new DefaultErrorHandler(
                (record, failure) -> passOver(record, failure),
                new FixedBackOff(RETRY_MS, FixedBackOff.UNLIMITED_ATTEMPTS));
        errors.setBackOffFunction((record, failure) -> isLedgerAway(failure) ? null : new FixedBackOff(0, 0));
        errors.setCommitRecovered(true);
        container.setCommonErrorHandler(errors);
        return container;
    }

    private static void passOver(ConsumerRecord<?, ?> record, Exception failure) {
        HubMetric.ENRICHMENT_UNREADABLE.counter().increment();
        LOG.error(
                "enrichment: topic {}, partition {}, offset {} cannot be read, nothing is asked about it: {}",
                record.topic(),
                record.partition(),
                record.offset(),
                failure.getMessage());
    }

    private static boolean isLedgerAway(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof JdbiException) {
                return true;
            }
        }
        return false;
    }

    /** Whether alerts are being listened to. */
    public boolean ready() {
        return listener.isRunning();
    }

    /** One line on where it is. */
    public String detail() {
        return worker.detail();
    }

    @Override
    public void close() {
        listener.stop();
        worker.close();
        results.close();
        questions.close();
    }
}
