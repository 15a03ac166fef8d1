package io.millrace.enrichment.work;

import io.millrace.enrichment.Enricher;
import io.millrace.enrichment.ledger.Questions;
import io.millrace.enrichment.llm.Llm;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.ledger.LedgerListener;
import io.millrace.ledger.Outbox;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Enrichment;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Asks an LLM about alerts and rows of views, in this process: a listener that writes questions down, and a worker that asks them. */
public final class Enrichments implements AutoCloseable {
    private final Questions questions;
    private final Worker worker;
    private final Outbox<Enrichment> results;
    private final LedgerListener listener;

    /**
     * @param lanes partitions of the alerts' topic
     * @param instance a name that is this process's in every run
     * @param concurrency questions that are asked at once
     */
    public record Settings(
            KafkaServers kafkaServers, short replicationFactor, int lanes, String instance, int concurrency) {}

    private Enrichments(Questions questions, Worker worker, Outbox<Enrichment> results, LedgerListener listener) {
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
                    recipes.stream().collect(Collectors.toMap(Recipe::name, Function.identity())),
                    settings.concurrency);
            Outbox<Enrichment> results = new Outbox<>(
                    new Outbox.Settings(
                            "answers",
                            "millrace-enrichment-outbox",
                            settings.kafkaServers,
                            settings.replicationFactor,
                            settings.lanes,
                            Duration.ofMillis(500)),
                    topics.enrichments(),
                    result -> result.getRecipe() + " " + result.getSubject(),
                    questions);
            Inputs inputs = new Inputs(recipes, questions, topics.alerts(), registry);
            LedgerListener listener = new LedgerListener(
                    new LedgerListener.Settings(
                            "enrichment",
                            "millrace-enrichment",
                            settings.kafkaServers,
                            settings.instance,
                            "fix the producer of the record; nothing is asked about it"),
                    inputs.topics(),
                    inputs,
                    questions.positions(),
                    Optional.of(inputs),
                    registry);
            worker.start();
            results.start();
            listener.start();
            return new Enrichments(questions, worker, results, listener);
        } catch (RuntimeException failed) {
            questions.close();
            throw failed;
        }
    }

    /** Whether alerts are being listened to. */
    public boolean ready() {
        return listener.running();
    }

    /** One line on where it is. */
    public String detail() {
        String trouble = listener.trouble();
        return (trouble.isEmpty() ? "" : trouble + "; ") + worker.detail();
    }

    @Override
    public void close() {
        listener.close();
        worker.close();
        results.close();
        questions.close();
    }
}
