package io.millrace.schemas;

import java.util.Set;
import java.util.regex.Pattern;

/** Name of a materialized view: its file in the catalog, its topic and its table in the analytics database. */
public record ViewName(String value) implements Comparable<ViewName> {
    private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9_]{0,54}");

    /** Names of the hub's own topics below {@code views.}. */
    private static final Set<String> RESERVED = Set.of("updates", "definitions");

    public ViewName {
        if (RESERVED.contains(value)) {
            throw new IllegalArgumentException("view name '" + value + "' is reserved for a topic of the hub");
        }
        if (!VALID.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "view name '" + value + "' must be lower case letters, digits and '_', at most 55, a letter first");
        }
    }

    @Override
    public int compareTo(ViewName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
