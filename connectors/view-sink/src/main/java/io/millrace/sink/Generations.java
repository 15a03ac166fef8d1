package io.millrace.sink;

import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewChanges;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which generation of each view is in effect, by lane. A changed view is published anew by each lane for itself: what is
 * applied must end where all lanes have the same, so that its table is replaced as a whole.
 */
final class Generations {
    private final int lanes;
    private final Map<String, String> applied = new HashMap<>();

    /** By view, what is waiting: for each lane the epochs at which its generation changes, oldest first. */
    private final Map<String, List<List<Change>>> waiting = new HashMap<>();

    private record Change(long epoch, String generation) {}

    Generations(int lanes) {
        this.lanes = lanes;
    }

    /** What the database has. */
    void put(String view, String generation) {
        applied.put(view, generation);
    }

    @Nullable String applied(String view) {
        return applied.get(view);
    }

    /** A part of a batch has come. */
    void seen(ViewBatch part) {
        for (ViewChanges view : part.getViews()) {
            List<List<Change>> byLane = waiting.get(view.getView());
            if (byLane == null) {
                if (view.getGeneration().equals(applied.get(view.getView()))) {
                    continue;
                }
                byLane = new ArrayList<>();
                for (int lane = 0; lane < lanes; lane++) {
                    byLane.add(new ArrayList<>());
                }
                waiting.put(view.getView(), byLane);
            }
            List<Change> changes = byLane.get(part.getLane());
            String before = changes.isEmpty() ? applied.get(view.getView()) : changes.getLast().generation;
            if (!view.getGeneration().equals(before)) {
                changes.add(new Change(part.getEpoch(), view.getGeneration()));
            }
        }
    }

    /** The largest epoch up to another one at which every view has one generation in all lanes. */
    long consistent(long limit) {
        long epoch = limit;
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Map.Entry<String, List<List<Change>>> view : waiting.entrySet()) {
                long before = consistent(view.getKey(), view.getValue(), epoch);
                moved |= before < epoch;
                epoch = before;
            }
        }
        return epoch;
    }

    private long consistent(String view, List<List<Change>> byLane, long limit) {
        long epoch = limit;
        while (true) {
            String first = at(view, byLane.getFirst(), epoch);
            boolean same = true;
            long newest = -1;
            for (List<Change> lane : byLane) {
                same &= Objects.equals(first, at(view, lane, epoch));
                for (Change change : lane) {
                    newest = change.epoch <= epoch ? Math.max(newest, change.epoch) : newest;
                }
            }
            if (same) {
                return epoch;
            }
            epoch = newest - 1;
        }
    }

    private @Nullable String at(String view, List<Change> changes, long epoch) {
        String generation = applied.get(view);
        for (Change change : changes) {
            generation = change.epoch <= epoch ? change.generation : generation;
        }
        return generation;
    }

    /** The generation that all lanes have at an epoch that {@link #consistent} gave. */
    @Nullable String at(String view, long epoch) {
        List<List<Change>> byLane = waiting.get(view);
        return byLane == null ? applied.get(view) : at(view, byLane.getFirst(), epoch);
    }

    /** Everything up to an epoch is applied. */
    void applied(long epoch) {
        waiting.entrySet().removeIf(view -> {
            String now = at(view.getKey(), view.getValue().getFirst(), epoch);
            if (now != null) {
                applied.put(view.getKey(), now);
            }
            view.getValue().forEach(lane -> lane.removeIf(change -> change.epoch <= epoch));
            return view.getValue().stream().allMatch(List::isEmpty);
        });
    }

    /** Views whose new generation not every lane has published yet. */
    List<String> waiting() {
        return waiting.keySet().stream().sorted().toList();
    }
}
