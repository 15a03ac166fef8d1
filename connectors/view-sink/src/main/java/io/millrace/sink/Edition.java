package io.millrace.sink;

import io.millrace.schemas.avro.ViewChanges;

/**
 * Which rows of a view these are.
 *
 * @param generation of its definition; empty if the view was removed
 * @param version of its rows
 */
record Edition(String generation, long version) {
    /** The view is not there. */
    static final Edition REMOVED = new Edition("", 0);

    /** Rows of the view were not seen: no other may be added to what is there. */
    static final Edition MISSED = new Edition("?", 0);

    static Edition of(ViewChanges changes) {
        return changes.getGeneration().isEmpty() ? REMOVED : new Edition(changes.getGeneration(), changes.getVersion());
    }
}
