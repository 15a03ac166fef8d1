package io.millrace.operations.settings;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A flag as it is now.
 *
 * @param on whether it has effect
 * @param owner who answers for it; null, as everything that follows, if nobody set it
 * @param expiresAt null: never
 */
public record FlagState(
        Flag flag,
        boolean on,
        @Nullable String owner,
        @Nullable String reason,
        @Nullable Instant expiresAt,
        @Nullable Instant changedAt,
        @Nullable String changedBy) {}
