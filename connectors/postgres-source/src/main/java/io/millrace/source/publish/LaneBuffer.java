package io.millrace.source.publish;

import io.millrace.schemas.Lane;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.avro.TransactionKind;
import io.millrace.source.SourceDefinition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one lane gets of the open epoch and has not been sent yet. */
final class LaneBuffer {
    /** Of changes in a part; a part with one change more must still be below the limit of a record. */
    private static final int PART_BYTES = 1024 * 1024;

    private static final int CHANGE_OVERHEAD = 48;

    private final Lane lane;
    private List<SourceTransaction> transactions = new ArrayList<>();
    private List<Change> changes = new ArrayList<>();
    private long xid;
    private TransactionKind kind = TransactionKind.COMMIT;
    private boolean touched;
    private int bytes;
    private int part;

    LaneBuffer(Lane lane) {
        this.lane = lane;
    }

    void begin(long transaction, TransactionKind transactionKind) {
        xid = transaction;
        kind = transactionKind;
        // Of a snapshot every lane has to know: what it has no row of, is gone.
        touched = kind == TransactionKind.SNAPSHOT;
    }

    void add(Change change) {
        changes.add(change);
        touched = true;
        bytes += CHANGE_OVERHEAD
                + change.getKey().remaining()
                + (change.getRow() == null ? 0 : change.getRow().remaining());
    }

    boolean full() {
        return bytes >= PART_BYTES;
    }

    boolean empty() {
        return transactions.isEmpty() && changes.isEmpty();
    }

    /** Ends the open transaction; a lane without changes of it does not see it, unless it is a snapshot. */
    void commit(Lsn end, Instant committedAt, @Nullable String actor) {
        if (touched) {
            transactions.add(new SourceTransaction(xid, end.value(), committedAt, actor, kind, true, changes));
            changes = new ArrayList<>();
            touched = false;
        }
    }

    /** What is here, as a part of an epoch that goes on; its open transaction goes on too. */
    Epoch part(SourceDefinition definition, long epoch, Instant time) {
        if (!changes.isEmpty()) {
            transactions.add(new SourceTransaction(xid, 0L, time, null, kind, false, changes));
            changes = new ArrayList<>();
        }
        return take(definition, epoch, false, Lsn.ZERO, time);
    }

    Epoch lastPart(SourceDefinition definition, long epoch, Lsn reached, Instant newest) {
        Epoch last = take(definition, epoch, true, reached, newest);
        part = 0;
        return last;
    }

    void clear() {
        transactions = new ArrayList<>();
        changes = new ArrayList<>();
        touched = false;
        bytes = 0;
        part = 0;
    }

    private Epoch take(SourceDefinition definition, long epoch, boolean last, Lsn reached, Instant time) {
        Epoch record = new Epoch(
                definition.name().toString(), lane.index(), epoch, part++, last, reached.value(), time, transactions);
        transactions = new ArrayList<>();
        bytes = 0;
        return record;
    }
}
