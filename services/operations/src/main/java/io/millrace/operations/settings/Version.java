package io.millrace.operations.settings;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A catalog or a configuration that a hub ran with, or that was proposed.
 *
 * @param id the same content has the same
 * @param seenBy who started a hub with it first, or proposed it
 * @param instance the hub that had it first; empty: it was proposed
 * @param approvedBy null if nobody did
 * @param running hubs that run with it now
 */
public record Version(
        String id,
        Kind kind,
        Instant seenAt,
        String seenBy,
        String instance,
        @Nullable Instant approvedAt,
        @Nullable String approvedBy,
        @Nullable String reason,
        List<String> running) {
    /** What it is a version of. */
    public enum Kind {
        CATALOG,
        CONFIGURATION;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
