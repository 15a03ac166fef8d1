package io.millrace.views.topology;

import io.millrace.schemas.Lane;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.ViewName;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.Operation;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.avro.TransactionKind;
import io.millrace.schemas.row.Clock;
import io.millrace.schemas.row.RowDecoder;
import io.millrace.schemas.row.SourceTransactions;
import io.millrace.schemas.row.UnreadableRow;
import io.millrace.schemas.trace.Trace;
import io.millrace.views.engine.Dataflow;
import io.millrace.views.engine.ViewChanges;
import io.millrace.views.plan.ViewPlan;
import io.opentelemetry.api.trace.Span;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maintains all views of one lane. One feed record is one step: net the changes, read the old rows, push deltas through
 * the operators, write the new rows, forward one batch; so every commit that Kafka Streams chooses falls between epochs.
 */
final class LaneProcessor implements Processor<byte[], byte[], byte[], Outgoing> {
    private static final Logger LOG = LoggerFactory.getLogger(LaneProcessor.class);
    private static final String CONTROL = " control";
    private static final int REBUILD_STEP_ROWS = 10_000;
    private static final long SIZES_NANOS = 1_000_000_000L;
    private static final long REBUILD_LOG_NANOS = 5_000_000_000L;

    private final ViewsTopology.Config config;
    private final Topic<byte[], Epoch> feed;
    private final Deserializer<Epoch> epochs;

    // Made anew by init, which may run again on the same object.
    private @Nullable Work work;

    private final LaneStatus status;

    /** @param status where the lanes tell of themselves */
    LaneProcessor(ViewsTopology.Config config, LaneStatus status) {
        this.config = config;
        this.status = status;
        this.feed = new Topics(config.registry()).transactions(config.source());
        this.epochs = feed.values().deserializer();
    }

    @Override
    public void init(ProcessorContext<byte[], Outgoing> context) {
        work = new Work(context);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Epoch epoch = Objects.requireNonNull(epochs.deserialize(feed.name(), record.value()));
        Objects.requireNonNull(work).process(epoch, record);
    }

    /** All of a view that was never published: its rows, and what is kept out of it. */
    private static final class Content {
        private final Map<List<@Nullable Object>, @Nullable Object[]> rows = new LinkedHashMap<>();
        private final Map<List<String>, ViewChanges.FailedRow> failures = new LinkedHashMap<>();
        private long excluded;

        void add(ViewChanges changes) {
            changes.deletes().forEach(row -> rows.remove(NetViewChanges.key(changes.view(), row)));
            changes.upserts().forEach(row -> rows.put(NetViewChanges.key(changes.view(), row), row));
            for (ViewChanges.FailedRow failure : changes.failures()) {
                List<String> of = List.of(failure.operator(), failure.subject(), failure.reason());
                if (failure.open()) {
                    failures.put(of, failure);
                } else {
                    failures.remove(of);
                }
            }
            if (!changes.failures().isEmpty()) {
                excluded = changes.excludedRows();
            }
        }

        ViewChanges all(ViewPlan view) {
            List<@Nullable Object[]> upserts = new ArrayList<>();
            rows.values().forEach(row -> upserts.add(row));
            return new ViewChanges(view, upserts, List.of(), excluded, List.copyOf(failures.values()));
        }
    }

    private final class Work {
        private final ProcessorContext<byte[], Outgoing> context;
        private final Lane lane;
        private final RowStore rows;
        private final KeyValueStore<Bytes, byte[]> parts;
        private final KeyValueStore<String, String> published;
        private final Dataflow dataflow = new Dataflow(config.views());
        private final Map<TableName, RowDecoder> decoders = new HashMap<>();
        private final BatchWriter writer;
        private final ViolationWriter violations;
        private final LaneProgress progress;
        private final Optional<SourceTransactionRows> sourceTransactions;
        private long told = System.nanoTime();

        /** Of the epoch at work. */
        private List<Header> traceHeaders = List.of();

        /** All rows of the views that were never published, until the first epoch publishes them. */
        private @Nullable Map<ViewPlan, Content> unpublished;

        Work(ProcessorContext<byte[], Outgoing> context) {
            this.context = context;
            this.lane = new Lane(context.taskId().partition());
            this.rows = new RowStore(context.getStateStore(ViewsTopology.ROWS));
            this.parts = context.getStateStore(ViewsTopology.PARTS);
            this.published = context.getStateStore(ViewsTopology.PUBLISHED);
            this.sourceTransactions = SourceTransactionRows.of(config.views(), rows, config.registry());
            this.progress = new LaneProgress(feed.name(), lane, context.getStateStore(ViewsTopology.APPLIED), status);
            dataflow.tables()
                    .forEach((table, columns) -> decoders.put(table, RowDecoder.ofTypes(config.registry(), columns)));
            this.writer = new BatchWriter(config.source(), lane, config.views(), config.registry(), this::forward);
            this.violations =
                    new ViolationWriter(config.source(), lane, config.controlPlans(), config.registry(), this::forward);
            rebuild();
        }

