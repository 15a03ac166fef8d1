package io.millrace.sink;

import io.millrace.schemas.registry.SchemaRegistry;
import java.util.concurrent.CompletableFuture;

/** Keeps {@code analytics.alert} and {@code analytics.alert_event} up to date. */
public final class AlertSink implements AutoCloseable {
    private final SinkLoop loop;

    private AlertSink(int lanes, AnalyticsDatabase database, String bootstrapServers, SchemaRegistry registry) {
        this.loop = new SinkLoop(
                "alerts", database, () -> new AlertSession(lanes, database, bootstrapServers, registry, this::working));
    }

    private void working(String detail) {
        loop.working(detail);
    }

    /** @param lanes partitions of the alerts' topic */
    public static AlertSink start(
            int lanes, AnalyticsDatabase database, String bootstrapServers, SchemaRegistry registry) {
        AlertSink sink = new AlertSink(lanes, database, bootstrapServers, registry);
        sink.loop.start();
        return sink;
    }

    public boolean ready() {
        return loop.ready();
    }

    /** One line on where it is. */
    public String detail() {
        return loop.detail();
    }

    /** Completes when the sink has stopped: exceptionally, if it could not go on. */
    public CompletableFuture<Void> end() {
        return loop.end();
    }

    @Override
    public void close() {
        loop.close();
    }
}
