package io.millrace.monitoring.metrics;

import java.util.Map;
import java.util.TreeMap;

/**
 * A value to be counted.
 *
 * @param name see docs/lag.md
 * @param labels few, with few values
 */
record Figure(String name, Map<String, String> labels, double value) {
    Figure(String name, double value) {
        this(name, Map.of(), value);
    }

    /** Name and labels as one text; the same for the same. */
    String series() {
        return name + new TreeMap<>(labels);
    }
}
