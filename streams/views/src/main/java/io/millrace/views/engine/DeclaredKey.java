package io.millrace.views.engine;

import io.millrace.views.plan.ExpressionFailure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Watches a key that was declared and that the plan does not prove: rows that share one are kept out, all of them. */
final class DeclaredKey {
    private final Failures failures = new Failures("Key");
    private final Map<Row, Bag> rows = new HashMap<>();

    /** Takes a key's changes in, and puts what the view shows of it now into the lists. */
    void apply(Row key, Bag changes, List<@Nullable Object[]> upserts, List<@Nullable Object[]> deletes) {
        if (changes.isEmpty()) {
            return;
        }
        Bag bag = rows.computeIfAbsent(key, unseen -> new Bag());
        @Nullable Object @Nullable [] before = only(bag);
        boolean shared = bag.size() > 1;
        changes.forEach(bag::add);
        @Nullable Object @Nullable [] after = only(bag);
        if (after != null) {
            upserts.add(after);
        } else if (before != null) {
            deletes.add(before);
        }
        if (shared != bag.size() > 1) {
            failures.add(key.values(), shared ? -1 : 1, new ExpressionFailure("more than one row has this key"));
        }
        if (bag.isEmpty()) {
            rows.remove(key);
        }
    }

    /** The row, if there is exactly one. */
    private static @Nullable Object @Nullable [] only(Bag bag) {
        if (bag.size() != 1) {
            return null;
        }
        List<@Nullable Object[]> found = new ArrayList<>(1);
        bag.forEach((row, count) -> found.add(row));
        return found.getFirst();
    }

    Failures failures() {
        return failures;
    }
}
