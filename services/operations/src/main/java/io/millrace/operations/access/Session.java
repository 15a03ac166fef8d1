package io.millrace.operations.access;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A person who is signed in on a device.
 *
 * @param id the part of the cookie that people may see
 * @param lastSeenAt to about a minute
 * @param expiresAt it ends then at the latest
 * @param address and {@code agent} of the device, when it signed in
 * @param secondFactor whether a code was given
 * @param endedBy null if nobody ended it
 */
public record Session(
        String id,
        String user,
        Instant createdAt,
        Instant lastSeenAt,
        Instant expiresAt,
        String address,
        String agent,
        boolean secondFactor,
        @Nullable Instant endedAt,
        @Nullable String endedBy) {
    /** Who does nothing for so long is signed out. */
    public static final Duration IDLE = Duration.ofMinutes(30);

    /** After so long, everybody signs in again. */
    public static final Duration LONGEST = Duration.ofHours(12);

    public boolean inForce(Instant now) {
        return endedAt == null && now.isBefore(expiresAt) && now.isBefore(lastSeenAt.plus(IDLE));
    }

    /** In force, ended or expired. */
    public String state(Instant now) {
        if (endedAt != null) {
            return "ended";
        }
        return inForce(now) ? "in force" : "expired";
    }
}
