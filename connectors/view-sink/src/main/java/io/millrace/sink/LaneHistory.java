package io.millrace.sink;

import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewChanges;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was read of one lane and is not applied yet: its batches, and which edition of each view they bring. Batches follow on each
 * other; where one is missing, all views are missed until the lane publishes them as a whole. Not thread-safe.
 */
final class LaneHistory {
    private static final long NOT_TOLD = -1;

    private final int lane;

    /** Of the views that are applied. */
    private final Map<String, Edition> applied;

    private final Deque<Complete> complete = new ArrayDeque<>();

    /** By view, what happened to its edition, oldest first. */
    private final Map<String, List<Change>> changes = new HashMap<>();

    private List<ViewBatch> parts = new ArrayList<>();
    private long bytes;
    private long partBytes;
    private long newest;
    private String gap = "";

    /** @param nextOffset of the lane's partition, behind the batch */
    record Complete(List<ViewBatch> parts, long nextOffset, long bytes) {
        ViewBatch last() {
            return parts.getLast();
        }

        long epoch() {
            return last().getEpoch();
        }
    }

    private record Change(long epoch, Edition edition) {}

    /**
     * @param epoch up to which everything is applied
     * @param applied editions, which the owner keeps up to date
     */
    LaneHistory(int lane, long epoch, Map<String, Edition> applied) {
        this.lane = lane;
        this.newest = epoch;
        this.applied = applied;
    }

    /** Returns whether something is found to be missing. */
    boolean add(ViewBatch part, long offset, int size) {
        boolean first = part.getPart() == 0;
        boolean lost = false;
        if (first) {
            parts = new ArrayList<>();
            partBytes = 0;
            lost = part.getPrevious() != NOT_TOLD && part.getPrevious() != newest;
        } else if (part.getPart() != parts.size() || parts.getFirst().getEpoch() != part.getEpoch()) {
            lost = !parts.isEmpty() || gap.isEmpty();
            parts = new ArrayList<>();
        }
        if (lost) {
            lose(part);
        }
        if (first || !parts.isEmpty()) {
            parts.add(part);
            partBytes += size;
        }
        boolean missed = false;
        if (part.getLastPart() && !parts.isEmpty()) {
            complete.addLast(new Complete(parts, offset + 1, partBytes));
            bytes += partBytes;
            newest = part.getEpoch();
            for (ViewBatch each : parts) {
                for (ViewChanges views : each.getViews()) {
                    missed |= seen(part.getEpoch(), views);
                }
            }
            parts = new ArrayList<>();
        }
        return lost || missed;
    }

    /** What came before counts for nothing. */
    private void lose(ViewBatch part) {
        gap = "lane " + lane + ": what came after epoch " + newest + " and before "
                + (part.getPart() == 0 ? "" : "part " + part.getPart() + " of ") + "epoch " + part.getEpoch()
                + " is missing";
        complete.clear();
        bytes = 0;
        changes.clear();
    }

    /** Returns whether the view's rows are found to be missing. */
    private boolean seen(long epoch, ViewChanges views) {
        Edition edition = Edition.of(views);
        Edition now = newest(views.getView());
        if (!views.getWhole()) {
            boolean isKnown = applied.containsKey(views.getView()) || changes.containsKey(views.getView());
            if (edition.equals(now) || now.equals(Edition.MISSED) && isKnown) {
                return false;
            }
            change(views.getView(), epoch, Edition.MISSED);
            return true;
        }
        // Of the rows that are there already nobody can tell which are this lane's.
        boolean again = !edition.equals(Edition.REMOVED) && known(views.getView(), edition);
        change(views.getView(), epoch, again ? Edition.MISSED : edition);
        return again;
    }

    private boolean known(String view, Edition edition) {
        return edition.equals(applied.get(view))
                || changes.getOrDefault(view, List.of()).stream().anyMatch(change -> change.edition.equals(edition));
    }

    private void change(String view, long epoch, Edition edition) {
        changes.computeIfAbsent(view, unseen -> new ArrayList<>()).add(new Change(epoch, edition));
    }

    private Edition newest(String view) {
        return at(view, Long.MAX_VALUE);
    }

    /** The edition of a view at an epoch. */
    Edition at(String view, long epoch) {
        Edition edition = gap.isEmpty() ? applied.getOrDefault(view, Edition.REMOVED) : Edition.MISSED;
        for (Change change : changes.getOrDefault(view, List.of())) {
            edition = change.epoch <= epoch ? change.edition : edition;
        }
        return edition;
    }

    /** The last epoch up to another one at which the edition of a view changed; null if there is none. */
    @Nullable Long changed(String view, long limit) {
        Long last = null;
        for (Change change : changes.getOrDefault(view, List.of())) {
            last = change.epoch <= limit ? Long.valueOf(change.epoch) : last;
        }
        return last;
    }

    /** Views whose edition changes. */
    Set<String> changing() {
        return changes.keySet();
    }

    /** The newest epoch that is complete. */
    long newest() {
        return newest;
    }

    boolean hasUpTo(long epoch) {
        return !complete.isEmpty() && complete.getFirst().epoch() <= epoch;
    }

    /** Of the batches that are complete. */
    long bytes() {
        return bytes;
    }

    /** Which batches are missing; empty if none are. */
    String gap() {
        return gap;
    }

    /** The batches up to an epoch, oldest first. */
    List<Complete> upTo(long epoch) {
        return complete.stream().filter(batch -> batch.epoch() <= epoch).toList();
    }

    /** Everything up to an epoch is applied. */
    void applied(long epoch) {
        while (hasUpTo(epoch)) {
            bytes -= complete.removeFirst().bytes();
        }
        gap = "";
        changes.values().forEach(of -> of.removeIf(change -> change.epoch <= epoch));
        changes.values().removeIf(List::isEmpty);
    }

    /** Nothing is known of the view. */
    void forget(String view) {
        changes.remove(view);
    }
}
