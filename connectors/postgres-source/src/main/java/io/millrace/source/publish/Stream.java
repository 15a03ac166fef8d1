package io.millrace.source.publish;

import io.millrace.schemas.Lsn;
import io.millrace.schemas.TableName;
import io.millrace.schemas.avro.CapturePhase;
import io.millrace.schemas.avro.Position;
import io.millrace.schemas.avro.TransactionKind;
import io.millrace.schemas.row.Clock;
import io.millrace.source.SourceDefinition;
import io.millrace.source.reader.LogEvent;
import io.millrace.source.reader.LogReader;
import io.millrace.source.server.Slot;
import io.millrace.source.server.SourceFailures;
import io.millrace.source.server.TableForms;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From the log into epochs. Not thread-safe. */
final class Stream {
    private static final Logger LOG = LoggerFactory.getLogger(Stream.class);

    /** How long an epoch waits for more transactions. */
    private static final Duration EPOCH = Duration.ofMillis(8);

    private static final int EPOCH_CHANGES = 20_000;
    private static final Duration IDLE_POLL = Duration.ofMillis(100);
    private static final Duration GUARD_INTERVAL = Duration.ofSeconds(5);
    private static final Duration FORMS_INTERVAL = Duration.ofSeconds(1);
    private static final Duration OPEN_LIMIT = Duration.ofSeconds(20);
    private static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(10);

    private final SourceDefinition definition;
    private final Connection control;
    private final LogReader reader;
    private final EpochWriter writer;
    private final Relations relations;
    private final LargeRows largeRows;
    private final Reread reread;
    private final Slot slot;
    private final Slot.Cluster cluster;
    private final SourceSession.Listener listener;

    /** What is at or below it was published before this session. */
    private final Lsn begin;

    private boolean replayed = true;
    private final PublishedTables published;
    private boolean streaming;
    private long transactions;
    private long opened;
    private Instant lastGuard = Instant.now();
    private Instant lastForms = Instant.EPOCH;
    private Instant lastHeartbeat = Instant.EPOCH;
    private @Nullable Lsn awaited;
    private @Nullable LocalDate ticked;

    /** Where the log ended when tables were found that are to be read again. */
    private @Nullable Lsn nearMark;

    Stream(
            SourceDefinition definition,
            Connection control,
            LogReader reader,
            EpochWriter writer,
            Relations relations,
            PublishedTables published,
            LargeRows largeRows,
            Reread reread,
            Slot slot,
            Slot.Cluster cluster,
            SourceSession.Listener listener) {
        this.definition = definition;
        this.control = control;
        this.reader = reader;
        this.writer = writer;
        this.relations = relations;
        this.largeRows = largeRows;
        this.reread = reread;
        this.slot = slot;
        this.cluster = cluster;
        this.listener = listener;
        this.begin = writer.reached();
        this.published = published;
    }

    /** Returns when it is to stop. */
    void run(BooleanSupplier stopping) throws InterruptedException, SQLException {
        published.identify(control, definition.tables());
        while (!stopping.getAsBoolean()) {
            Instant now = Instant.now();
            beat(now);
            if (Duration.between(lastGuard, now).compareTo(GUARD_INTERVAL) >= 0) {
                guard(now);
                lastGuard = now;
            }
            if (Duration.between(lastForms, now).compareTo(FORMS_INTERVAL) >= 0 || relations.takeChanged()) {
                tick();
                lookAtForms();
                lastForms = now;
            }
            List<LogEvent> events = reader.poll(writer.open() ? EPOCH : IDLE_POLL);
            if (!events.isEmpty()) {
                listener.heard();
            }
            for (LogEvent event : events) {
                take(event);
            }
            if (writer.open() && !writer.inTransaction() && System.nanoTime() - opened >= EPOCH.toNanos()) {
                publish();
                lastHeartbeat = now;
            }
            if (!streaming && awaited != null && !writer.open() && !awaited.isAfter(writer.reached())) {
                streaming = true;
                listener.streaming();
            }
        }
    }

    private void beat(Instant now) throws SQLException {
        if (Duration.between(lastHeartbeat, now).compareTo(HEARTBEAT_INTERVAL) >= 0) {
            Lsn emitted = heartbeat();
            awaited = awaited == null ? emitted : awaited;
            lastHeartbeat = now;
        }
    }

    /** By the source's clock, whichever host the hub runs on. */
    private void tick() throws SQLException {
        try (Statement statement = control.createStatement();
                ResultSet row = statement.executeQuery("SELECT (now() AT TIME ZONE 'UTC')::date")) {
            row.next();
            LocalDate today = row.getObject(1, LocalDate.class);
            if (ticked == null || today.isAfter(ticked)) {
                emit(Clock.PREFIX, today.toString());
                ticked = today;
            }
        }
    }

