package io.millrace.views.topology;

import io.millrace.schemas.Lane;
import io.millrace.schemas.OwnTopics;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.ViewColumn;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.failure.Category;
import io.millrace.schemas.failure.MillraceException;
import io.millrace.views.plan.ViewPlan;
import io.millrace.views.streams.StreamsProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka Streams with the views' topology, in this process. */
public final class ViewsEngine implements AutoCloseable {
    private final StreamsProcess streams;
    private final LaneStatus status = new LaneStatus();

    private ViewsEngine(ViewsTopology.Config config, StreamsProcess.Settings settings, CompletableFuture<Void> end) {
        this.streams = new StreamsProcess(
                "views", "millrace-views-" + config.source(), ViewsTopology.build(config, status), settings, end);
    }

    /**
     * Publishes the views' definitions, then begins to maintain them.
     *
     * @param end completed exceptionally when the views cannot be maintained any more
     */
    public static ViewsEngine start(
            ViewsTopology.Config config, StreamsProcess.Settings settings, CompletableFuture<Void> end)
            throws InterruptedException {
        try {
            create(config, settings);
            define(config, settings);
        } catch (ExecutionException failed) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot publish the definitions of the views at " + settings.bootstrapServers() + ": "
                            + failed.getMessage(),
                    "start Kafka, or grant the hub Create and Write on topics views.* and hub.*",
                    failed);
        }
        ViewsEngine engine = new ViewsEngine(config, settings, end);
        engine.streams.start();
        return engine;
    }

    private static void create(ViewsTopology.Config config, StreamsProcess.Settings settings)
            throws InterruptedException {
        Topics topics = new Topics(config.registry());
        List<NewTopic> wanted = new ArrayList<>();
        short replicas = settings.replicationFactor();
        // The feed is the source's: created here too, since either may start first.
        wanted.add(topics.transactions(config.source()).toNewTopic(settings.lanes(), replicas));
        wanted.add(topics.viewUpdates().toNewTopic(settings.lanes(), replicas));
        wanted.add(topics.deadLetters().toNewTopic(settings.lanes(), replicas));
        wanted.add(topics.violations().toNewTopic(settings.lanes(), replicas));
        wanted.add(topics.viewDefinitions().toNewTopic(1, replicas));
        for (ViewPlan view : config.views()) {
            wanted.add(topics.view(view.name()).toNewTopic(settings.lanes(), replicas));
        }
        OwnTopics.create(settings.bootstrapServers(), wanted);
    }

    private static void define(ViewsTopology.Config config, StreamsProcess.Settings settings)
            throws InterruptedException, ExecutionException {
        Topic<String, ViewDefinition> topic = new Topics(config.registry()).viewDefinitions();
        Map<String, Object> producer = Map.of("bootstrap.servers", settings.bootstrapServers(), "linger.ms", 5);
        try (KafkaProducer<String, ViewDefinition> definitions = new KafkaProducer<>(
                producer, new StringSerializer(), topic.values().serializer())) {
            List<java.util.concurrent.Future<?>> sent = new ArrayList<>();
            for (ViewPlan view : config.views()) {
                sent.add(definitions.send(
                        topic.record(new Lane(0), view.name().toString(), definition(config.source(), view))));
            }
            for (String removed : ViewDefinitions.removed(config)) {
                sent.add(definitions.send(new ProducerRecord<>(topic.name(), 0, removed, null)));
            }
            for (java.util.concurrent.Future<?> future : sent) {
                future.get();
            }
        }
    }

    private static ViewDefinition definition(SourceName source, ViewPlan view) {
        return new ViewDefinition(
                view.name().toString(),
                view.generation(),
                view.sql(),
                view.description(),
                view.columns().stream()
                        .map(column -> new ViewColumn(
                                column.name(), column.type().name(), column.nullable(), column.description()))
                        .toList(),
                view.key().stream()
                        .map(index -> view.columns().get(index).name())
                        .toList(),
                source.toString());
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
    }
}
