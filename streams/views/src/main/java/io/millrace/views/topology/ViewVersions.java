package io.millrace.views.topology;

import io.millrace.platform.kafka.CommittedConsumer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.loop.Loop;
import io.millrace.schemas.DefinedViews;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.ViewName;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.views.lane.LaneViews;
import io.millrace.views.plan.ViewPlan;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The version at which each view is to be published, as topic {@code views.definitions} has it, now and from then on. */
final class ViewVersions implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);

    private final SourceName source;
    private final Map<String, ViewPlan> plans;
    private final Topic<String, ViewDefinition> topic;
    private final CommittedConsumer consumer;
    private final Loop loop = new Loop("view-versions", this::watch);
    private volatile Map<ViewName, Long> now = Map.of();

    private ViewVersions(SourceName source, List<ViewPlan> plans, SchemaRegistry registry, CommittedConsumer consumer) {
        this.source = source;
        this.plans = plans.stream().collect(Collectors.toMap(plan -> plan.name().toString(), Function.identity()));
        this.topic = new Topics(registry).viewDefinitions();
        this.consumer = consumer;
    }

    /** Publishes what the views are, and takes back what those are that are gone; a view that is as it was keeps its version. */
    static ViewVersions define(
            SourceName source, List<ViewPlan> plans, SchemaRegistry registry, KafkaServers kafkaServers) {
        ViewVersions versions =
                new ViewVersions(source, plans, registry, new CommittedConsumer(kafkaServers, Map.of()));
        new DefinedViews(kafkaServers, registry)
                .change(versions::changes).values().stream().forEach(versions::take);
        TopicPartition partition = new TopicPartition(versions.topic.name(), 0);
        versions.consumer.assign(List.of(partition));
        versions.consumer.seekToBeginning(List.of(partition));
        versions.loop.start();
        return versions;
    }

    private Map<String, @Nullable ViewDefinition> changes(Map<String, ViewDefinition> before) {
        Map<String, @Nullable ViewDefinition> changes = new HashMap<>();
        plans.forEach((name, plan) -> {
            ViewDefinition old = before.get(name);
            if (old == null || !isOf(old, plan) || old.getVersion() == 0) {
                changes.put(name, LaneViews.definition(source, plan, DefinedViews.newVersion(old)));
            }
        });
        before.values().stream()
                .filter(old -> !plans.containsKey(old.getView()) && isOurs(old))
                .forEach(gone -> changes.put(gone.getView(), null));
        return changes;
    }

    private boolean isOurs(ViewDefinition definition) {
        return definition.getSource().equals(source.toString());
    }

    private boolean isOf(ViewDefinition definition, ViewPlan plan) {
        return isOurs(definition) && definition.getGeneration().equals(plan.generation());
    }

    private Duration watch() {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            ViewDefinition definition = topic.readable(record.value());
            if (definition != null) {
                take(definition);
            }
        }
        return Duration.ZERO;
    }

    /** Not of a hub whose catalog has another view under the name. */
    private void take(ViewDefinition definition) {
        ViewPlan plan = plans.get(definition.getView());
        if (plan != null && isOf(definition, plan)) {
            Map<ViewName, Long> next = new HashMap<>(now);
            next.put(plan.name(), definition.getVersion());
            now = Map.copyOf(next);
        }
    }

    Map<ViewName, Long> now() {
        return now;
    }

    @Override
    public void close() {
        loop.close();
        consumer.close();
    }
}
