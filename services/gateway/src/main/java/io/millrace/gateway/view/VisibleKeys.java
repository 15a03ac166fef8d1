package io.millrace.gateway.view;

import java.util.HashSet;
import java.util.Set;

/**
 * Which rows a client has of those that a filter lets through: only their going is told. Beyond a number of them, and where a client
 * went on with rows of before, the going of every row is told, also of those that it does not have.
 */
final class VisibleKeys {
    private static final int MOST = 50_000;

    private final boolean all;

    private final Set<String> keys = new HashSet<>();

    private boolean known;

    /** @param all whether nothing is filtered */
    VisibleKeys(boolean all) {
        this.all = all;
    }

    /** Whether there is nothing to remember. */
    boolean isAll() {
        return all || !known;
    }

    /** The client has no row. */
    void begin() {
        keys.clear();
        known = !all;
    }

    void add(String key) {
        if (isAll()) {
            return;
        }
        keys.add(key);
        if (keys.size() > MOST) {
            known = false;
            keys.clear();
        }
    }

    /** The row goes; returns whether the client may have it. */
    boolean remove(String key) {
        return isAll() || keys.remove(key);
    }
}
