package io.millrace.views.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Rows with the number of times that each is there. */
final class Bag {
    private final Map<Row, Integer> counts = new HashMap<>(4);
    private long size;

    void add(@Nullable Object[] row, int weight) {
        size += weight;
        counts.merge(Row.of(row), weight, (before, more) -> before + more == 0 ? null : before + more);
    }

    boolean isEmpty() {
        return counts.isEmpty();
    }

    /** Rows, each as often as it is there. */
    long size() {
        return size;
    }

    void forEach(BiConsumer<@Nullable Object[], Integer> each) {
        counts.forEach((row, count) -> each.accept(row.values(), count));
    }
}