        private void forward(byte @Nullable [] key, Outgoing outgoing) {
            context.forward(
                    new Record<>(key, outgoing, context.currentSystemTimeMs(), new RecordHeaders(traceHeaders)));
        }

        private void rebuild() {
            long started = System.nanoTime();
            Map<ViewPlan, Content> news = new LinkedHashMap<>();
            for (ViewPlan view : config.views()) {
                if (!mark(view).equals(published.get(view.name().toString()))) {
                    news.put(view, new Content());
                }
            }
            collect(news, dataflow.initial());
            long[] count = {0};
            long about = rows.about();
            tellRebuilding(0, about);
            rows.forEach((table, row) -> {
                if (decoders.containsKey(table)) {
                    dataflow.change(table, null, read(table, row, 1));
                    if (++count[0] % REBUILD_STEP_ROWS == 0) {
                        collect(news, dataflow.step());
                        tellRebuilding(count[0], about);
                    }
                }
            });
            collect(news, dataflow.step());
            status.sizes(lane, dataflow.stateSizes());
            status.goesOn(lane);
            unpublished = news.isEmpty() && removed().isEmpty() ? null : news;
            LOG.info(
                    "lane {}: {} rows and groups in memory, rebuilt from {} rows in {} ms; {} views to publish",
                    lane,
                    dataflow.stateSize(),
                    count[0],
                    (System.nanoTime() - started) / 1_000_000,
                    news.size());
        }

        /** What the store of published views says of it. */
        private String mark(ViewPlan view) {
            return config.controls().contains(view.name()) ? view.generation() + CONTROL : view.generation();
        }

        private void tellRebuilding(long done, long about) {
            String what = "lane " + lane + ": building the views, " + done + " of about " + about + " rows";
            long now = System.nanoTime();
            if (status.waits(lane, what) && now - told > REBUILD_LOG_NANOS) {
                LOG.info("views: {}", what);
                told = now;
            }
        }

        private static void collect(Map<ViewPlan, Content> news, List<ViewChanges> changes) {
            for (ViewChanges of : changes) {
                Content content = news.get(of.view());
                if (content != null) {
                    content.add(of);
                }
            }
        }

        void process(Epoch epoch, Record<byte[], byte[]> record) {
            if (!progress.continues(epoch)) {
                return;
            }
            Span span = Trace.next("views", record.headers());
            traceHeaders = Trace.headers(span);
            if (span.isRecording()) {
                span.setAttribute("millrace.lane", lane.index()).setAttribute("millrace.epoch", epoch.getEpoch());
            }
            try {
                take(epoch, record.value());
            } finally {
                span.end();
            }
        }

        private void take(Epoch epoch, byte[] record) {
            if (!epoch.getLastPart()) {
                if (epoch.getPart() == 0) {
                    // An interrupted snapshot is taken again: its first attempt counts for nothing.
                    dropParts();
                }
                parts.put(partKey(epoch.getPart()), record);
                return;
            }
            boolean snapshot = LaneProgress.snapshot(epoch);
            if (snapshot && progress.begun()) {
                forgetRows(epoch);
            }
            if (epoch.getPart() > 0) {
                applyEarlierParts(epoch);
            }
            if (snapshot || epoch.getPart() > 0) {
                // Also those of an attempt that had more parts.
                dropParts();
            }
            apply(epoch, epoch);
            publishNewViews(epoch);
            progress.applied(epoch);
            writer.send(epoch, true);
            tellSizes();
        }

        private void tellSizes() {
            long now = System.nanoTime();
            if (now - told > SIZES_NANOS) {
                status.sizes(lane, dataflow.stateSizes());
                told = now;
            }
        }

        /** A snapshot replaces what was before: it may follow on epochs that were lost. */
        private void forgetRows(Epoch epoch) {
            List<Change> truncations = rows.tables().stream()
                    // No snapshot can bring these back: they come from the log.
                    .filter(table -> !table.equals(SourceTransactions.TABLE) && !table.equals(Clock.TABLE))
                    .map(table -> new Change(table.toString(), Operation.TRUNCATE, ByteBuffer.allocate(0), null))
                    .toList();
            SourceTransaction everything = new SourceTransaction(
                    0L,
                    epoch.getCommitLsn(),
                    epoch.getCommittedAt(),
                    null,
                    TransactionKind.SNAPSHOT,
                    false,
                    truncations);
            Epoch before =
                    Epoch.newBuilder(epoch).setTransactions(List.of(everything)).build();
            apply(before, epoch);
            writer.send(epoch, false);
        }

