package io.millrace.enrichment.work;

import io.millrace.enrichment.ledger.Questions;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.ledger.LedgerListener;
import io.millrace.platform.trace.Trace;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.ViewName;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.registry.SchemaRegistry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;

/** What recipes are about: alerts as they open, and the rows of views, those too that were there before the recipe. */
final class Inputs implements LedgerListener.Intake, ConsumerAwareRebalanceListener {
    private static final String ALERTS = "alerts";

    private final Topic<String, Alert> alerts;
    private final Deserializer<Alert> alertReader;
    private final AlertQuestions ofAlerts;
    private final Questions questions;
    private final Map<String, List<Recipe>> recipesOfViews;
    private final Map<String, RowQuestions> ofViews = new HashMap<>();

    Inputs(List<Recipe> recipes, Questions questions, Topic<String, Alert> alerts, SchemaRegistry registry) {
        List<Recipe> aboutAlerts =
                recipes.stream().filter(recipe -> recipe.input().equals(ALERTS)).toList();
        this.alerts = alerts;
        this.alertReader = alerts.values().deserializer();
        this.ofAlerts = new AlertQuestions(aboutAlerts, questions);
        this.questions = questions;
        this.recipesOfViews = recipes.stream()
                .filter(recipe -> !recipe.input().equals(ALERTS))
                .collect(Collectors.groupingBy(recipe -> Topics.viewName(new ViewName(recipe.input()))));
        aboutAlerts.forEach(questions.answers()::showAlerts);
        recipesOfViews.forEach((topic, about) ->
                ofViews.put(topic, new RowQuestions(about, questions, questions.answers(), registry)));
    }

    List<String> topics() {
        List<String> topics = new ArrayList<>(recipesOfViews.keySet());
        topics.add(alerts.name());
        return topics;
    }

    @Override
    public void take(ConsumerRecord<byte[], byte[]> record) {
        Span span = Trace.next("enrichment.write", record.headers());
        try (Scope scope = span.makeCurrent()) {
            RowQuestions rows = ofViews.get(record.topic());
            if (rows != null) {
                rows.take(record.key(), record.value());
                return;
            }
            Alert alert = alertReader.deserialize(record.topic(), record.value());
            if (alert != null) {
                ofAlerts.take(alert);
            }
        } finally {
            span.end();
        }
    }

    /** A view that a recipe was not asked about yet is read from its beginning, once; what was asked already stays as it is. */
    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            List<Recipe> fresh = recipesOfViews.getOrDefault(partition.topic(), List.of()).stream()
                    .filter(recipe -> !questions.begun(recipe, partition))
                    .toList();
            if (!fresh.isEmpty()) {
                consumer.seekToBeginning(List.of(partition));
                // From here on a restart goes on where this stops.
                consumer.commitSync(Map.of(partition, new OffsetAndMetadata(consumer.position(partition))));
                fresh.forEach(recipe -> questions.begin(recipe, partition));
            }
        }
    }
}
