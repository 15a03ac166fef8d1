package io.millrace.source.publish;

import io.millrace.schemas.Lane;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.CapturePhase;
import io.millrace.schemas.avro.Operation;
import io.millrace.schemas.avro.Position;
import io.millrace.schemas.avro.TransactionKind;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Clock;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.SourceDefinition;
import io.millrace.source.reader.DebeziumReader;
import io.millrace.source.reader.LogEvent;
import io.millrace.source.reader.LogReader;
import io.millrace.source.reader.PgoutputReader;
import io.millrace.source.server.CapturedTables;
import io.millrace.source.server.Slot;
import io.millrace.source.server.SourceFailures;
import io.millrace.source.server.SourceServer;
import io.millrace.source.snapshot.Snapshot;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.Producer;
import org.postgresql.util.HostSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From one start to the next failure: takes over from a predecessor, makes the snapshot if there is none, and streams.
 * Whatever fails ends the session; the next one goes on at the published position.
 */
public final class SourceSession {
    private static final Logger LOG = LoggerFactory.getLogger(SourceSession.class);

    /** How long an epoch waits for more transactions. */
    private static final Duration EPOCH = Duration.ofMillis(8);

    private static final int EPOCH_CHANGES = 20_000;
    private static final int SNAPSHOT_PART_CHANGES = 20_000;
    private static final Duration IDLE_POLL = Duration.ofMillis(100);
    private static final Duration GUARD_INTERVAL = Duration.ofSeconds(5);
    private static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(10);

    private final SourceDefinition definition;
    private final SourceServer server;
    private final KafkaCluster kafka;
    private final SchemaRegistry registry;
    private final Listener listener;
    private final BooleanSupplier stopping;
    private final Slot slot;
    private final LargeRows largeRows;

    /** Is told of progress. */
    public interface Listener {
        void snapshot(TableName table, long rows);

        /** The stream flows: what was committed at the start of the session has been published. */
        void streaming();

        void published(long epoch, Lsn reached, Instant committedAt, long changes, long transactions);

        /** Something came out of the log, or the session is at work before it reads it. */
        void heard();
    }

    public SourceSession(
            SourceDefinition definition,
            SourceServer server,
            KafkaCluster kafka,
            SchemaRegistry registry,
            Listener listener,
            BooleanSupplier stopping) {
        this.definition = definition;
        this.server = server;
        this.kafka = kafka;
        this.registry = registry;
        this.listener = listener;
        this.stopping = stopping;
        this.slot = new Slot(definition);
        this.largeRows = new LargeRows(definition, kafka, registry);
    }

    /** Returns when it is to stop. */
    public void run() throws InterruptedException {
        Topics topics = new Topics(registry);
        kafka.create(topics(topics));
        try (Producer<byte[], byte[]> producer = kafka.producer(transactionalId(definition.name()));
                Connection control = server.connect()) {
            // Fences a predecessor, and aborts what it left open: from here on the position cannot change any more.
            producer.initTransactions();
            Slot.Cluster cluster = Slot.cluster(control);
            Relations relations = new Relations(definition, registry, () -> tables(control));
            Optional<Position> stored = Positions.newest(kafka, topics.position(definition.name()));
            long epoch = stored.map(Position::getEpoch)
                    .orElseGet(() -> Positions.newestEpoch(kafka, topics.transactions(definition.name()), definition));
            Lsn reached = stored.filter(position -> position.getPhase() == CapturePhase.STREAMING)
                    .map(position -> new Lsn(position.getCommitLsn()))
                    .orElse(Lsn.ZERO);
            EpochWriter writer =
                    new EpochWriter(definition, cluster, producer, relations, largeRows, registry, epoch, reached);
            if (reached.equals(Lsn.ZERO)) {
                snapshot(control, relations, writer);
            } else {
                slot.verify(control, stored.orElseThrow());
            }
            Slot.warnings(control).forEach(warning -> LOG.warn("source {}: {}", definition.name(), warning));
            try (LogReader reader = reader(SourceServer.reached(control))) {
                stream(control, reader, writer, cluster);
            }
        } catch (SQLException failed) {
            throw SourceFailures.describe(server, "capture source " + definition.name(), failed);
        }
    }

