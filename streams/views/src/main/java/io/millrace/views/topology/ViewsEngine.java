package io.millrace.views.topology;

import io.millrace.platform.kafka.OwnTopics;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.ViewName;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.streams.StreamsProcess;
import io.millrace.views.lane.LaneStatus;
import io.millrace.views.lane.LaneViews;
import io.millrace.views.plan.ViewPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.NewTopic;

/** Kafka Streams with the views' topology, in this process. */
public final class ViewsEngine implements AutoCloseable {
    private final StreamsProcess streams;
    private final ViewVersions versions;
    private final LaneStatus status = new LaneStatus();

    private ViewsEngine(
            Views config, ViewVersions versions, StreamsProcess.Settings settings, CompletableFuture<Void> end) {
        this.versions = versions;
        LaneViews views = new LaneViews(config.source, config.plans, config.controls, config.registry, versions::now);
        this.streams = new StreamsProcess(
                "views",
                "millrace-views-" + config.source,
                ViewsTopology.build(views, new ViewTopics(settings.kafkaServers()), status),
                settings,
                StreamsProcess.Losses.REPAIRED_BY_SNAPSHOT,
                end);
    }

    /**
     * @param plans of all views of the source, controls too
     * @param controls names of those of the views that are controls
     */
    public record Views(SourceName source, List<ViewPlan> plans, Set<ViewName> controls, SchemaRegistry registry) {}

    /**
     * Publishes the views' definitions, then begins to maintain them.
     *
     * @param end completed exceptionally when the views cannot be maintained any more
     */
    public static ViewsEngine start(Views config, StreamsProcess.Settings settings, CompletableFuture<Void> end)
            throws InterruptedException {
        create(config, settings);
        ViewVersions versions =
                ViewVersions.define(config.source, config.plans, config.registry, settings.kafkaServers());
        ViewsEngine engine = new ViewsEngine(config, versions, settings, end);
        engine.streams.start();
        return engine;
    }

    private static void create(Views config, StreamsProcess.Settings settings) throws InterruptedException {
        Topics topics = new Topics(config.registry());
        List<NewTopic> wanted = new ArrayList<>();
        short replicas = settings.replicationFactor();
        // The feed is the source's: created here too, since either may start first.
        wanted.add(topics.transactions(config.source()).toNewTopic(settings.lanes(), replicas));
        wanted.add(topics.viewUpdates().toNewTopic(settings.lanes(), replicas));
        wanted.add(topics.deadLetters().toNewTopic(settings.lanes(), replicas));
        wanted.add(topics.violations().toNewTopic(settings.lanes(), replicas));
        wanted.add(topics.viewDefinitions().toNewTopic(1, replicas));
        for (ViewPlan view : config.plans()) {
            wanted.add(topics.view(view.name()).toNewTopic(settings.lanes(), replicas));
        }
        OwnTopics.create(settings.kafkaServers(), wanted);
    }

    /** Whether every lane of this process is being worked on. */
    public boolean ready() {
        return streams.running() && status.waiting().isEmpty();
    }

    /** One line on where it is. */
    public String detail() {
        return status.waiting().isEmpty() ? streams.state() : String.join("; ", status.waiting());
    }

    /** Rows and groups in memory by {@link io.millrace.views.plan.Node#id}, of the lanes in this process. */
    public Map<String, Long> stateSizes() {
        return status.sizes();
    }

    @Override
    public void close() {
        streams.close();
        versions.close();
    }
}
