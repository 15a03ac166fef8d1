package io.millrace.gateway.view;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rows as they were at a position.
 *
 * @param oid of the relation that they are of
 * @param rows as JSON, with commas between
 * @param more whether there are other rows behind them
 * @param next where the next page begins; empty if there is none, or if it is a report's, whose rows have no key
 * @param epoch of the state that was read
 * @param changedEpoch the last before it that changed the view, or may have; null of a report
 * @param moved whether that was behind the first page's state
 * @param readAt when
 */
record Page(
        long oid,
        byte[] rows,
        boolean more,
        Optional<String> next,
        @Nullable Long count,
        long excludedRows,
        long epoch,
        String lsn,
        Instant committedAt,
        @Nullable Long changedEpoch,
        boolean moved,
        Instant readAt) {}