    private void guard(Instant now) throws SQLException {
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
                        List.of(),
                        now));
    }

    /** What the log does not tell of, the catalog does. */
    private void lookAtForms() throws SQLException {
        Set<TableName> changed = new LinkedHashSet<>();
        TableForms.read(control, definition, definition.tables()).forEach((table, form) -> {
            if (!form.equals(published.forms().get(table))) {
                changed.add(table);
            }
        });
        if (!reread.tables().containsAll(changed)) {
            LOG.warn(
                    "source {}: {} changed in a way that the log does not tell of, and is read again",
                    definition.name(),
                    changed);
            reread.request(changed);
        }
        if (reread.wanted() && nearTheLogsEnd()) {
            try {
                if (reread.open()) {
                    // The stream comes to the snapshot's position soon, even if the source is idle.
                    heartbeat();
                }
            } catch (SQLException failed) {
                if (!SourceFailures.locked(failed)) {
                    throw failed;
                }
                LOG.info("source {}: {} is being altered; it is read later", definition.name(), reread.tables());
            }
        }
    }

    /**
     * Whether the stream will be at a snapshot's position in a moment: while a snapshot is open, nobody can alter its tables. One that
     * was waited for too long is closed.
     */
    private boolean nearTheLogsEnd() throws SQLException {
        Lsn mark = nearMark;
        if (mark != null && !mark.isAfter(writer.reached())) {
            if (reread.isOpenFor(OPEN_LIMIT)) {
                reread.close();
                nearMark = heartbeat();
                return false;
            }
            return true;
        }
        if (mark == null) {
            nearMark = heartbeat();
        }
        return false;
    }

    private void take(LogEvent event) throws SQLException {
        if (!writer.open()) {
            opened = System.nanoTime();
        }
        if (replayed && event instanceof LogEvent.Commit commit) {
            // The server sends again what it was not told to forget.
            if (!commit.end().isAfter(begin)) {
                writer.abort();
                return;
            }
            replayed = false;
        }
        write(event);
        transactions += event instanceof LogEvent.Commit ? 1 : 0;
        if (writer.inTransaction()) {
            return;
        }
        if (writer.open() && writer.changes() >= EPOCH_CHANGES) {
            publish();
            opened = System.nanoTime();
        }
        Reread.Ready ready = reread.ready(writer.reached());
        if (ready != null) {
            read(ready);
        }
    }

    private void write(LogEvent event) {
        switch (event) {
            case LogEvent.Begin begun ->
                writer.begin(
                        begun.xid(),
                        TransactionKind.COMMIT,
                        java.util.Objects.requireNonNullElse(begun.commit(), writer.reached()));
            case LogEvent.Actor actor -> writer.actor(actor.name());
            case LogEvent.Clock clock -> writer.tick(clock.today());
            case LogEvent.Insert insert -> writer.insert(insert);
            case LogEvent.Update update -> writer.update(update);
            case LogEvent.Delete delete -> writer.delete(delete);
            case LogEvent.Truncate truncate -> truncate.tables().forEach(table -> writer.truncate(table.name()));
            case LogEvent.Described described -> published.logged(described.table());
            case LogEvent.Commit commit -> writer.commit(commit.end(), commit.committedAt());
            case LogEvent.Reached reached -> {
                if (!writer.inTransaction()) {
                    writer.reached(reached.position(), Instant.now());
                }
            }
        }
    }

    /** The tables as they are at this position: an epoch of its own. */
    private void read(Reread.Ready ready) throws SQLException {
        if (writer.open()) {
            publish();
        }
        published.identify(ready.snapshot().connection(), reread.tables());
        writer.begin(0, TransactionKind.COMMIT, writer.reached());
        TableCopy copy = new TableCopy(definition, relations.registry(), largeRows, writer);
        for (TableName table : reread.tables()) {
            relations.renew(java.util.Objects.requireNonNull(ready.relations().get(table)));
            long rows = copy.write(
                    ready.snapshot(),
                    relations.encoder(table),
                    (of, lane, key) -> reread.isNewer(ready, of, lane, key));
            listener.heard();
            listener.snapshot(table, rows);
        }
        published.forms().putAll(ready.forms());
        writer.commit(writer.reached(), Instant.now());
        publish();
        reread.done();
        nearMark = null;
    }

    private void publish() {
        writer.publish();
        // Only now may the server forget it.
        reader.confirm(writer.reached());
        listener.keptOut(writer.keptOut());
        listener.published(writer.epoch(), writer.reached(), writer.newest(), writer.changes(), transactions);
        transactions = 0;
    }

    /** A transaction without rows: an idle database's slot advances with it, and every lane's position. */
    private Lsn heartbeat() throws SQLException {
        return emit("millrace.heartbeat", "");
    }

    /** A transaction of its own, which comes back in the log. */
    private Lsn emit(String prefix, String content) throws SQLException {
        try (PreparedStatement statement =
                control.prepareStatement("SELECT pg_logical_emit_message(true, ?, ?)::text")) {
            statement.setString(1, prefix);
            statement.setString(2, content);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Lsn.parse(row.getString(1));
            }
        }
    }
}
