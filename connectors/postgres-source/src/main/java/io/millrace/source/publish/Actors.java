package io.millrace.source.publish;

import org.jspecify.annotations.Nullable;

/**
 * Who acts in the open transaction: as a message of the transaction tells it, else as its rows do. Rows that name several people tell
 * of nobody. Not thread-safe.
 */
final class Actors {
    private @Nullable String told;
    private @Nullable String ofRows;
    private boolean several;

    void begin() {
        told = null;
        ofRows = null;
        several = false;
    }

    void told(String name) {
        told = name;
    }

    /** @param name as an inserted or updated row has it; null where it has none */
    void row(@Nullable String name) {
        if (name != null) {
            several |= ofRows != null && !ofRows.equals(name);
            ofRows = name;
        }
    }

    @Nullable String actor() {
        if (told != null) {
            return told;
        }
        return several ? null : ofRows;
    }
}
