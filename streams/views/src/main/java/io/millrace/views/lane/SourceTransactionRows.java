package io.millrace.views.lane;

import io.millrace.schemas.TableName;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Operation;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Clock;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.RowDecoder;
import io.millrace.schemas.row.RowEncoder;
import io.millrace.schemas.row.SourceTransactions;
import io.millrace.views.plan.Expression;
import io.millrace.views.plan.Node;
import io.millrace.views.plan.ViewPlan;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Derives the rows of relation {@code source_transaction} from the feed. Only what a view's filter lets through is kept, so a
 * view that is new or changed sees the transactions from then on. Not thread-safe.
 */
final class SourceTransactionRows {
    private final RelationSchema relation;
    private final RowStore rows;
    private final RowEncoder keys;
    private final RowEncoder values;
    private final RowDecoder all;
    private final RowDecoder today;
    private final @Nullable RowDecoder lane;
    private final List<Wanted> wanted;

    /** Of the transaction at work, whose fragments come one after the other. */
    private final Map<Counted, long[]> counts = new LinkedHashMap<>();

    /**
     * What one scan of a view wants.
     *
     * @param columns positions of the scan's columns in the relation
     * @param filter of rows of these columns; null for every row
     */
    private record Wanted(int[] columns, @Nullable Expression filter) {
        static Wanted of(Node.Scan scan, Node.@Nullable Filter above) {
            int[] columns = scan.columns().stream()
                    .mapToInt(column -> scan.relation().indexOf(column.name()))
                    .toArray();
            return new Wanted(columns, above == null ? null : above.condition());
        }

        /** A row on which the filter fails is kept: the view shall say so. */
        boolean has(@Nullable Object[] all) {
            if (filter == null) {
                return true;
            }
            @Nullable Object[] row = new @Nullable Object[columns.length];
            for (int i = 0; i < row.length; i++) {
                row[i] = all[columns[i]];
            }
            try {
                return Boolean.TRUE.equals(filter.evaluate(row));
            } catch (RuntimeException failing) {
                return true;
            }
        }
    }

    private record Counted(TableName table, @Nullable Object lane) {}

    private SourceTransactionRows(
            RelationSchema relation, List<Wanted> wanted, RowStore rows, SchemaRegistry registry) {
        this.relation = relation;
        this.wanted = wanted;
        this.rows = rows;
        String subject = SourceTransactions.TABLE.toString();
        this.keys = new RowEncoder(
                registry.register(subject + "-key", relation.keySchema()),
                relation.key().stream()
                        .map(name -> relation.columns().get(relation.indexOf(name)))
                        .toList());
        this.values = new RowEncoder(registry.register(subject + "-value", relation.valueSchema()), relation.columns());
        this.all = new RowDecoder(
                registry,
                relation.columns().stream().map(column -> column.name()).toList());
        this.today = new RowDecoder(registry, List.of("today"));
        String laneColumn = relation.laneColumn();
        this.lane = laneColumn == null ? null : new RowDecoder(registry, List.of(laneColumn));
    }

    /** Empty if no view reads the relation. */
    static Optional<SourceTransactionRows> of(List<ViewPlan> views, RowStore rows, SchemaRegistry registry) {
        List<RelationSchema> relation = new ArrayList<>();
        List<Wanted> wanted = new ArrayList<>();
        views.forEach(view -> collect(view.root(), null, relation, wanted));
        return wanted.isEmpty()
                ? Optional.empty()
                : Optional.of(new SourceTransactionRows(relation.getFirst(), wanted, rows, registry));
    }

    private static void collect(
            Node node, Node.@Nullable Filter above, List<RelationSchema> relation, List<Wanted> wanted) {
        switch (node) {
            case Node.Scan scan -> {
                if (scan.relation().name().equals(SourceTransactions.TABLE)) {
                    relation.add(scan.relation());
                    wanted.add(Wanted.of(scan, above));
                }
            }
            case Node.Filter filter -> collect(filter.input(), filter, relation, wanted);
            case Node.Project project -> collect(project.input(), null, relation, wanted);
            case Node.Aggregate aggregate -> collect(aggregate.input(), null, relation, wanted);
            case Node.Join join -> {
                collect(join.left(), null, relation, wanted);
                collect(join.right(), null, relation, wanted);
            }
            case Node.UnionAll union -> union.inputs().forEach(input -> collect(input, null, relation, wanted));
        }
    }

    /** The rows that come and go with these transactions, before they are applied to the row store. */
    Map<Bytes, NetRowChanges.Net> derive(List<SourceTransaction> transactions) {
        Map<Bytes, NetRowChanges.Net> derived = new LinkedHashMap<>();
        for (SourceTransaction transaction : transactions) {
            if (!SourceTransactions.isOne(transaction)) {
                continue;
            }
            for (Change change : transaction.getChanges()) {
                if (change.getTable().equals(Clock.TABLE.toString())) {
                    expire(change, derived);
                } else {
                    count(change);
                }
            }
            if (transaction.getLastFragment()) {
                complete(transaction, derived);
            }
        }
        return derived;
    }

    private void count(Change change) {
        TableName table = TableName.parse(change.getTable());
        if (change.getOp() == Operation.TRUNCATE) {
            rows.forEachKey(table, key -> {
                byte[] row = rows.get(key);
                if (row != null) {
                    count(table, row, 2);
                }
            });
            return;
        }
        int operation = switch (change.getOp()) {
            case INSERT, READ -> 0;
            case UPDATE -> 1;
            case DELETE, TRUNCATE -> 2;
        };
        count(table, bytes(change.getKey()), operation);
    }

    private void count(TableName table, byte[] framed, int operation) {
        Object value = lane == null ? null : lane.decode(framed)[0];
        if (lane == null || value != null) {
            counts.computeIfAbsent(new Counted(table, value), unseen -> new long[3])[operation]++;
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private void complete(SourceTransaction transaction, Map<Bytes, NetRowChanges.Net> derived) {
        counts.forEach((of, count) -> {
            List<@Nullable Object> row = new ArrayList<>();
            if (lane != null) {
                row.add(of.lane);
            }
            Collections.addAll(
                    row,
                    transaction.getCommitLsn(),
                    of.table.toString(),
                    transaction.getXid(),
                    transaction.getCommittedAt(),
                    transaction.getActor(),
                    count[0],
                    count[1],
                    count[2]);
            @Nullable Object[] values = row.toArray();
            if (wanted.stream().anyMatch(each -> each.has(values))) {
                byte[] key = keys.encode(values, relation.keyIndexes());
                derived.put(
                        rows.key(SourceTransactions.TABLE, ByteBuffer.wrap(key)),
                        new NetRowChanges.Net(SourceTransactions.TABLE, this.values.encode(values)));
            }
        });
        counts.clear();
    }

    private void expire(Change clock, Map<Bytes, NetRowChanges.Net> derived) {
        if (clock.getRow() == null || !(today.decode(bytes(clock.getRow()))[0] instanceof LocalDate date)) {
            return;
        }
        Instant oldest = date.minusDays(SourceTransactions.KEPT_DAYS)
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
        int committedAt = relation.indexOf("committed_at");
        Map<Bytes, byte[]> kept = new HashMap<>();
        rows.forEachKey(SourceTransactions.TABLE, key -> {
            byte[] row = rows.get(key);
            if (row != null) {
                kept.put(key, row);
            }
        });
        kept.forEach((key, row) -> {
            if (all.decode(row)[committedAt] instanceof Instant at && at.isBefore(oldest)) {
                derived.put(key, new NetRowChanges.Net(SourceTransactions.TABLE, null));
            }
        });
    }
}
