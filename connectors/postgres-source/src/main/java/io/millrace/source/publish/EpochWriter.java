package io.millrace.source.publish;

import io.millrace.platform.trace.Trace;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.CapturePhase;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.Operation;
import io.millrace.schemas.avro.Position;
import io.millrace.schemas.avro.TransactionKind;
import io.millrace.schemas.row.Clock;
import io.millrace.schemas.row.RowDecoder;
import io.millrace.source.SourceDefinition;
import io.millrace.source.reader.LogEvent;
import io.millrace.source.server.Slot;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes epochs. An epoch is open from its first event to {@link #publish}, within one Kafka transaction; a failure in
 * between leaves nothing of it for readers of committed data. Not thread-safe.
 */
final class EpochWriter {
    private static final AttributeKey<Long> XID = AttributeKey.longKey("millrace.xid");
    private static final AttributeKey<String> LSN = AttributeKey.stringKey("millrace.lsn");
    private static final Logger LOG = LoggerFactory.getLogger(EpochWriter.class);
    private static final ByteBuffer NO_KEY = ByteBuffer.allocate(0);

    private final SourceDefinition definition;
    private final Slot.Cluster cluster;
    private final Producer<byte[], byte[]> producer;
    private final Relations relations;
    private final LargeRows largeRows;
    private final io.millrace.schemas.registry.SchemaRegistry registry;
    private final List<LaneBuffer> lanes = new ArrayList<>();
    private final Map<TableName, String> rowTopics = new HashMap<>();
    private final HeldRows held = new HeldRows();
    private final Topic<byte[], Epoch> feed;
    private final Topic<String, Position> positions;
    private final Serializer<Epoch> epochs;
    private final Serializer<Position> positionValues;

    private final Duration transactionLimit;
    private long epoch;
    private boolean open;

    /** When the Kafka transaction was, in nanoseconds. */
    private long begun;

    private boolean inTransaction;
    private long xid;
    private final Actors actors = new Actors();
    private final TableEncoder clock;
    private long changes;
    private Lsn reached;
    private Instant newest = Instant.EPOCH;
    private boolean streaming;
    private long transactions;

    private final PublishedTables published;
    private final Reread reread;
    private final Quarantine quarantine;

    /** Of the transaction that is open. */
    private Lsn committing = Lsn.ZERO;

    /** Of the open epoch, from its first commit on. */
    private Span span = Span.getInvalid();

    EpochWriter(
            SourceDefinition definition,
            Slot.Cluster cluster,
            Producer<byte[], byte[]> producer,
            Relations relations,
            PublishedTables published,
            LargeRows largeRows,
            io.millrace.schemas.registry.SchemaRegistry registry,
            Reread reread,
            Quarantine quarantine,
            Duration transactionLimit,
            long lastEpoch,
            Lsn reached) {
        this.definition = definition;
        this.cluster = cluster;
        this.producer = producer;
        this.relations = relations;
        this.published = published;
        this.largeRows = largeRows;
        this.registry = registry;
        this.reread = reread;
        this.quarantine = quarantine;
        this.transactionLimit = transactionLimit;
        this.epoch = lastEpoch;
        this.reached = reached;
        Topics topics = new Topics(registry);
        this.feed = topics.transactions(definition.name());
        this.positions = topics.position(definition.name());
        this.epochs = feed.values().serializer();
        this.positionValues = positions.values().serializer();
        for (Lane lane : definition.allLanes()) {
            lanes.add(new LaneBuffer(lane));
        }
        String subject = "cdc." + definition.name() + ".clock";
        this.clock = new TableEncoder(
                definition,
                Clock.RELATION,
                registry.register(subject + "-key", Clock.RELATION.keySchema()),
                registry.register(subject + "-value", Clock.RELATION.valueSchema()));
    }

    /** Whether a source transaction is open: the epoch cannot be published now. */
    boolean inTransaction() {
        return inTransaction;
    }

    /** Whether there is something to publish. */
    boolean open() {
        return open;
    }

    /** Changes in the open epoch, of all lanes. */
    long changes() {
        return changes;
    }

    /** How many rows could not be published. */
    int keptOut() {
        return quarantine.size();
    }

    long epoch() {
        return epoch;
    }

    /** Everything committed at or below it is published or in the open epoch. */
    Lsn reached() {
        return reached;
    }

    Instant newest() {
        return newest;
    }

    /**
     * @param transaction its id in the source; 0 where rows are read instead
     * @param commit its position, as far as it is known already
     */
    void begin(long transaction, TransactionKind kind, Lsn commit) {
        openEpoch();
        committing = commit;
        reread.seen(transaction);
        inTransaction = true;
        streaming = kind != TransactionKind.SNAPSHOT;
        xid = transaction;
        actors.begin();
        lanes.forEach(lane -> lane.begin(transaction, kind));
    }

    void actor(String name) {
        actors.told(name);
    }

    void insert(LogEvent.Insert insert) {
        TableEncoder encoder = relations.encoder(insert.table());
        actors.row(encoder.actor(insert.row()));
        write(Operation.INSERT, encoder, insert.row());
    }

    void update(LogEvent.Update update) {
        TableEncoder encoder = relations.encoder(update.table());
        @Nullable Object[] before = update.before();
        @Nullable Object[] row = update.row();
        if (before != null) {
            TableEncoder.fill(row, before);
        }
        actors.row(encoder.actor(row));
        Lane lane = encoder.lane(row);
        byte[] key = encoder.key(row);
        Lane oldLane = before == null ? lane : encoder.lane(before);
        byte[] oldKey = before == null ? key : encoder.key(before);
        // What the update left alone is known under the old key.
        boolean whole = fillUnchanged(encoder, oldLane, oldKey, row);
        boolean moved = !Arrays.equals(oldKey, key);
        if (moved) {
            delete(encoder, oldLane, oldKey);
        }
        if (whole) {
            write(moved ? Operation.INSERT : Operation.UPDATE, encoder, row);
        } else if (!quarantine.isTooLarge(encoder.relation().name(), oldKey)) {
            // The row came to be without the log telling, so it is not the only one.
            reread.incomplete(encoder.relation().name(), lane, key, xid);
        }
    }

    void delete(LogEvent.Delete delete) {
        TableEncoder encoder = relations.encoder(delete.table());
        delete(encoder, encoder.lane(delete.row()), encoder.key(delete.row()));
    }

    /** @param row of all columns of the encoder's relation, none of them absent */
    void write(Operation operation, TableEncoder encoder, @Nullable Object[] row) {
        TableName table = encoder.relation().name();
        Lane lane = encoder.lane(row);
        byte[] key = encoder.key(row);
        TableEncoder.Encoded encoded = encoder.row(row);
        byte[] value = encoded.bytes();
        if (value == null) {
            reject(operation, encoder, lane, row, key, encoded.problem());
            return;
        }
        healed(quarantine.accept(table, key));
        largeRows.upserted(table, lane, key, value, encoder.large(row));
        add(table, lane, encoder.broadcast(), operation, key, value);
    }

    /** A row that cannot be published must not hold up the others: it is not there until it can be. */
    private void reject(
            Operation operation, TableEncoder encoder, Lane lane, @Nullable Object[] row, byte[] key, String problem) {
        TableName table = encoder.relation().name();
        LOG.warn(
                "source {}: row {} of {} is kept out, and dead-lettered: {}",
                definition.name(),
                encoder.keyText(row),
                table,
                problem);
        if (operation != Operation.INSERT) {
            gone(encoder, lane, key);
        }
        send(quarantine.reject(table, lane, key, table + " " + encoder.keyText(row), committing, problem));
    }

    private void healed(@Nullable ProducerRecord<byte[], byte[]> letter) {
        if (letter != null) {
            send(letter);
        }
    }

    /** The clock's row, to every lane; it has no topic of its own. */
    void tick(LocalDate today) {
        @Nullable Object[] row = {today};
        Change gone = new Change(Clock.TABLE.toString(), Operation.TRUNCATE, NO_KEY, null);
        Change now = new Change(
                Clock.TABLE.toString(),
                Operation.INSERT,
                ByteBuffer.wrap(clock.key(row)),
                ByteBuffer.wrap(Objects.requireNonNull(clock.row(row).bytes())));
        for (LaneBuffer buffer : lanes) {
            buffer.add(gone);
            buffer.add(now);
        }
    }

    private void add(
            TableName table, Lane lane, boolean broadcast, Operation operation, byte[] key, byte @Nullable [] value) {
        reread.changed(table, lane, key, xid);
        hold(table, lane, operation, key, value);
        Change change = new Change(
                table.toString(), operation, ByteBuffer.wrap(key), value == null ? null : ByteBuffer.wrap(value));
        for (LaneBuffer buffer : broadcast ? lanes : List.of(lanes.get(lane.index()))) {
            buffer.add(change);
            if (buffer.full()) {
                send(buffer.part(definition, epoch, newest));
            }
        }
        changes++;
    }

    /** Removes a row that is known by its key only. */
    void delete(TableEncoder encoder, Lane lane, byte[] key) {
        healed(quarantine.accept(encoder.relation().name(), key));
        gone(encoder, lane, key);
    }

    private void gone(TableEncoder encoder, Lane lane, byte[] key) {
        largeRows.deleted(encoder.relation().name(), lane, key);
        add(encoder.relation().name(), lane, encoder.broadcast(), Operation.DELETE, key, null);
    }

    /** Removes from the row topic a record whose key has an older schema: the row itself is there under the present one, or deleted. */
    void forget(TableEncoder encoder, Lane lane, byte[] oldKey) {
        hold(encoder.relation().name(), lane, Operation.DELETE, oldKey, null);
    }

    private boolean fillUnchanged(TableEncoder encoder, Lane lane, byte[] key, @Nullable Object[] row) {
        if (!TableEncoder.hasAbsent(row)) {
            return true;
        }
        byte[] before = largeRows.find(encoder, lane, key);
        if (before == null) {
            return false;
        }
        List<String> names = encoder.relation().columns().stream()
                .map(column -> column.name())
                .toList();
        @Nullable Object[] old = new RowDecoder(registry, names).decode(before);
        for (int i = 0; i < row.length; i++) {
            if (row[i] instanceof LogEvent.Absent) {
                row[i] = old[i];
            }
        }
        return true;
    }

    void truncate(TableName table) {
        TableEncoder encoder = relations.encoder(table);
        reread.truncated(table);
        Change change = new Change(table.toString(), Operation.TRUNCATE, NO_KEY, null);
        for (LaneBuffer buffer : lanes) {
            buffer.add(change);
        }
        changes++;
        for (Lane lane : encoder.broadcast() ? List.of(new Lane(0)) : definition.allLanes()) {
            for (byte[] key : largeRows.keys(table, lane)) {
                hold(table, lane, Operation.TRUNCATE, key, null);
                largeRows.deleted(table, lane, key);
            }
        }
    }

    private void hold(TableName table, Lane lane, Operation operation, byte[] key, byte @Nullable [] value) {
        String topic = rowTopics.computeIfAbsent(table, unseen -> Topics.rowsName(definition.name(), table));
        held.add(topic, lane, operation, key, value);
        if (held.full()) {
            releaseUnfinished();
        }
    }

    /** Of a transaction that goes on. */
    private void releaseUnfinished() {
        held.release(xid, null, null, actors.actor(), span, this::send);
    }

    void commit(Lsn end, Instant committedAt) {
        if (transactions++ == 0 && streaming) {
            span = Trace.begin("capture", committedAt);
            span.setAttribute("millrace.source", definition.name().toString()).setAttribute("millrace.epoch", epoch);
        }
        if (span.isRecording()) {
            span.addEvent("commit", Attributes.of(XID, xid, LSN, end.toString()), committedAt);
        }
        held.release(xid, end, committedAt, actors.actor(), span, this::send);
        lanes.forEach(lane -> lane.commit(end, committedAt, actors.actor()));
        inTransaction = false;
        newest = committedAt;
        reached = end;
    }

    /** The log has come to this position without a change. */
    void reached(Lsn position, Instant now) {
        openEpoch();
        if (position.isAfter(reached)) {
            reached = position;
        }
        newest = now;
    }

    /** Forgets the open epoch, which was published before. */
    void abort() {
        producer.abortTransaction();
        lanes.forEach(LaneBuffer::clear);
        held.clear();
        largeRows.abort();
        quarantine.abort();
        inTransaction = false;
        span.setStatus(StatusCode.ERROR, "aborted: it is read again").end();
        open = false;
        epoch--;
    }

    private void openEpoch() {
        if (!open) {
            producer.beginTransaction();
            begun = System.nanoTime();
            open = true;
            epoch++;
            changes = 0;
            transactions = 0;
            span = Span.getInvalid();
        }
    }

    /** Sends what is buffered of an epoch that goes on, and commits the Kafka transaction: for a snapshot. */
    void publishUnfinished() {
        releaseUnfinished();
        for (LaneBuffer lane : lanes) {
            if (!lane.empty()) {
                send(lane.part(definition, epoch, newest));
            }
        }
        // Not this epoch: an interrupted snapshot is taken again under the same number.
        send(position(epoch - 1, streaming ? CapturePhase.STREAMING : CapturePhase.SNAPSHOT));
        commit();
        producer.beginTransaction();
        begun = System.nanoTime();
        largeRows.publish();
        quarantine.publish();
    }

    /** Completes the epoch: it is in Kafka, as a whole, when this returns. */
    void publish() {
        if (inTransaction) {
            throw new IllegalStateException("a source transaction is open");
        }
        for (LaneBuffer lane : lanes) {
            send(lane.lastPart(definition, epoch, reached, newest));
        }
        send(position(epoch, CapturePhase.STREAMING));
        commit();
        largeRows.publish();
        quarantine.publish();
        open = false;
        span.setAttribute("millrace.transactions", transactions)
                .setAttribute("millrace.changes", changes)
                .end();
    }

    private void commit() {
        try {
            producer.commitTransaction();
        } catch (KafkaException failed) {
            throw described(failed);
        }
    }

    /** Brokers abort a transaction that is open for too long, and then refuse it as they refuse one that was taken over. */
    private RuntimeException described(KafkaException failed) {
        Duration open = Duration.ofNanos(System.nanoTime() - begun);
        if (open.compareTo(transactionLimit) < 0) {
            return failed;
        }
        for (Throwable cause = reason(failed); cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException
                    || cause instanceof InvalidProducerEpochException
                    || cause instanceof InvalidTxnStateException
                    || cause instanceof TransactionAbortableException) {
                return new EpochTooLong(open, transactionLimit, failed);
            }
        }
        return failed;
    }

    /** Where a record waited in vain for room, the producer may have failed before, and sends nothing any more. */
    private KafkaException reason(KafkaException failed) {
        if (failed instanceof TimeoutException) {
            try {
                producer.beginTransaction();
            } catch (KafkaException before) {
                return before;
            } catch (IllegalStateException wellSoFar) {
                return failed;
            }
        }
        return failed;
    }

    private void send(Epoch part) {
        Lane lane = new Lane(part.getLane());
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(feed.name(), lane.index(), null, epochs.serialize(feed.name(), part));
        Trace.headers(span).forEach(record.headers()::add);
        send(record);
    }

    private ProducerRecord<byte[], byte[]> position(long complete, CapturePhase phase) {
        Position position = new Position(
                definition.name().toString(),
                reached.value(),
                complete,
                cluster.systemIdentifier(),
                cluster.timeline(),
                definition.slot(),
                phase,
                definition.lanes(),
                List.copyOf(published.forms().values()),
                Instant.now());
        return new ProducerRecord<>(
                positions.name(),
                0,
                definition.name().toString().getBytes(StandardCharsets.UTF_8),
                positionValues.serialize(positions.name(), position));
    }

    /** A record that fails makes the commit fail: nothing to do with the future. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void send(ProducerRecord<byte[], byte[]> record) {
        try {
            producer.send(record);
        } catch (KafkaException failed) {
            throw described(failed);
        }
    }
}
