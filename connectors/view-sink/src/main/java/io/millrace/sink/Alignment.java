package io.millrace.sink;

import io.millrace.schemas.avro.ViewBatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Of the batches of all lanes, what can be applied together: it ends at an epoch that every lane has reached, and at which every view
 * is of one edition in all lanes. A view that is published again, by each lane for itself, is replaced as a whole. Not thread-safe.
 */
final class Alignment {
    private static final long NOWHERE = Long.MIN_VALUE;

    private final List<LaneHistory> lanes;
    private final Map<String, Edition> applied;
    private final Set<String> dropped = new HashSet<>();

    /** Whether something was found missing since this was last asked for. */
    private boolean newlyMissing;

    /** The batches among it. */
    private final Set<String> gaps = new TreeSet<>();

    /**
     * What is to be asked for.
     *
     * @param views of which rows are missing
     * @param gaps which batches are missing: there may have been views in them of which nothing is known here
     */
    record Missing(Set<String> views, Set<String> gaps) {}

    /**
     * What can be applied.
     *
     * @param last batch of it, of any lane
     * @param nextOffsets by lane, behind it; null where the lane has none of it
     */
    record Step(long epoch, ViewBatch last, List<@Nullable Long> nextOffsets, FoldedViews views) {}

    /**
     * @param epoch up to which everything is applied
     * @param applied editions of the views that are
     */
    Alignment(int lanes, long epoch, Map<String, Edition> applied) {
        this.applied = new HashMap<>(applied);
        this.lanes = IntStream.range(0, lanes)
                .mapToObj(lane -> new LaneHistory(lane, epoch, this.applied))
                .toList();
        this.newlyMissing = applied.containsValue(Edition.MISSED);
    }

    void add(ViewBatch part, long offset, int size) {
        LaneHistory lane = lanes.get(part.getLane());
        if (lane.add(part, offset, size)) {
            newlyMissing = true;
            if (!lane.gap().isEmpty()) {
                gaps.add(lane.gap());
            }
        }
    }

    @Nullable Step next() {
        long common = consistent(newest());
        if (lanes.stream().noneMatch(lane -> lane.hasUpTo(common))) {
            return null;
        }
        FoldedViews folded = new FoldedViews();
        dropped.forEach(folded::remove);
        List<@Nullable Long> nextOffsets = new ArrayList<>();
        ViewBatch last = null;
        for (LaneHistory lane : lanes) {
            Long next = null;
            for (LaneHistory.Complete batch : lane.upTo(common)) {
                batch.parts().forEach(part -> folded.add(part, view -> lane.at(view, common)));
                next = batch.nextOffset();
                last = batch.last();
            }
            nextOffsets.add(next);
        }
        return new Step(common, java.util.Objects.requireNonNull(last), nextOffsets, folded);
    }

    /** The step is applied. */
    void applied(Step step) {
        Map<String, Edition> now = new HashMap<>();
        unsettled().forEach(view -> now.put(view, lanes.getFirst().at(view, step.epoch)));
        now.forEach((view, edition) -> {
            if (edition.equals(Edition.REMOVED)) {
                applied.remove(view);
            } else {
                applied.put(view, edition);
            }
        });
        dropped.clear();
        lanes.forEach(lane -> lane.applied(step.epoch));
    }

    /** A view that is missed, and that nobody publishes any more: it goes with the next step. */
    void drop(String view) {
        applied.remove(view);
        lanes.forEach(lane -> lane.forget(view));
        dropped.add(view);
    }

    /** The edition of a view that is applied; null if none is. */
    @Nullable Edition appliedOf(String view) {
        return applied.get(view);
    }

    private long newest() {
        return lanes.stream().mapToLong(LaneHistory::newest).min().orElseThrow();
    }

    /** Views whose edition is not the applied one everywhere and all the time: of the others nothing has to be known. */
    private Set<String> unsettled() {
        boolean lost = lanes.stream().anyMatch(lane -> !lane.gap().isEmpty());
        Set<String> views = new TreeSet<>();
        applied.forEach((view, edition) -> {
            if (lost || edition.equals(Edition.MISSED)) {
                views.add(view);
            }
        });
        lanes.forEach(lane -> views.addAll(lane.changing()));
        return views;
    }

    /** The largest epoch up to another one at which every view is of one edition in all lanes. */
    private long consistent(long limit) {
        Set<String> unsettled = unsettled();
        long epoch = limit;
        long before;
        do {
            before = epoch;
            for (String view : unsettled) {
                epoch = consistent(view, epoch);
            }
        } while (epoch < before);
        return epoch;
    }

    private long consistent(String view, long limit) {
        long epoch = limit;
        while (epoch != NOWHERE) {
            long at = epoch;
            Set<Edition> editions = new HashSet<>();
            lanes.forEach(lane -> editions.add(lane.at(view, at)));
            if (editions.size() == 1 && !editions.contains(Edition.MISSED)) {
                return epoch;
            }
            epoch = lanes.stream()
                    .map(lane -> lane.changed(view, at))
                    .filter(java.util.Objects::nonNull)
                    .max(Comparator.naturalOrder())
                    .map(changed -> changed - 1)
                    .orElse(NOWHERE);
        }
        return epoch;
    }

    /** Views that not every lane has published as a whole: what comes after it cannot be applied. */
    List<String> waiting() {
        return unsettled().stream()
                .filter(view -> {
                    Set<Edition> newest = newest(view);
                    return newest.size() > 1 || newest.contains(Edition.MISSED);
                })
                .toList();
    }

    private Set<Edition> newest(String view) {
        return lanes.stream().map(lane -> lane.at(view, Long.MAX_VALUE)).collect(Collectors.toSet());
    }

    /** What no lane will publish unless it is asked to; null if there is nothing new since this was last asked. */
    @Nullable Missing takeMissing() {
        if (!newlyMissing) {
            return null;
        }
        Set<String> views = unsettled().stream()
                .filter(view -> newest(view).contains(Edition.MISSED))
                .collect(Collectors.toCollection(TreeSet::new));
        Missing missing = new Missing(views, Set.copyOf(gaps));
        newlyMissing = false;
        gaps.clear();
        return views.isEmpty() && missing.gaps.isEmpty() ? null : missing;
    }

    /**
     * Whether the rows of a view have to be asked for.
     *
     * @param defined the edition that there is to be
     */
    boolean lacks(Missing missing, String view, Edition defined) {
        return missing.views.contains(view)
                || !missing.gaps.isEmpty() && !newest(view).equals(Set.of(defined));
    }

    /** Which batches are missing. */
    List<String> gaps() {
        return lanes.stream()
                .map(LaneHistory::gap)
                .filter(gap -> !gap.isEmpty())
                .toList();
    }

    /** Lanes of which more is held than this, and that are ahead of another lane. */
    Set<Integer> tooFarAhead(long bytes) {
        Set<Integer> ahead = new TreeSet<>();
        for (int lane = 0; lane < lanes.size(); lane++) {
            if (lanes.get(lane).bytes() > bytes && lanes.get(lane).newest() > newest()) {
                ahead.add(lane);
            }
        }
        return ahead;
    }
}
