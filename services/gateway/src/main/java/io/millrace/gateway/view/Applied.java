package io.millrace.gateway.view;

import java.time.Instant;
import java.util.Map;

/**
 * Up to where the views are applied, and what there is.
 *
 * @param epoch the last one that is applied
 * @param lsn position in the source's log up to which everything is applied, such as {@code 0/1A2B3C8}
 * @param position the same as a number
 * @param committedAt commit time of the newest transaction that is applied
 * @param relations views and reports, by name
 */
record Applied(long epoch, String lsn, long position, Instant committedAt, Map<String, Relation> relations) {
    /** Reports may read any view, so all of them may have changed when one did. */
    long lastChange(Relation relation) {
        return relation.kind() == Relation.Kind.VIEW
                ? relation.changedEpoch()
                : relations.values().stream()
                        .mapToLong(Relation::changedEpoch)
                        .max()
                        .orElse(epoch);
    }
}
