package io.millrace.views.lane;

import io.millrace.schemas.Lane;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.TransactionKind;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Up to which epoch a lane is applied. The feed's numbers have no gap; where one is seen, Kafka has removed epochs that were
 * not applied, and only a snapshot, which replaces everything, may follow.
 */
final class LaneProgress {
    private static final Logger LOG = LoggerFactory.getLogger(LaneProgress.class);
    private static final String KEY = "epoch";

    private final String feed;
    private final Lane lane;
    private final KeyValueStore<String, Long> store;

    private final LaneStatus status;

    LaneProgress(String feed, Lane lane, KeyValueStore<String, Long> store, LaneStatus status) {
        this.feed = feed;
        this.lane = lane;
        this.store = store;
        this.status = status;
        status.goesOn(lane);
    }

    /** Whether the record is to be applied. */
    boolean continues(Epoch epoch) {
        long last = last();
        if (epoch.getEpoch() <= last) {
            // Read again, since Kafka forgot how far the engine had come: it is in the state already.
            return false;
        }
        if (epoch.getEpoch() == last + 1 || snapshot(epoch)) {
            return true;
        }
        String what = "epochs " + (last + 1) + " to " + (epoch.getEpoch() - 1) + " of lane " + lane
                + " are not in topic " + feed
                + " any more, and were not applied; remedy: 'millrace snapshot', then start the hub again";
        if (status.waits(lane, what)) {
            LOG.error("views: {}", what);
        }
        return false;
    }

    /** The epoch that was applied last; 0 before the first one. */
    long last() {
        Long last = store.get(KEY);
        return last == null ? 0 : last;
    }

    /** An epoch that is not whole: it is not applied. */
    void partsAreMissing(Epoch epoch) {
        String what = "of epoch " + epoch.getEpoch() + " of lane " + lane + " not all " + epoch.getPart()
                + " parts before the last one are in topic " + feed
                + "; remedy: 'millrace snapshot', then start the hub again";
        if (status.waits(lane, what)) {
            LOG.error("views: {}", what);
        }
    }

    /** Whether anything was applied before. */
    boolean begun() {
        return store.get(KEY) != null;
    }

    void applied(Epoch epoch) {
        store.put(KEY, epoch.getEpoch());
        status.goesOn(lane);
    }

    /** Whether a record belongs to a snapshot. */
    static boolean snapshot(Epoch epoch) {
        return epoch.getTransactions().stream()
                .anyMatch(transaction -> transaction.getKind() == TransactionKind.SNAPSHOT);
    }
}
