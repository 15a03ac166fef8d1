package io.millrace.operations.access;

import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A person who asks.
 *
 * @param granted by the person's roles, of which the session may have less
 */
public record SignedIn(Session session, User user, Set<Permission> granted) implements Caller {
    public SignedIn {
        granted = Set.copyOf(granted);
    }

    @Override
    public String id() {
        return session.id();
    }

    /** Without a second factor, what changes nothing; of some tenants, what can be limited to them. */
    @Override
    public Set<Permission> permissions() {
        return granted.stream()
                .filter(permission -> session.secondFactor() || !permission.acts())
                .filter(permission -> user.tenants().isAll() || permission.isOfTenants())
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Tenants tenants() {
        return user.tenants();
    }

    @Override
    public boolean inForce(Instant now) {
        return session.inForce(now) && user.disabledAt() == null;
    }

    @Override
    public String said() {
        return "user " + user.name();
    }

    @Override
    public String by() {
        return user.name();
    }

    @Override
    public String remedy(Permission missing) {
        return granted.contains(missing)
                ? user.hasSecondFactor()
                        ? "sign in again with a code of your second factor"
                        : "set up a second factor on the page /account: what changes something needs one"
                : "ask an administrator for a role with it: millrace users change " + user.name() + " --role <role>";
    }
}
