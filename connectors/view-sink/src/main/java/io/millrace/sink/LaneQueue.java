package io.millrace.sink;

import io.millrace.schemas.avro.ViewBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Batches of one lane that wait for the other lanes. */
final class LaneQueue {
    private final Deque<Complete> complete = new ArrayDeque<>();
    private List<ViewBatch> parts = new ArrayList<>();
    private long newest;

    /** @param nextOffset of the lane's partition, behind the batch */
    record Complete(List<ViewBatch> parts, long nextOffset) {
        ViewBatch last() {
            return parts.getLast();
        }
    }

    /** @param applied epoch up to which everything is applied */
    LaneQueue(long applied) {
        this.newest = applied;
    }

    void add(ViewBatch part, long offset) {
        if (part.getPart() == 0) {
            parts = new ArrayList<>();
        }
        parts.add(part);
        if (part.getLastPart()) {
            complete.addLast(new Complete(parts, offset + 1));
            newest = part.getEpoch();
            parts = new ArrayList<>();
        }
    }

    /** The newest epoch that is complete in this lane. */
    long newest() {
        return newest;
    }

    /** Takes the batches up to an epoch, oldest first. */
    List<Complete> take(long epoch) {
        List<Complete> taken = new ArrayList<>();
        while (!complete.isEmpty() && complete.getFirst().last().getEpoch() <= epoch) {
            taken.add(complete.removeFirst());
        }
        return taken;
    }
}