        private void applyEarlierParts(Epoch epoch) {
            try (KeyValueIterator<Bytes, byte[]> earlier = parts.all()) {
                while (earlier.hasNext()) {
                    Epoch part = Objects.requireNonNull(epochs.deserialize(feed.name(), earlier.next().value));
                    apply(part, epoch);
                    writer.send(epoch, false);
                }
            }
        }

        private void dropParts() {
            List<Bytes> keys = new ArrayList<>();
            try (KeyValueIterator<Bytes, byte[]> all = parts.all()) {
                while (all.hasNext()) {
                    keys.add(all.next().key);
                }
            }
            keys.forEach(parts::delete);
        }

        private static Bytes partKey(int part) {
            return Bytes.wrap(ByteBuffer.allocate(Integer.BYTES).putInt(part).array());
        }

        /** Of a lane with controls, each transaction is a step: a control sees every state that the source had. */
        private void apply(Epoch part, Epoch epoch) {
            List<SourceTransaction> all = part.getTransactions();
            if (all.size() == 1 || !violations.hasControls()) {
                step(all).forEach(of -> writer.add(epoch, of));
                return;
            }
            NetViewChanges net = new NetViewChanges();
            all.forEach(transaction -> step(List.of(transaction)).forEach(net::add));
            net.all().forEach(of -> writer.add(epoch, of));
        }

        /** Returns the changes of the views that are published. */
        private List<ViewChanges> step(List<SourceTransaction> transactions) {
            NetRowChanges changes = new NetRowChanges(rows, transactions);
            Map<Bytes, byte @Nullable []> written = new LinkedHashMap<>();
            Map<Bytes, NetRowChanges.Net> all = new LinkedHashMap<>(changes.net());
            sourceTransactions.ifPresent(derived -> all.putAll(derived.derive(transactions)));
            all.forEach((key, net) -> {
                byte[] before = rows.get(key);
                byte[] after = net.row();
                if (Arrays.equals(before, after)) {
                    return;
                }
                written.put(key, after);
                if (decoders.containsKey(net.table())) {
                    dataflow.change(net.table(), read(net.table(), before, -1), read(net.table(), after, 1));
                }
            });
            rows.putAll(written);
            writer.addTransactions(changes.transactions());
            List<ViewChanges> viewChanges = dataflow.step();
            if (unpublished != null) {
                collect(unpublished, viewChanges);
            }
            List<ViewChanges> toPublish = viewChanges.stream()
                    .filter(of -> unpublished == null || !unpublished.containsKey(of.view()))
                    .toList();
            toPublish.forEach(violations::add);
            if (!transactions.isEmpty() && transactions.getLast().getLastFragment()) {
                violations.send(transactions.getLast());
            }
            return toPublish;
        }

        /** Null also for a row that cannot be read as what the views expect: they are without it, and say so. */
        private @Nullable Object @Nullable [] read(TableName table, byte @Nullable [] row, int weight) {
            if (row == null) {
                return null;
            }
            try {
                return Objects.requireNonNull(decoders.get(table)).decode(row);
            } catch (UnreadableRow unreadable) {
                dataflow.unreadable(table, unreadable, weight);
                return null;
            }
        }

        private void publishNewViews(Epoch epoch) {
            if (unpublished == null) {
                return;
            }
            unpublished.forEach((view, content) -> {
                ViewChanges rows = content.all(view);
                if (published.get(view.name().toString()) == null) {
                    writer.addAll(epoch, rows);
                    violations.add(rows);
                } else {
                    writer.heal(view.name(), config.topics(), rows.failures());
                    Set<Bytes> before = config.topics().keys(view.name(), lane);
                    writer.replace(epoch, rows, before);
                    violations.add(rows);
                    if (config.controls().contains(view.name())) {
                        violations.takeBack(view.name(), before);
                    }
                }
                published.put(view.name().toString(), mark(view));
            });
            removed().forEach(view -> {
                writer.heal(view, config.topics(), List.of());
                Set<Bytes> before = config.topics().keys(view, lane);
                writer.remove(view, before);
                if (Objects.requireNonNullElse(published.get(view.toString()), "")
                        .endsWith(CONTROL)) {
                    violations.takeBack(view, before);
                }
                published.delete(view.toString());
                LOG.info("lane {}: view {} is not in the catalog any more, and is taken back", lane, view);
            });
            violations.send(epoch);
            unpublished = null;
        }

        private List<ViewName> removed() {
            List<ViewName> removed = new ArrayList<>();
            try (KeyValueIterator<String, String> all = published.all()) {
                while (all.hasNext()) {
                    ViewName view = new ViewName(all.next().key);
                    if (config.views().stream().noneMatch(plan -> plan.name().equals(view))) {
                        removed.add(view);
                    }
                }
            }
            return removed;
        }
    }
}
