package io.millrace.views.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows that came (positive weight) and rows that went (negative). */
final class Delta {
    private final List<Change> changes;

    record Change(@Nullable Object[] row, int weight) {}

    Delta() {
        this.changes = new ArrayList<>();
    }

    void add(@Nullable Object[] row, int weight) {
        changes.add(new Change(row, weight));
    }

    void addAll(Delta other) {
        changes.addAll(other.changes);
    }

    List<Change> changes() {
        return changes;
    }

    boolean isEmpty() {
        return changes.isEmpty();
    }
}
