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
    /**
     * The last epoch that changed a relation, or may have. Reports may read any view, so all of them may have changed when one did.
     *
     * @param relation of whenever: what counts is what is known of it here
     */
    long lastChange(Relation relation) {
        Relation now = relations.get(relation.name());
        if (now == null) {
            return epoch;
        }
        return now.kind() == Relation.Kind.VIEW
                ? now.changedEpoch()
                : relations.values().stream()
                        .mapToLong(Relation::changedEpoch)
                        .max()
                        .orElse(epoch);
    }
}
