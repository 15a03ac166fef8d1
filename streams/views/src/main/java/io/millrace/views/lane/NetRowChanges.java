package io.millrace.views.lane;

import io.millrace.schemas.TableName;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Operation;
import io.millrace.schemas.avro.SourceTransaction;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** The net effect of some transactions, or fragments of them, by row. */
final class NetRowChanges {
    private final RowStore rows;
    private final Map<Bytes, Net> net = new LinkedHashMap<>();

    /** @param row null if it is not there afterwards */
    record Net(TableName table, byte @Nullable [] row) {}

    NetRowChanges(RowStore rows, List<SourceTransaction> step) {
        this.rows = rows;
        for (SourceTransaction transaction : step) {
            for (Change change : transaction.getChanges()) {
                add(change);
            }
        }
    }

    private void add(Change change) {
        TableName table = TableName.parse(change.getTable());
        if (change.getOp() == Operation.TRUNCATE) {
            truncate(table);
            return;
        }
        Bytes key = rows.key(table, change.getKey());
        // Also of an insert there may be a row: of a table that had the name before, or a partition that was truncated
        // unlogged.
        ByteBuffer row = change.getRow();
        net.put(key, new Net(table, row == null ? null : bytes(row)));
    }

    private void truncate(TableName table) {
        net.replaceAll((key, change) -> change.table.equals(table) ? new Net(table, null) : change);
        rows.forEachKey(table, key -> net.putIfAbsent(key, new Net(table, null)));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    Map<Bytes, Net> net() {
        return net;
    }
}
