package io.millrace.gateway;

import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import io.millrace.sink.ViewSink;
import java.nio.file.Path;
import java.util.List;

/** Kafka, Postgres, a sink and a gateway, and view {@code v} that goes through all of them. */
final class LiveStack implements AutoCloseable {
    final GatewayServer server;
    final LiveViews views;
    private final EmbeddedKafka kafka;
    private final KafkaServers kafkaServers;
    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private ViewSink sink;

    LiveStack(Path directory) throws Exception {
        kafka = EmbeddedKafka.start(
                EmbeddedKafka.Place.BesideThisJvm.withThisClassPath(), directory.resolve("kafka"), 0);
        kafkaServers = KafkaServers.at(kafka.bootstrapServers());
        server = new GatewayServer(directory, kafkaServers, registry);
        views = new LiveViews(kafka, registry, "v");
        sink = startSink();
    }

    private ViewSink startSink() {
        return ViewSink.start(
                new SourceName("erp"), LiveViews.LANES, server.analytics(), kafkaServers, registry, List.of());
    }

    void restartSink() {
        sink.close();
        sink = startSink();
    }

    /** Waits until the last epoch is in the tables. */
    void awaitApplied() {
        await().until(() ->
                server.query("SELECT lsn::text FROM analytics.position").equals(List.of(views.lsn())));
    }

    /** Waits until the gateway knows the view. */
    void awaitView() {
        await().until(() -> server.get("/api/v1/views/v").statusCode() == 200);
    }

    @Override
    public void close() {
        sink.close();
        server.close();
        views.close();
        kafka.close();
    }
}
