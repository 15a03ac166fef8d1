package io.millrace.source.publish;

import io.millrace.schemas.Lsn;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.CapturePhase;
import io.millrace.schemas.avro.Position;
import io.millrace.schemas.avro.TransactionKind;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.SourceDefinition;
import io.millrace.source.reader.DebeziumReader;
import io.millrace.source.reader.LogReader;
import io.millrace.source.reader.PgoutputReader;
import io.millrace.source.server.CapturedTables;
import io.millrace.source.server.Slot;
import io.millrace.source.server.SourceFailures;
import io.millrace.source.server.SourceServer;
import io.millrace.source.server.TableForms;
import io.millrace.source.snapshot.Snapshot;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private final SourceDefinition definition;
    private final SourceServer server;
    private final KafkaCluster kafka;
    private final SchemaRegistry registry;
    private final Listener listener;
    private final BooleanSupplier stopping;
    private final boolean first;
    private final Slot slot;
    private final LargeRows largeRows;

    /** Is told of progress. */
    public interface Listener {
        void snapshot(TableName table, long rows);

        /** Nothing goes on until somebody else has ended something. */
        void waits(String what);

        /** The stream flows: what was committed at the start of the session has been published. */
        void streaming();

        void published(long epoch, Lsn reached, Instant committedAt, long changes, long transactions);

        /** How many rows are kept out since they cannot be published. */
        void keptOut(int rows);

        /** Something came out of the log, or the session is at work before it reads it. */
        void heard();
    }

    /** @param first whether none of this process has streamed yet: what is set up wrongly is told before anything is done */
    public SourceSession(
            SourceDefinition definition,
            SourceServer server,
            KafkaCluster kafka,
            SchemaRegistry registry,
            Listener listener,
            BooleanSupplier stopping,
            boolean first) {
        this.definition = definition;
        this.server = server;
        this.kafka = kafka;
        this.registry = registry;
        this.listener = listener;
        this.stopping = stopping;
        this.first = first;
        this.slot = new Slot(definition);
        this.largeRows = new LargeRows(definition, kafka, registry);
    }

    /**
     * Returns when it is to stop.
     *
     * @throws Standby if another process captures the source
     */
    public void run() throws InterruptedException {
        try (Connection control = server.connect()) {
            if (!slot.takeTurn(control)) {
                throw new Standby(definition.name());
            }
            run(control);
        } catch (SQLException failed) {
            throw SourceFailures.describe(server, "capture source " + definition.name(), failed);
        }
    }

    private void run(Connection control) throws InterruptedException, SQLException {
        Topics topics = new Topics(registry);
        kafka.create(topics(topics));
        kafka.createShared(topics.deadLetters().toNewTopic(definition.lanes(), kafka.replicationFactor()));
        Duration limit = kafka.transactionLimit();
        try (Producer<byte[], byte[]> producer = kafka.producer(transactionalId(definition.name()), limit);
                Reread reread = new Reread(server, definition)) {
            // Fences a predecessor, and aborts what it left open: from here on the position cannot change any more.
            producer.initTransactions();
            if (first) {
                CapturedTables.readFirst(control, definition);
            }
            Slot.Cluster cluster = Slot.cluster(control);
            Optional<Position> stored = Positions.newest(kafka, topics.position(definition.name()));
            PublishedTables published = new PublishedTables(definition.tables());
            published.forms().putAll(forms(control, stored));
            Relations relations = new Relations(definition, registry, () -> tables(control), published);
            long epoch = stored.map(Position::getEpoch)
                    .orElseGet(() -> Positions.newestEpoch(kafka, topics.transactions(definition.name()), definition));
            Lsn reached = stored.filter(position -> position.getPhase() == CapturePhase.STREAMING)
                    .map(position -> new Lsn(position.getCommitLsn()))
                    .orElse(Lsn.ZERO);
            EpochWriter writer = new EpochWriter(
                    definition,
                    cluster,
                    producer,
                    relations,
                    published,
                    largeRows,
                    registry,
                    reread,
                    new Quarantine(definition, kafka, topics.deadLetters()),
                    limit,
                    epoch,
                    reached);
            if (reached.equals(Lsn.ZERO)) {
                snapshot(control, relations, published, writer);
            } else {
                slot.verify(control, stored.orElseThrow());
            }
            Slot.warnings(control).forEach(warning -> LOG.warn("source {}: {}", definition.name(), warning));
            try (LogReader reader = reader(SourceServer.reached(control))) {
                new Stream(
                                definition,
                                control,
                                reader,
                                writer,
                                relations,
                                published,
                                largeRows,
                                reread,
                                slot,
                                cluster,
                                listener)
                        .run(stopping);
            }
        }
    }

    /** Another process is at work. */
    public static final class Standby extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Standby(SourceName source) {
            super("standby: another hub captures source " + source + "; this one takes over when it ends");
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

    /** Of the tables, those that are as they were when their rows were read last; the stream finds the others. */
    private Map<TableName, Long> forms(Connection control, Optional<Position> stored) throws SQLException {
        Map<TableName, Long> now = TableForms.read(control, definition, definition.tables());
        now.values().retainAll(new HashSet<>(stored.map(Position::getForms).orElse(List.of())));
        return now;
    }

    /** Everything as of the moment in which the slot is created; what an earlier attempt left in Kafka is replaced. */
    private void snapshot(Connection control, Relations relations, PublishedTables published, EpochWriter writer)
            throws SQLException {
        published.forms().clear();
        slot.publish(control);
        slot.dropLeftOver(control);
        List<String> running = Slot.running(control);
        if (!running.isEmpty()) {
            LOG.info("source {}: the snapshot waits for {}", definition.name(), running);
            listener.waits("the snapshot waits for " + String.join("; ", running));
        }
        try (Snapshot snapshot = Snapshot.createSlot(server, definition.slot())) {
            LOG.info("source {}: snapshot at {}", definition.name(), snapshot.position());
            writer.begin(0, TransactionKind.SNAPSHOT, snapshot.position());
            CapturedTables.read(snapshot.connection(), definition).values().forEach(relations::renew);
            TableCopy copy = new TableCopy(definition, relations.registry(), largeRows, writer);
            for (TableName table : definition.tables()) {
                long rows = copy.write(snapshot, relations.encoder(table), (of, lane, key) -> false);
                listener.heard();
                listener.snapshot(table, rows);
            }
            published.forms().putAll(TableForms.read(snapshot.connection(), definition, definition.tables()));
            writer.commit(snapshot.position(), Instant.now());
            writer.publish();
        }
    }
}
