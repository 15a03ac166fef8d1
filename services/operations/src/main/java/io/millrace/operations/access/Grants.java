package io.millrace.operations.access;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.util.Set;

/** Nobody gives what they do not have. */
final class Grants {
    private Grants() {}

    /** @throws MillraceException if the one may not give this */
    static void require(Origin origin, Set<Permission> permissions, Tenants tenants) {
        Caller caller = origin.caller();
        if (caller == null) {
            return;
        }
        permissions.stream()
                .filter(permission -> !caller.permissions().contains(permission))
                .sorted()
                .findFirst()
                .ifPresent(missing -> {
                    throw new MillraceException(
                            Category.USER,
                            caller.said() + " does not have " + missing + ", and so cannot give it",
                            caller.remedy(missing));
                });
        Tenants own = caller.tenants();
        if (!own.isAll() && (tenants.isAll() || !own.names().containsAll(tenants.names()))) {
            throw new MillraceException(
                    Category.USER,
                    caller.said() + " is for tenants " + own + " only, and so cannot give tenants " + tenants,
                    "ask somebody who may see all tenants");
        }
    }

    /** Whether a permission can be limited to these tenants. */
    static void requireLimitable(Set<Permission> permissions, Tenants tenants) {
        permissions.stream()
                .filter(permission -> !tenants.isAll() && !permission.isOfTenants())
                .sorted()
                .findFirst()
                .ifPresent(whole -> {
                    throw new MillraceException(
                            Category.USER,
                            "permission " + whole + " cannot be limited to tenants",
                            "create one key for tenants, and another one for " + whole);
                });
    }
}
