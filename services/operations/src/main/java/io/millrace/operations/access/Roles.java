package io.millrace.operations.access;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.failure.Suggestion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Roles: the built-in ones, and those of {@code access.role}. */
public final class Roles {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,39}");

    private final Jdbi jdbi;

    Roles(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** The built-in ones first. */
    public List<Role> list() {
        return jdbi.withHandle(Roles::list);
    }

    private static List<Role> list(Handle handle) {
        List<Role> all = new ArrayList<>(Role.BUILT_IN);
        handle.createQuery("SELECT name, description, permissions FROM access.role ORDER BY name")
                .map((row, context) -> new Role(
                        row.getString("name"),
                        row.getString("description"),
                        Permission.known(Rows.texts(row, "permissions")),
                        false))
                .forEach(all::add);
        return all;
    }

    /**
     * Makes a role, or changes one that is not built in.
     *
     * @throws MillraceException if the name is taken or wrong, or the one may not give a permission
     */
    public Role set(String name, String description, Set<Permission> permissions, Origin origin) {
        requireOwn(name);
        if (!NAME.matcher(name).matches() || permissions.isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    "a role needs a name of small letters, digits and hyphens, and a permission",
                    "name permissions of " + EnumSet.allOf(Permission.class));
        }
        Grants.require(origin, permissions, Tenants.ALL);
        return jdbi.inTransaction(handle -> {
            handle.createUpdate("INSERT INTO access.role (name, description, permissions, changed_by)"
                            + " VALUES (:name, :description, :permissions::text[], :by) ON CONFLICT (name) DO UPDATE"
                            + " SET description = EXCLUDED.description, permissions = EXCLUDED.permissions,"
                            + " changed_at = clock_timestamp(), changed_by = EXCLUDED.changed_by")
                    .bind("name", name)
                    .bind("description", description)
                    .bind("permissions", Permission.texts(permissions).toArray(String[]::new))
                    .bind("by", origin.by())
                    .execute();
            AccessEvents.write(
                    handle,
                    AccessEvent.of(
                            AccessEvent.Kind.ROLE_CHANGED,
                            origin,
                            "role " + name,
                            "it has " + String.join(", ", Permission.texts(permissions))));
            return new Role(name, description, permissions, false);
        });
    }

    /**
     * Takes a role away, which nobody has.
     *
     * @throws MillraceException if there is none, it is built in, or somebody has it
     */
    public void remove(String name, Origin origin) {
        requireOwn(name);
        jdbi.useTransaction(handle -> {
            List<String> having = handle.createQuery(
                            "SELECT name FROM access.person WHERE :role = ANY (roles) ORDER BY name LIMIT 10")
                    .bind("role", name)
                    .mapTo(String.class)
                    .list();
            if (!having.isEmpty()) {
                throw new MillraceException(
                        Category.USER,
                        "role " + name + " is that of " + String.join(", ", having),
                        "give them another role first: millrace users change <user> --role <role>");
            }
            if (handle.createUpdate("DELETE FROM access.role WHERE name = :name")
                            .bind("name", name)
                            .execute()
                    == 0) {
                throw unknown(handle, name);
            }
            AccessEvents.write(
                    handle, AccessEvent.of(AccessEvent.Kind.ROLE_CHANGED, origin, "role " + name, "it was removed"));
        });
    }

    private static void requireOwn(String name) {
        if (Role.BUILT_IN.stream().anyMatch(role -> role.name().equals(name))) {
            throw new MillraceException(
                    Category.USER, "role " + name + " is built in", "make a role with another name");
        }
    }

    /** What these roles may together; of a role that is not there any more, nothing. */
    static Set<Permission> permissions(Handle handle, Collection<String> names) {
        Set<Permission> together = EnumSet.noneOf(Permission.class);
        boolean builtIn = Role.BUILT_IN.stream().map(Role::name).toList().containsAll(names);
        (builtIn ? Role.BUILT_IN : list(handle))
                .stream()
                        .filter(role -> names.contains(role.name()))
                        .forEach(role -> together.addAll(role.permissions()));
        return together;
    }

    /** @throws MillraceException if one of them is not there, or there is none */
    static void require(Handle handle, Collection<String> names) {
        if (names.isEmpty()) {
            throw new MillraceException(
                    Category.USER, "a user needs a role", "roles are " + String.join(", ", names(handle)));
        }
        List<String> known = names(handle);
        names.stream().filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
            throw unknown(handle, name);
        });
    }

    private static List<String> names(Handle handle) {
        return list(handle).stream().map(Role::name).toList();
    }

    private static MillraceException unknown(Handle handle, String name) {
        List<String> known = names(handle);
        return new MillraceException(
                Category.USER,
                "there is no role '" + name + "'" + Suggestion.of(name, known),
                "roles are " + String.join(", ", known));
    }
}
