package io.millrace.views.lane;

import io.millrace.schemas.DeadRecord;
import io.millrace.schemas.Lane;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.ViewName;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterState;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewRow;
import io.millrace.streams.Outgoing;
import io.millrace.views.engine.ViewChanges;
import io.millrace.views.plan.ViewPlan;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** Turns changes of views into the records of one epoch: view rows, batch parts, dead letters. Not thread-safe. */
final class BatchWriter {
    private static final int PART_BYTES = 1024 * 1024;

    /** Of lengths in the encoding. */
    private static final int ROW_OVERHEAD = 16;

    private final SourceName source;
    private final Lane lane;
    private final Topic<byte[], ViewBatch> updates;
    private final Topic<String, DeadLetter> deadLetters;
    private final Serializer<ViewBatch> batches;
    private final Serializer<DeadLetter> letters;
    private final Map<ViewName, ViewEncoder> encoders = new HashMap<>();
    private final BiConsumer<byte @Nullable [], Outgoing> out;

    private List<io.millrace.schemas.avro.ViewChanges> views = new ArrayList<>();
    private int bytes;
    private int part;
    private long transactions;

    /** Epoch of the batch that was sent last. */
    private long previous;

    /** @param previous epoch of the batch that was sent last; 0 before the first one */
    BatchWriter(LaneViews of, Lane lane, long previous, BiConsumer<byte @Nullable [], Outgoing> out) {
        this.source = of.source();
        this.lane = lane;
        this.previous = previous;
        this.out = out;
        Topics topics = new Topics(of.registry());
        this.updates = topics.viewUpdates();
        this.deadLetters = topics.deadLetters();
        this.batches = updates.values().serializer();
        this.letters = deadLetters.values().serializer();
        of.plans().forEach(plan -> encoders.put(plan.name(), new ViewEncoder(plan, of.registry())));
    }

    void addTransactions(long more) {
        transactions += more;
    }

    /** @param version of the rows that the view had before */
    void add(Epoch epoch, ViewChanges changes, long version) {
        add(epoch, changes, version, false);
    }

    private void add(Epoch epoch, ViewChanges changes, long version, boolean all) {
        ViewPlan view = changes.view();
        ViewEncoder encoder = Objects.requireNonNull(encoders.get(view.name()));
        String topic = Topics.viewName(view.name());
        Rows rows = new Rows(epoch, view, version, all);
        for (@Nullable Object[] row : changes.upserts()) {
            byte[] key = encoder.key(row);
            byte[] value = encoder.row(row);
            out.accept(key, new Outgoing(topic, lane, value));
            rows.upserts.add(new ViewRow(ByteBuffer.wrap(key), ByteBuffer.wrap(value)));
            rows.added(key.length + value.length);
        }
        for (@Nullable Object[] row : changes.deletes()) {
            byte[] key = encoder.key(row);
            out.accept(key, new Outgoing(topic, lane, null));
            rows.deletes.add(ByteBuffer.wrap(key));
            rows.added(key.length);
        }
        rows.end(all || !changes.failures().isEmpty() ? changes.excludedRows() : null);
        changes.failures().forEach(failure -> send(epoch, view, failure));
    }

    /** Of one view, in the part that is being filled. */
    private final class Rows {
        private final Epoch epoch;
        private final ViewPlan view;
        private final long version;

        /** What was published before goes; told once, before the first row. */
        private boolean whole;

        private List<ViewRow> upserts = new ArrayList<>();
        private List<ByteBuffer> deletes = new ArrayList<>();

        Rows(Epoch epoch, ViewPlan view, long version, boolean whole) {
            this.epoch = epoch;
            this.view = view;
            this.version = version;
            this.whole = whole;
        }

        void added(int size) {
            bytes += size + ROW_OVERHEAD;
            if (bytes > PART_BYTES) {
                end(null);
                send(epoch, false);
            }
        }

