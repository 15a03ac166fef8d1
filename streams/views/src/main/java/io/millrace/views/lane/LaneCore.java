package io.millrace.views.lane;

import io.millrace.schemas.Lane;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.ViewName;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.Operation;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.avro.TransactionKind;
import io.millrace.schemas.row.Clock;
import io.millrace.schemas.row.SourceTransactions;
import io.millrace.streams.Outgoing;
import io.millrace.views.engine.ViewChanges;
import io.millrace.views.plan.ViewPlan;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maintains all views of one lane. An epoch's last part is one step: net the changes, read the old rows, push deltas through the
 * operators, write the new rows, give out one batch. The stores and what is given out belong together: after a failure both are as
 * they were before the record, and a new core begins there. Not thread-safe.
 */
public final class LaneCore {
    private static final Logger LOG = LoggerFactory.getLogger(LaneCore.class);
    private static final long SIZES_NANOS = 1_000_000_000L;

    private final LaneViews views;
    private final Lane lane;
    private final RowStore rows;
    private final EpochParts parts;
    private final Publications publications;
    private final PublishedRecords records;
    private final BatchWriter writer;
    private final ViolationWriter violations;
    private final LaneProgress progress;
    private final LaneStatus status;
    private LaneFlow flow;
    private long told = System.nanoTime();

    /** All of the views of which not that is published which is to be, until the next epoch publishes it. */
    private Map<ViewName, ViewContent> unpublished = Map.of();

    /** Views that the next epoch takes back. */
    private List<ViewName> removed = List.of();

    /**
     * @param records of the lane, as they are in the topics
     * @param status where the lane tells of itself
     * @param out takes keys and records
     */
    public LaneCore(
            LaneViews views,
            Lane lane,
            LaneStores stores,
            PublishedRecords records,
            LaneStatus status,
            BiConsumer<byte @Nullable [], Outgoing> out) {
        this.views = views;
        this.lane = lane;
        this.records = records;
        this.status = status;
        Topic<byte[], Epoch> feed = new Topics(views.registry()).transactions(views.source());
        this.rows = new RowStore(stores.rows());
        Deserializer<Epoch> epochs = feed.values().deserializer();
        this.parts =
                new EpochParts(stores.parts(), part -> Objects.requireNonNull(epochs.deserialize(feed.name(), part)));
        this.publications = new Publications(views, stores.published());
        publications.takeVersions();
        this.progress = new LaneProgress(feed.name(), lane, stores.applied(), status);
        this.writer = new BatchWriter(views, lane, progress.last(), out);
        this.violations = new ViolationWriter(views.source(), lane, views.controlPlans(), views.registry(), out);
        this.flow = rebuild();
    }

    /** From the rows, and takes down all of those views that are to be published. */
    private LaneFlow rebuild() {
        Map<ViewName, ViewContent> news = new LinkedHashMap<>();
        publications.outdated().forEach(view -> news.put(view.name(), new ViewContent(view)));
        unpublished = news;
        removed = publications.removed();
        LaneFlow built = new LaneFlow(views, lane, rows, status, changes -> collect(news, changes));
        status.sizes(lane, built.sizes());
        status.goesOn(lane);
        return built;
    }

    private static void collect(Map<ViewName, ViewContent> contents, List<ViewChanges> changes) {
        for (ViewChanges of : changes) {
            ViewContent content = contents.get(of.view().name());
            if (content != null) {
                content.add(of);
            }
        }
    }

    /** Whether the record is to be processed: it is not if it was before, or if what comes before it is missing. */
    public boolean takes(Epoch epoch) {
        return progress.continues(epoch);
    }

    /** @param record the epoch, or its part, as it is in the feed */
    public void process(Epoch epoch, byte[] record) {
        if (!epoch.getLastPart()) {
            parts.keep(epoch, record);
            return;
        }
        if (epoch.getPart() > 0 && !parts.precede(epoch)) {
            progress.partsAreMissing(epoch);
            return;
        }
        if (publications.takeVersions()) {
            flow = rebuild();
        }
        boolean snapshot = LaneProgress.snapshot(epoch);
        if (snapshot && progress.begun()) {
            forgetRows(epoch);
        }
        if (epoch.getPart() > 0) {
            parts.forEach(part -> {
                apply(part, epoch);
                writer.send(epoch, false);
            });
        }
        if (snapshot || epoch.getPart() > 0) {
            // Also those of an attempt that had more parts.
            parts.drop();
        }
        apply(epoch, epoch);
        publish(epoch);
        writer.send(epoch, true);
        progress.applied(epoch);
        tellSizes();
    }

