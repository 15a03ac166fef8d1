package io.millrace.operations.access;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A person, without secrets.
 *
 * @param email null if it is not known
 * @param roles names of roles
 * @param tenants whose rows the person may see
 * @param hasPassword whether the first link was used
 * @param hasSecondFactor whether signing in takes a code
 * @param disabledAt nobody signs in with the name since; null if it is in force
 * @param lastSignInAt null: never
 */
public record User(
        String name,
        @Nullable String email,
        List<String> roles,
        Tenants tenants,
        boolean hasPassword,
        boolean hasSecondFactor,
        Instant createdAt,
        String createdBy,
        @Nullable Instant disabledAt,
        @Nullable String disabledBy,
        @Nullable Instant lastSignInAt) {

    /** Active, invited (has no password yet) or disabled. */
    public String state() {
        if (disabledAt != null) {
            return "disabled";
        }
        return hasPassword ? "active" : "invited";
    }
}
