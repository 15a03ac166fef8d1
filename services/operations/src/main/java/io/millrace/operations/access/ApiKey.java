package io.millrace.operations.access;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A program's key, without its secret.
 *
 * @param id the part of the key that people may see
 * @param name what it is for
 * @param tenants whose rows it may see
 * @param expiresAt it is refused from then on; null: never
 * @param revokedAt it is refused since; null if it was not revoked
 * @param lastUsedAt to about half a minute; null: never
 * @param lastUsedFrom address
 */
public record ApiKey(
        String id,
        String name,
        Set<Permission> permissions,
        Tenants tenants,
        Instant createdAt,
        String createdBy,
        @Nullable Instant expiresAt,
        @Nullable Instant revokedAt,
        @Nullable String revokedBy,
        @Nullable Instant lastUsedAt,
        @Nullable String lastUsedFrom)
        implements Caller {

    /** In force, expired or revoked. */
    public String state(Instant now) {
        if (revokedAt != null) {
            return "revoked";
        }
        return expiresAt != null && !now.isBefore(expiresAt) ? "expired" : "in force";
    }

    @Override
    public String said() {
        return "key " + id;
    }

    @Override
    public String by() {
        return name + " (key " + id + ")";
    }

    @Override
    public String remedy(Permission missing) {
        return "create a key with it: millrace keys create --name <name> --permission " + missing;
    }

    @Override
    public boolean inForce(Instant now) {
        return revokedAt == null && (expiresAt == null || now.isBefore(expiresAt));
    }
}
