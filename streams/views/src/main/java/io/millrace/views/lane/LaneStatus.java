package io.millrace.views.lane;

import io.millrace.schemas.Lane;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** What the lanes of this process tell of themselves; written by their threads, read by others. */
public final class LaneStatus {
    private final Map<Lane, String> waiting = new ConcurrentSkipListMap<>(Comparator.comparingInt(Lane::index));
    private final Map<Lane, Map<String, Long>> sizes =
            new ConcurrentSkipListMap<>(Comparator.comparingInt(Lane::index));

    /** Whether this is news. */
    boolean waits(Lane lane, String what) {
        return !what.equals(waiting.put(lane, what));
    }

    void goesOn(Lane lane) {
        waiting.remove(lane);
    }

    void sizes(Lane lane, Map<String, Long> byNode) {
        sizes.put(lane, Map.copyOf(byNode));
    }

    /** What lanes wait for. */
    public Collection<String> waiting() {
        return waiting.values();
    }

    /** Rows and groups in memory by {@link io.millrace.views.plan.Node#id}, of all lanes together. */
    public Map<String, Long> sizes() {
        Map<String, Long> all = new HashMap<>();
        sizes.values().forEach(lane -> lane.forEach((node, size) -> all.merge(node, size, Long::sum)));
        return all;
    }
}
