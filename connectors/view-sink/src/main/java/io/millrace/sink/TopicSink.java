package io.millrace.sink;

import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.registry.SchemaRegistry;
import java.util.concurrent.CompletableFuture;

/** Keeps what a topic holds in tables of the analytics database. */
public final class TopicSink implements AutoCloseable {
    private final SinkLoop loop;

    private <V> TopicSink(
            String what,
            Topic<?, V> topic,
            int lanes,
            AnalyticsDatabase database,
            KafkaServers kafkaServers,
            TopicSession.Table<V> table) {
        this.loop = new SinkLoop(
                what,
                database,
                () -> new TopicSession<>(what, topic, lanes, database, kafkaServers, table, this::working));
    }

    private void working(String detail) {
        loop.working(detail);
    }

    /** @param lanes partitions of the topic */
    public static TopicSink alerts(
            int lanes, AnalyticsDatabase database, KafkaServers kafkaServers, SchemaRegistry registry) {
        return started(new TopicSink(
                "alerts", new Topics(registry).alerts(), lanes, database, kafkaServers, new AlertTables()));
    }

    /** @param lanes partitions of the topic */
    public static TopicSink audit(
            int lanes, AnalyticsDatabase database, KafkaServers kafkaServers, SchemaRegistry registry) {
        return started(new TopicSink(
                "audit trail", new Topics(registry).audit(), lanes, database, kafkaServers, new AuditTable()));
    }

    private static TopicSink started(TopicSink sink) {
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
