package io.millrace.source.reader;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.spi.OffsetCommitPolicy;
import io.millrace.schemas.Lsn;
import io.millrace.source.SourceDefinition;
import io.millrace.source.server.SourceServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.HostSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Debezium's embedded engine, with neither a snapshot nor an offset of its own: it streams from the slot's confirmed
 * position, and what it confirms is decided here.
 */
public final class DebeziumReader implements LogReader {
    private static final Logger LOG = LoggerFactory.getLogger(DebeziumReader.class);
    private static final String PREFIX = "millrace";
    private static final int QUEUED_BATCHES = 8;
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(15);

    private final BlockingQueue<List<LogEvent>> queue = new ArrayBlockingQueue<>(QUEUED_BATCHES);

    /** The records that end what can be confirmed, oldest first; guarded by itself. */
    private final Deque<Confirmable> confirmable = new ArrayDeque<>();

    private final ConnectRecords records;
    private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean closing;
    private volatile @Nullable Throwable failure;

    private record Confirmable(
            Lsn position,
            RecordChangeEvent<SourceRecord> event,
            RecordCommitter<RecordChangeEvent<SourceRecord>> committer) {}

    private DebeziumReader(SourceServer server, HostSpec host, SourceDefinition definition) {
        String placeholder = "millrace-unchanged-" + UUID.randomUUID();
        this.records = new ConnectRecords(PREFIX, placeholder, definition.columns());
        this.engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                .using(properties(server, host, definition, placeholder))
                .using(OffsetCommitPolicy.always())
                .using((success, message, error) -> end(message, error))
                .notifying(this::handle)
                .build();
    }

    /** The slot and the publication must exist: Debezium would create a missing slot, and lose what it had kept. */
    public static DebeziumReader start(SourceServer server, HostSpec host, SourceDefinition definition) {
        DebeziumReader reader = new DebeziumReader(server, host, definition);
        Thread.ofPlatform().daemon().name("debezium-" + definition.name()).start(reader.engine);
        return reader;
    }

    private static Properties properties(
            SourceServer server, HostSpec host, SourceDefinition definition, String placeholder) {
        Properties properties = new Properties();
        properties.setProperty("name", "millrace-" + definition.name());
        properties.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        properties.setProperty("topic.prefix", PREFIX);
        properties.setProperty("offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
        String name = host.getHost();
        properties.setProperty(
                "database.hostname", name.contains(":") && !name.startsWith("[") ? "[" + name + "]" : name);
        properties.setProperty("database.port", Integer.toString(host.getPort()));
        server.parameters().forEach((parameter, value) -> properties.setProperty("driver." + parameter, value));
        properties.setProperty("database.dbname", server.database());
        properties.setProperty("database.user", server.user());
        properties.setProperty("database.password", server.password());
        properties.setProperty("plugin.name", "pgoutput");
        properties.setProperty("slot.name", definition.slot());
        properties.setProperty("publication.name", definition.publication());
        properties.setProperty("publication.autocreate.mode", "disabled");
        properties.setProperty("slot.drop.on.stop", "false");
        properties.setProperty("snapshot.mode", "no_data");
        properties.setProperty(
                "table.include.list",
                definition.tables().stream()
                        .map(table -> quotedRegex(table.toString()))
                        .collect(Collectors.joining(",")));
        properties.setProperty("provide.transaction.metadata", "true");
        properties.setProperty("tombstones.on.delete", "false");
        properties.setProperty("skipped.operations", "none");
        properties.setProperty("poll.interval.ms", "5");
        properties.setProperty("max.batch.size", "8192");
        properties.setProperty("max.queue.size", "32768");
        properties.setProperty("status.update.interval.ms", "1000");
        // Its own retry would start again from an offset of its own; ours is a new engine without one.
        properties.setProperty("errors.max.retries", "0");
        properties.setProperty("slot.max.retries", "20");
        properties.setProperty("slot.retry.delay.ms", "500");
        properties.setProperty("decimal.handling.mode", "precise");
        properties.setProperty("time.precision.mode", "microseconds");
        properties.setProperty("binary.handling.mode", "bytes");
        properties.setProperty("include.unknown.datatypes", "true");
        properties.setProperty("unavailable.value.placeholder", placeholder);
        properties.setProperty("record.processing.threads", "1");
        properties.setProperty("statistics.metrics.enabled", "false");
        properties.setProperty("task.management.timeout.ms", Long.toString(CLOSE_LIMIT.toMillis()));
        return properties;
    }

    private static String quotedRegex(String table) {
        return table.replaceAll("([^A-Za-z0-9_])", "\\\\$1");
    }

    private void handle(
            List<RecordChangeEvent<SourceRecord>> batch, RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        List<LogEvent> events = new ArrayList<>(batch.size());
        for (RecordChangeEvent<SourceRecord> event : batch) {
            LogEvent decoded = records.decode(event.record());
            if (decoded == null) {
                continue;
            }
            events.add(decoded);
            Lsn end = switch (decoded) {
                case LogEvent.Commit commit -> commit.end();
                case LogEvent.Reached reached -> reached.position();
                default -> null;
            };
            if (end != null) {
                synchronized (confirmable) {
                    confirmable.addLast(new Confirmable(end, event, committer));
                }
            }
        }
        while (!closing && !queue.offer(events, 100, TimeUnit.MILLISECONDS)) {
            // The publisher is slower than the log: wait, and so let the server wait.
        }
    }

    private void end(String message, @Nullable Throwable error) {
        failure = new LogReaderFailure(message, error == null ? new IllegalStateException("the engine ended") : error);
        ended.countDown();
    }

    @Override
    public List<LogEvent> poll(Duration limit) throws InterruptedException {
        List<LogEvent> events = queue.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
        if (events != null) {
            return events;
        }
        if (failure instanceof LogReaderFailure failed && queue.isEmpty()) {
            throw failed;
        }
        return List.of();
    }

    @Override
    public void confirm(Lsn position) {
        Confirmable last = null;
        synchronized (confirmable) {
            while (!confirmable.isEmpty() && !confirmable.getFirst().position.isAfter(position)) {
                last = confirmable.removeFirst();
            }
        }
        if (last != null) {
            try {
                last.committer.markProcessed(last.event);
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        try {
            engine.close();
        } catch (IOException | IllegalStateException alreadyEnded) {
            LOG.debug("closing Debezium's engine", alreadyEnded);
        }
        try {
            if (!ended.await(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("Debezium's engine did not end within {}", CLOSE_LIMIT);
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }
}
