package io.millrace.views.engine;

import io.millrace.schemas.row.UnreadableRow;
import io.millrace.views.plan.ExpressionFailure;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows that an expression of one operator has no value for: they are kept out until they change. */
final class Failures {
    private final String operator;
    private final Map<Row, Failure> rows = new HashMap<>();
    private final Map<Row, Failure> changed = new HashMap<>();
    private long size;

    /** @param count how often the row is there; 0 when it is healed */
    record Failure(String reason, int count) {}

    Failures(String operator) {
        this.operator = operator;
    }

    String operator() {
        return operator;
    }

    /** @param failure whatever went wrong: one row's expression must not end the others */
    void add(@Nullable Object[] row, int weight, RuntimeException failure) {
        Row key = Row.of(row);
        Failure before = rows.get(key);
        int count = (before == null ? 0 : before.count) + weight;
        size += weight;
        Failure now = new Failure(reason(failure), count);
        if (count == 0) {
            rows.remove(key);
        } else {
            rows.put(key, now);
        }
        changed.put(key, now);
    }

    private static String reason(RuntimeException failure) {
        return failure instanceof ExpressionFailure || failure instanceof UnreadableRow
                ? String.valueOf(failure.getMessage())
                : "internal error, please report it: " + failure;
    }

    /** Rows kept out now. */
    long size() {
        return size;
    }

    boolean hasChanged() {
        return !changed.isEmpty();
    }

    /** What changed since this was last asked. */
    Map<Row, Failure> takeChanged() {
        Map<Row, Failure> taken = Map.copyOf(changed);
        changed.clear();
        return taken;
    }
}
