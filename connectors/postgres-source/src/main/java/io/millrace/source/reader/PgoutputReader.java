package io.millrace.source.reader;

import io.millrace.schemas.Lsn;
import io.millrace.source.SourceDefinition;
import io.millrace.source.server.SourceServer;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the slot by Postgres' own protocol, on a thread of its own. The server sends a transaction when it is committed, and keeps
 * a large one on its own disk until then: no more than the queue is held here, however large a transaction is.
 */
public final class PgoutputReader implements LogReader {
    private static final Logger LOG = LoggerFactory.getLogger(PgoutputReader.class);

    /** The version without transactions in progress: those would have to be stored here, instead of by the server. */
    private static final int PROTOCOL = 1;

    private static final int STATUS_SECONDS = 1;
    private static final int BATCH_EVENTS = 1_000;
    private static final int BATCH_BYTES = 1024 * 1024;
    private static final int QUEUED_BATCHES = 16;
    private static final Duration OFFER = Duration.ofMillis(100);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final SourceDefinition definition;
    private final Connection lookups;
    private final Connection replication;
    private final PGReplicationStream stream;
    private final BlockingQueue<List<LogEvent>> queue = new ArrayBlockingQueue<>(QUEUED_BATCHES);
    private final Thread thread;
    private volatile boolean closing;
    private volatile @Nullable LogReaderFailure failure;

    private PgoutputReader(
            SourceDefinition definition, Connection lookups, Connection replication, PGReplicationStream stream) {
        this.definition = definition;
        this.lookups = lookups;
        this.replication = replication;
        this.stream = stream;
        this.thread =
                Thread.ofPlatform().daemon().name("log-" + definition.name()).unstarted(this::run);
    }

    /**
     * Begins at the slot's confirmed position. The slot and the publication must exist.
     *
     * @throws SQLException if the server refuses to stream
     */
    public static PgoutputReader start(SourceServer server, SourceDefinition definition) throws SQLException {
        Connection lookups = server.connect();
        Connection replication = null;
        try {
            replication = server.connectForReplication();
            PGReplicationStream stream = replication
                    .unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .replicationStream()
                    .logical()
                    .withSlotName(definition.slot())
                    .withSlotOption("proto_version", PROTOCOL)
                    .withSlotOption("publication_names", '"' + definition.publication() + '"')
                    .withSlotOption("messages", true)
                    .withStatusInterval(STATUS_SECONDS, TimeUnit.SECONDS)
                    // Only what is in Kafka is confirmed.
                    .withAutomaticFlush(false)
                    .start();
            PgoutputReader reader = new PgoutputReader(definition, lookups, replication, stream);
            reader.thread.start();
            return reader;
        } catch (SQLException | RuntimeException failed) {
            lookups.close();
            if (replication != null) {
                replication.close();
            }
            throw failed;
        }
    }

    private void run() {
        List<LogEvent> events = new ArrayList<>();
        PgoutputDecoder decoder = new PgoutputDecoder(
                new ColumnTypes(lookups), Set.copyOf(definition.tables()), definition.columns(), events::add);
        int bytes = 0;
        try {
            while (!closing) {
                ByteBuffer message = stream.readPending();
                if (message == null || events.size() >= BATCH_EVENTS || bytes >= BATCH_BYTES) {
                    offer(events);
                    bytes = 0;
                }
                if (message == null) {
                    message = stream.read();
                }
                bytes += message.remaining();
                decoder.decode(message);
            }
            stream.forceUpdateStatus();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (SQLException | RuntimeException | Error ended) {
            failure = new LogReaderFailure("the stream from slot " + definition.slot() + " has ended", ended);
        }
    }

    /** Waits while the publisher is slower than the log, and so lets the server wait. */
    private void offer(List<LogEvent> events) throws InterruptedException, SQLException {
        if (events.isEmpty()) {
            return;
        }
        List<LogEvent> batch = List.copyOf(events);
        events.clear();
        long told = System.nanoTime();
        while (!closing && !queue.offer(batch, OFFER.toMillis(), TimeUnit.MILLISECONDS)) {
            if (System.nanoTime() - told > TimeUnit.SECONDS.toNanos(STATUS_SECONDS)) {
                // Or the server would take us for dead.
                stream.forceUpdateStatus();
                told = System.nanoTime();
            }
        }
    }

    @Override
    public List<LogEvent> poll(Duration limit) throws InterruptedException {
        List<LogEvent> events = queue.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
        if (events != null) {
            return events;
        }
        LogReaderFailure ended = failure;
        if (ended != null && queue.isEmpty()) {
            throw ended;
        }
        return List.of();
    }

    /** The server is told with the next status, within a second. */
    @Override
    public void confirm(Lsn position) {
        LogSequenceNumber number = LogSequenceNumber.valueOf(position.value());
        stream.setAppliedLSN(number);
        stream.setFlushedLSN(number);
    }

    @Override
    public void close() {
        closing = true;
        try {
            wake();
            if (!thread.join(CLOSE_LIMIT)) {
                LOG.warn("source {}: the server did not answer within {}", definition.name(), CLOSE_LIMIT);
                replication.abort(Runnable::run);
            }
            stream.close();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (SQLException alreadyEnded) {
            LOG.debug("closing the stream from slot {}", definition.slot(), alreadyEnded);
        }
        close(replication);
        close(lookups);
    }

    /** The thread waits for the log: give it something to read. */
    private void wake() throws SQLException {
        if (thread.isAlive()) {
            try (Statement statement = lookups.createStatement()) {
                statement.execute("SELECT pg_logical_emit_message(true, 'millrace.stop', '')");
            }
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException alreadyEnded) {
            LOG.debug("closing a connection to the source", alreadyEnded);
        }
    }
}
