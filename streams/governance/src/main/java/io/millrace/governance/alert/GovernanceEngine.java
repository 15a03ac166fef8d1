package io.millrace.governance.alert;

import io.millrace.governance.catalog.Control;
import io.millrace.platform.kafka.OwnTopics;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.streams.StreamsProcess;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Turns what controls find into alerts, in this process. */
public final class GovernanceEngine implements AutoCloseable {
    private final StreamsProcess streams;
    private final CompletableFuture<Void> end;

    private GovernanceEngine(StreamsProcess streams, CompletableFuture<Void> end) {
        this.streams = streams;
        this.end = end;
    }

    /** Creates the topics that are missing and starts. */
    public static GovernanceEngine start(
            SourceName source, List<Control> controls, SchemaRegistry registry, StreamsProcess.Settings settings) {
        createTopics(source, new Topics(registry), settings);
        CompletableFuture<Void> end = new CompletableFuture<>();
        StreamsProcess streams = new StreamsProcess(
                "alerts",
                "millrace-alerts-" + source,
                GovernanceTopology.build(
                        source, controls, registry, new PublishedTopics(settings.kafkaServers(), registry)),
                settings,
                StreamsProcess.Losses.HARMFUL,
                end);
        streams.start();
        return new GovernanceEngine(streams, end);
    }

    private static void createTopics(SourceName source, Topics topics, StreamsProcess.Settings settings) {
        short replicas = settings.replicationFactor();
        try {
            OwnTopics.create(
                    settings.kafkaServers(),
                    List.of(
                            topics.violations().toNewTopic(settings.lanes(), replicas),
                            topics.alertActions().toNewTopic(settings.lanes(), replicas),
                            topics.alerts().toNewTopic(settings.lanes(), replicas),
                            topics.deadLetterActions().toNewTopic(settings.lanes(), replicas),
                            topics.deadLetters().toNewTopic(settings.lanes(), replicas),
                            topics.hubEvents().toNewTopic(settings.lanes(), replicas),
                            topics.gatewayEvents().toNewTopic(settings.lanes(), replicas),
                            topics.audit().toNewTopic(settings.lanes(), replicas),
                            // The feed is the source's: created here too, since either may start first.
                            topics.transactions(source).toNewTopic(settings.lanes(), replicas)));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    public boolean ready() {
        return streams.running();
    }

    public String detail() {
        return streams.state();
    }

    /** Completes exceptionally when alerts cannot be kept any more. */
    public CompletableFuture<Void> end() {
        return end;
    }

    @Override
    public void close() {
        streams.close();
    }
}