    private void tellSizes() {
        long now = System.nanoTime();
        if (now - told > SIZES_NANOS) {
            status.sizes(lane, flow.sizes());
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
                0L, epoch.getCommitLsn(), epoch.getCommittedAt(), null, TransactionKind.SNAPSHOT, false, truncations);
        Epoch before =
                Epoch.newBuilder(epoch).setTransactions(List.of(everything)).build();
        apply(before, epoch);
        writer.send(epoch, false);
    }

    /** Of a lane with controls, each transaction is a step: a control sees every state that the source had. */
    private void apply(Epoch part, Epoch epoch) {
        List<SourceTransaction> all = part.getTransactions();
        if (all.size() == 1 || !violations.hasControls()) {
            step(all).forEach(of -> add(epoch, of));
            return;
        }
        NetViewChanges net = new NetViewChanges();
        all.forEach(transaction -> step(List.of(transaction)).forEach(net::add));
        net.all().forEach(of -> add(epoch, of));
    }

    private void add(Epoch epoch, ViewChanges changes) {
        writer.add(
                epoch,
                changes,
                publications.of(changes.view().name()).orElseThrow().version());
    }

    /** Returns the changes of the views that are published. */
    private List<ViewChanges> step(List<SourceTransaction> transactions) {
        List<ViewChanges> changes = flow.step(transactions);
        writer.addTransactions(
                transactions.stream().filter(SourceTransaction::getLastFragment).count());
        collect(unpublished, changes);
        changes.stream()
                .filter(of -> unpublished.isEmpty() || !publications.violationsAreOutdated(of.view()))
                .forEach(violations::add);
        if (!transactions.isEmpty() && transactions.getLast().getLastFragment()) {
            violations.send(transactions.getLast());
        }
        return unpublished.isEmpty()
                ? changes
                : changes.stream()
                        .filter(of -> !publications.rowsAreOutdated(of.view()))
                        .toList();
    }

    private void publish(Epoch epoch) {
        if (unpublished.isEmpty() && removed.isEmpty()) {
            return;
        }
        unpublished.values().forEach(content -> publish(epoch, content));
        unpublished = Map.of();
        removed.forEach(view -> remove(epoch, view));
        removed = List.of();
        violations.send(epoch);
    }

    private void publish(Epoch epoch, ViewContent content) {
        ViewPlan view = content.view();
        ViewChanges rows = content.all();
        Publications.Publication wanted = publications.wanted(view);
        Publications.Publication before = publications.of(view.name()).orElse(null);
        Set<Bytes> keys = before == null ? Set.of() : keys(view.name());
        if (publications.rowsAreOutdated(view)) {
            if (before != null) {
                writer.heal(view.name(), records, rows.failures());
            }
            writer.replace(epoch, rows, wanted.version(), keys);
            LOG.info(
                    "lane {}: view {} is published as a whole, {} rows",
                    lane,
                    view.name(),
                    rows.upserts().size());
        }
        if (publications.violationsAreOutdated(view)) {
            violations.add(rows);
            if (before != null && before.control()) {
                violations.takeBack(view.name(), keys);
            }
        }
        publications.put(view.name(), wanted);
    }

    private void remove(Epoch epoch, ViewName view) {
        Publications.Publication before = publications.of(view).orElseThrow();
        Set<Bytes> keys = keys(view);
        writer.heal(view, records, List.of());
        writer.remove(epoch, view, keys);
        if (before.control()) {
            violations.takeBack(view, keys);
        }
        publications.remove(view);
        LOG.info("lane {}: view {} is not in the catalog any more, and is taken back", lane, view);
    }

    private Set<Bytes> keys(ViewName view) {
        return records.keys(Topics.viewName(view), lane);
    }
}