    private LogReader reader(HostSpec host) throws SQLException {
        return switch (definition.reader()) {
            case NATIVE -> PgoutputReader.start(server.at(host), definition);
            case DEBEZIUM -> DebeziumReader.start(server, host, definition);
        };
    }

    /** The same in every run: a new session fences the one before. */
    static String transactionalId(SourceName source) {
        return "millrace-source-" + source;
    }

    private List<NewTopic> topics(Topics topics) {
        List<NewTopic> wanted = new ArrayList<>();
        short replicas = kafka.replicationFactor();
        wanted.add(topics.transactions(definition.name()).toNewTopic(definition.lanes(), replicas));
        wanted.add(topics.position(definition.name()).toNewTopic(1, replicas));
        for (TableName table : definition.tables()) {
            wanted.add(topics.rows(definition.name(), table).toNewTopic(definition.lanes(), replicas));
        }
        return wanted;
    }

    private Map<TableName, RelationSchema> tables(Connection control) {
        try {
            return CapturedTables.read(control, definition);
        } catch (SQLException failed) {
            throw SourceFailures.describe(server, "read the tables of source " + definition.name(), failed);
        }
    }

    /** Everything as of the moment in which the slot is created; what an earlier attempt left in Kafka is replaced. */
    private void snapshot(Connection control, Relations relations, EpochWriter writer) throws SQLException {
        slot.publish(control);
        slot.dropLeftOver(control);
        try (Snapshot snapshot = Snapshot.createSlot(server, definition.slot())) {
            LOG.info("source {}: snapshot at {}", definition.name(), snapshot.consistentPoint());
            writer.begin(0, TransactionKind.SNAPSHOT);
            long published = 0;
            for (TableName table : definition.tables()) {
                published = snapshot(snapshot, relations.encoder(table), writer, published);
            }
            writer.commit(snapshot.consistentPoint(), Instant.now());
            writer.publish();
        }
    }

    private long snapshot(Snapshot snapshot, TableEncoder encoder, EpochWriter writer, long publishedBefore)
            throws SQLException {
        TableName table = encoder.relation().name();
        Map<Lane, Set<RowKey>> stale = new java.util.HashMap<>();
        for (Lane lane : encoder.broadcast() ? List.of(new Lane(0)) : definition.allLanes()) {
            stale.put(lane, new HashSet<>(largeRows.keys(table, lane)));
        }
        long before = writer.changes();
        long[] published = {publishedBefore};
        snapshot.read(encoder.relation(), row -> {
            stale.getOrDefault(encoder.lane(row), Set.of()).remove(new RowKey(encoder.key(row)));
            writer.write(Operation.READ, encoder, row);
            if (writer.changes() - published[0] >= SNAPSHOT_PART_CHANGES) {
                writer.publishUnfinished();
                published[0] = writer.changes();
            }
        });
        stale.forEach((lane, keys) -> keys.forEach(key -> writer.delete(encoder, lane, key.bytes())));
        listener.heard();
        listener.snapshot(table, writer.changes() - before);
        return published[0];
    }