        /** @param excluded null if it is as it was */
        void end(@Nullable Long excluded) {
            views.add(new io.millrace.schemas.avro.ViewChanges(
                    view.name().toString(),
                    view.generation(),
                    upserts,
                    deletes,
                    excluded,
                    version,
                    whole,
                    whole ? LaneViews.definition(source, view, version) : null));
            whole = false;
            upserts = new ArrayList<>();
            deletes = new ArrayList<>();
        }
    }

    /**
     * All rows of a view, in the place of those that it published before.
     *
     * @param published keys in the view's topic; none if it was never published
     */
    void replace(Epoch epoch, ViewChanges rows, long version, Set<Bytes> published) {
        ViewEncoder encoder = Objects.requireNonNull(encoders.get(rows.view().name()));
        add(epoch, rows, version, true);
        if (published.isEmpty()) {
            return;
        }
        Set<Bytes> stale = new HashSet<>(published);
        rows.upserts().forEach(row -> stale.remove(Bytes.wrap(encoder.key(row))));
        takeBack(Topics.viewName(rows.view().name()), stale);
    }

    /** A view that is not in the catalog any more. */
    void remove(Epoch epoch, ViewName view, Set<Bytes> published) {
        takeBack(Topics.viewName(view), published);
        views.add(new io.millrace.schemas.avro.ViewChanges(
                view.toString(), "", List.of(), List.of(), null, epoch.getEpoch(), true, null));
    }

    private void takeBack(String topic, Set<Bytes> keys) {
        keys.forEach(key -> out.accept(key.get(), new Outgoing(topic, lane, null)));
    }

    /** Sends what is here; the last part makes the epoch take effect. */
    void send(Epoch epoch, boolean last) {
        ViewBatch batch = new ViewBatch(
                source.toString(),
                lane.index(),
                epoch.getEpoch(),
                epoch.getCommitLsn(),
                epoch.getCommittedAt(),
                last ? transactions : 0,
                part,
                last,
                previous,
                views);
        out.accept(null, new Outgoing(updates.name(), lane, batches.serialize(updates.name(), batch)));
        views = new ArrayList<>();
        bytes = 0;
        part = last ? 0 : part + 1;
        transactions = last ? 0 : transactions;
        previous = last ? epoch.getEpoch() : previous;
    }

    /** Closes those letters of the view, as it was before, that are not written again. */
    void heal(ViewName view, PublishedRecords records, List<ViewChanges.FailedRow> failures) {
        Set<String> open = new HashSet<>();
        failures.forEach(failure -> open.add(id(view, failure)));
        records.values(deadLetters.name(), lane).forEach(value -> {
            DeadLetter letter = deadLetters.readable(value);
            if (letter != null
                    && letter.getOrigin().equals(origin(view))
                    && letter.getSource().equals(source.toString())
                    && letter.getState() == DeadLetterState.OPEN
                    && !open.contains(letter.getId())) {
                send(DeadLetter.newBuilder(letter)
                        .setState(DeadLetterState.HEALED)
                        .setAt(Instant.now())
                        .build());
            }
        });
    }

    private static String origin(ViewName view) {
        return "view:" + view;
    }

    private String id(ViewName view, ViewChanges.FailedRow failure) {
        return UUID.nameUUIDFromBytes((origin(view) + lane + failure.operator() + failure.subject() + failure.reason())
                        .getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    private void send(Epoch epoch, ViewPlan view, ViewChanges.FailedRow failure) {
        send(new DeadLetter(
                id(view.name(), failure),
                origin(view.name()),
                source.toString(),
                lane.index(),
                epoch.getCommitLsn(),
                failure.open() ? DeadLetterState.OPEN : DeadLetterState.HEALED,
                DeadRecord.bounded(failure.subject()),
                DeadRecord.bounded(failure.reason()),
                "correct the row in the ERP, or guard the expression in the view; it resolves by itself",
                null,
                Instant.now()));
    }

    private void send(DeadLetter letter) {
        out.accept(
                letter.getId().getBytes(StandardCharsets.UTF_8),
                new Outgoing(deadLetters.name(), lane, letters.serialize(deadLetters.name(), letter)));
    }
}
