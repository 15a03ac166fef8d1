package io.millrace.views.engine;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of one side of a join by their key. */
final class JoinSide {
    private final Map<Row, Bag> rows = new HashMap<>();
    private long size;

    /** Null where there are none. */
    @Nullable Bag get(Row key) {
        return rows.get(key);
    }

    void add(Row key, Delta.Change change) {
        Bag bag = rows.computeIfAbsent(key, unseen -> new Bag());
        bag.add(change.row(), change.weight());
        size += change.weight();
        if (bag.isEmpty()) {
            rows.remove(key);
        }
    }

    /** Rows, each as often as it is there. */
    long size() {
        return size;
    }
}