    private void stream(Connection control, LogReader reader, EpochWriter writer, Slot.Cluster cluster)
            throws InterruptedException, SQLException {
        Lsn position = writer.reached();
        boolean replayed = true;
        boolean streaming = false;
        long transactions = 0;
        long opened = 0;
        Instant lastGuard = Instant.now();
        Instant lastHeartbeat = Instant.EPOCH;
        Lsn awaited = null;
        LocalDate ticked = null;
        while (!stopping.getAsBoolean()) {
            Instant now = Instant.now();
            if (Duration.between(lastHeartbeat, now).compareTo(HEARTBEAT_INTERVAL) >= 0) {
                Lsn emitted = heartbeat(control);
                awaited = awaited == null ? emitted : awaited;
                lastHeartbeat = now;
            }
            LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
            if (!today.equals(ticked)) {
                emit(control, Clock.PREFIX, today.toString());
                ticked = today;
            }
            if (Duration.between(lastGuard, now).compareTo(GUARD_INTERVAL) >= 0) {
                slot.verify(
                        control,
                        new Position(
                                definition.name().toString(),
                                writer.reached().value(),
                                writer.epoch(),
                                cluster.systemIdentifier(),
                                cluster.timeline(),
                                definition.slot(),
                                CapturePhase.STREAMING,
                                definition.lanes(),
                                now));
                lastGuard = now;
            }
            List<LogEvent> events = reader.poll(writer.open() ? EPOCH : IDLE_POLL);
            if (!events.isEmpty()) {
                listener.heard();
            }
            for (LogEvent event : events) {
                if (!writer.open()) {
                    opened = System.nanoTime();
                }
                if (replayed && event instanceof LogEvent.Commit commit) {
                    // The server sends again what it was not told to forget.
                    if (!commit.end().isAfter(position)) {
                        writer.abort();
                        continue;
                    }
                    replayed = false;
                }
                write(writer, event);
                transactions += event instanceof LogEvent.Commit ? 1 : 0;
                if (writer.open() && !writer.inTransaction() && writer.changes() >= EPOCH_CHANGES) {
                    transactions = publish(reader, writer, transactions);
                    opened = System.nanoTime();
                }
            }
            if (writer.open() && !writer.inTransaction() && System.nanoTime() - opened >= EPOCH.toNanos()) {
                transactions = publish(reader, writer, transactions);
                lastHeartbeat = now;
            }
            if (!streaming && awaited != null && !writer.open() && !awaited.isAfter(writer.reached())) {
                streaming = true;
                listener.streaming();
            }
        }
    }

    private static void write(EpochWriter writer, LogEvent event) {
        switch (event) {
            case LogEvent.Begin begin -> writer.begin(begin.xid(), TransactionKind.COMMIT);
            case LogEvent.Actor actor -> writer.actor(actor.name());
            case LogEvent.Clock clock -> writer.tick(clock.today());
            case LogEvent.Insert insert -> writer.insert(insert);
            case LogEvent.Update update -> writer.update(update);
            case LogEvent.Delete delete -> writer.delete(delete);
            case LogEvent.Truncate truncate -> writer.truncate(truncate.tables());
            case LogEvent.Commit commit -> writer.commit(commit.end(), commit.committedAt());
            case LogEvent.Reached reached -> {
                if (!writer.inTransaction()) {
                    writer.reached(reached.position(), Instant.now());
                }
            }
        }
    }

    private long publish(LogReader reader, EpochWriter writer, long transactions) {
        writer.publish();
        // Only now may the server forget it.
        reader.confirm(writer.reached());
        listener.published(writer.epoch(), writer.reached(), writer.newest(), writer.changes(), transactions);
        return 0;
    }

    /** A transaction without rows: an idle database's slot advances with it, and every lane's position. */
    private static Lsn heartbeat(Connection control) throws SQLException {
        return emit(control, "millrace.heartbeat", "");
    }

    /** A transaction of its own, which comes back in the log. */
    private static Lsn emit(Connection control, String prefix, String content) throws SQLException {
        try (PreparedStatement statement =
                control.prepareStatement("SELECT pg_logical_emit_message(true, ?, ?)::text")) {
            statement.setString(1, prefix);
            statement.setString(2, content);
            try (java.sql.ResultSet row = statement.executeQuery()) {
                row.next();
                return Lsn.parse(row.getString(1));
            }
        }
    }
}
