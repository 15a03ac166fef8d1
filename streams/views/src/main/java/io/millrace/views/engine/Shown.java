package io.millrace.views.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values that are equal to Postgres and may look different, such as 1.0 and 1.00, each with how often it is there. What is shown
 * is one that is there, and stays as long as it is.
 */
final class Shown {
    private @Nullable Object value;
    private long count;
    /** Those that look different; null while there are none, as is the rule. */
    private @Nullable Map<Object, Long> others;

    /** Null if nothing is there. */
    @Nullable Object value() {
        return value;
    }

    /** Within one step a value may go before it comes. */
    void add(Object added, int weight) {
        if (added.equals(value)) {
            count += weight;
        } else {
            Map<Object, Long> different = others == null ? new LinkedHashMap<>() : others;
            different.merge(added, (long) weight, (before, more) -> before + more == 0 ? null : before + more);
            others = different;
        }
        if (value == null || count <= 0) {
            showAnother();
        }
        if (others != null && others.isEmpty()) {
            others = null;
        }
    }

    private void showAnother() {
        Map<Object, Long> different = others == null ? new LinkedHashMap<>() : others;
        if (value != null && count < 0) {
            different.put(value, count);
        }
        value = null;
        count = 0;
        for (Map.Entry<Object, Long> entry : different.entrySet()) {
            if (entry.getValue() > 0) {
                value = entry.getKey();
                count = entry.getValue();
                break;
            }
        }
        if (value != null) {
            different.remove(value);
        }
        others = different;
    }
}
