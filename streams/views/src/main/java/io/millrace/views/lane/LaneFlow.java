package io.millrace.views.lane;

import io.millrace.schemas.Lane;
import io.millrace.schemas.TableName;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.row.RowDecoder;
import io.millrace.schemas.row.UnreadableRow;
import io.millrace.views.engine.Dataflow;
import io.millrace.views.engine.ViewChanges;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operators of a lane's views, built from its rows and then moved by transactions, which move the rows too. Not thread-safe. */
final class LaneFlow {
    private static final Logger LOG = LoggerFactory.getLogger(LaneFlow.class);
    private static final int BUILD_STEP_ROWS = 10_000;
    private static final long LOG_NANOS = 5_000_000_000L;

    private final Lane lane;
    private final RowStore rows;
    private final LaneStatus status;
    private final Dataflow dataflow;
    private final Map<TableName, RowDecoder> decoders = new HashMap<>();
    private final Optional<SourceTransactionRows> sourceTransactions;
    private long told = System.nanoTime();

    /** @param initial takes what the views are, change by change */
    LaneFlow(LaneViews views, Lane lane, RowStore rows, LaneStatus status, Consumer<List<ViewChanges>> initial) {
        this.lane = lane;
        this.rows = rows;
        this.status = status;
        this.dataflow = new Dataflow(views.plans());
        this.sourceTransactions = SourceTransactionRows.of(views.plans(), rows, views.registry());
        dataflow.tables()
                .forEach((table, columns) -> decoders.put(table, RowDecoder.ofTypes(views.registry(), columns)));
        build(initial);
    }

    private void build(Consumer<List<ViewChanges>> initial) {
        long started = System.nanoTime();
        initial.accept(dataflow.initial());
        long[] count = {0};
        long about = rows.about();
        tellBuilding(0, about);
        rows.forEach((table, row) -> {
            if (decoders.containsKey(table)) {
                dataflow.change(table, null, read(table, row, 1));
                if (++count[0] % BUILD_STEP_ROWS == 0) {
                    initial.accept(dataflow.step());
                    tellBuilding(count[0], about);
                }
            }
        });
        initial.accept(dataflow.step());
        LOG.info(
                "lane {}: {} rows and groups in memory, built from {} rows in {} ms",
                lane,
                dataflow.stateSize(),
                count[0],
                (System.nanoTime() - started) / 1_000_000);
    }

    private void tellBuilding(long done, long about) {
        String what = "lane " + lane + ": building the views, " + done + " of about " + about + " rows";
        long now = System.nanoTime();
        if (status.waits(lane, what) && now - told > LOG_NANOS) {
            LOG.info("views: {}", what);
            told = now;
        }
    }

    /** Rows and groups in memory by {@link io.millrace.views.plan.Node#id}. */
    Map<String, Long> sizes() {
        return dataflow.stateSizes();
    }

    /** Applies transactions, or fragments of them, to the rows and to the views. */
    List<ViewChanges> step(List<SourceTransaction> transactions) {
        Map<Bytes, NetRowChanges.Net> all = new LinkedHashMap<>(new NetRowChanges(rows, transactions).net());
        sourceTransactions.ifPresent(derived -> all.putAll(derived.derive(transactions)));
        Map<Bytes, byte @Nullable []> written = new LinkedHashMap<>();
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
        return dataflow.step();
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
}
