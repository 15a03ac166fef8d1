package io.millrace.operations.access;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** People, in {@code access.person}. */
public final class Users {
    static final String COLUMNS = "p.name, p.email, p.roles, p.tenants, p.password_hash IS NOT NULL AS has_password,"
            + " p.totp_secret IS NOT NULL AS has_second_factor, p.created_at, p.created_by, p.disabled_at, p.disabled_by,"
            + " p.last_sign_in_at";

    /** A link that nobody used for so long is refused. */
    private static final Duration LINK_VALID = Duration.ofDays(3);

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._@-]{0,63}");
    private static final Pattern EMAIL = Pattern.compile("[^\\s@\\p{Cntrl}]{1,64}@[^\\s@\\p{Cntrl}]{1,190}");

    private final Jdbi jdbi;

    /**
     * A link that was made.
     *
     * @param text for the page {@code /account#…}, which nobody can read again
     */
    public record Link(User user, Token text, Instant expiresAt) {}

    /** What is to be another; null: as it is. */
    public record Change(
            @Nullable List<String> roles,
            @Nullable Tenants tenants,
            @Nullable String email,
            @Nullable Boolean disabled) {}

    Users(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** By name. */
    public List<User> list() {
        return jdbi.withHandle(
                handle -> handle.createQuery("SELECT " + COLUMNS + " FROM access.person p ORDER BY p.name")
                        .map((row, context) -> read(row))
                        .list());
    }

    public Optional<User> find(String name) {
        return jdbi.withHandle(handle -> find(handle, name));
    }

    static Optional<User> find(Handle handle, String name) {
        return handle.createQuery("SELECT " + COLUMNS + " FROM access.person p WHERE p.name = :name")
                .bind("name", name)
                .map((row, context) -> read(row))
                .findOne();
    }

    /**
     * Adds a person, who sets a password with the link.
     *
     * @param email null if it is not known
     * @throws MillraceException if the name is taken or wrong, a role is not there, or the one may not give it
     */
    public Link create(String name, @Nullable String email, List<String> roles, Tenants tenants, Origin origin) {
        if (!NAME.matcher(name).matches()) {
            throw new MillraceException(
                    Category.USER,
                    "'" + name + "' cannot be a user's name",
                    "take up to 64 small letters, digits and . _ @ -, beginning with a letter or digit");
        }
        requireEmail(email);
        return jdbi.inTransaction(handle -> {
            Roles.require(handle, roles);
            Grants.require(origin, Roles.permissions(handle, roles), tenants);
            int added = handle.createUpdate("INSERT INTO access.person (name, email, roles, tenants, created_by)"
                            + " VALUES (:name, :email, :roles::text[], :tenants::text[], :by) ON CONFLICT DO NOTHING")
                    .bind("name", name)
                    .bind("email", email)
                    .bind("roles", roles.toArray(String[]::new))
                    .bind("tenants", tenants.names().toArray(String[]::new))
                    .bind("by", origin.by())
                    .execute();
            if (added == 0) {
                throw new MillraceException(
                        Category.USER,
                        "there is a user " + name + " already",
                        "take another name, or change that user");
            }
            AccessEvents.write(
                    handle,
                    AccessEvent.of(
                            AccessEvent.Kind.USER_CREATED,
                            origin,
                            "user " + name,
                            "with " + String.join(", ", roles) + " for tenants " + tenants));
            return link(handle, name, origin);
        });
    }

    /**
     * Changes a person. What they may not do any more they cannot do within a second, also where they are signed in.
     *
     * @throws MillraceException if there is none, or the one may not give it, or has less than that person
     */
    public User change(String name, Change change, Origin origin) {
        requireEmail(change.email);
        return jdbi.inTransaction(handle -> {
            User before = require(handle, name, origin);
            List<String> said = new ArrayList<>();
            List<String> roles = change.roles;
            if (roles != null) {
                Roles.require(handle, roles);
                said.add("roles " + String.join(", ", roles));
            }
            Tenants tenants = change.tenants == null ? before.tenants() : change.tenants;
            Grants.require(origin, Roles.permissions(handle, roles == null ? before.roles() : roles), tenants);
            if (change.tenants != null) {
                said.add("tenants " + tenants);
            }
            if (change.email != null) {
                said.add("email " + change.email);
            }
            if (change.disabled != null) {
                said.add(change.disabled ? "disabled" : "enabled");
            }
            handle.createUpdate("UPDATE access.person SET roles = coalesce(:roles::text[], roles),"
                            + " tenants = :tenants::text[], email = coalesce(:email, email),"
                            + " disabled_at = CASE WHEN :disabled::boolean THEN coalesce(disabled_at, clock_timestamp())"
                            + "   WHEN NOT :disabled::boolean THEN NULL ELSE disabled_at END,"
                            + " disabled_by = CASE WHEN :disabled::boolean THEN coalesce(disabled_by, :by)"
                            + "   WHEN NOT :disabled::boolean THEN NULL ELSE disabled_by END"
                            + " WHERE name = :name")
                    .bind("roles", roles == null ? null : roles.toArray(String[]::new))
                    .bind("tenants", tenants.names().toArray(String[]::new))
                    .bind("email", change.email)
                    .bind("disabled", change.disabled)
                    .bind("by", origin.by())
                    .bind("name", name)
                    .execute();
            if (Boolean.TRUE.equals(change.disabled)) {
                Sessions.endAll(handle, name, null, origin);
            }
            AccessEvents.write(
                    handle,
                    AccessEvent.of(AccessEvent.Kind.USER_CHANGED, origin, "user " + name, String.join("; ", said)));
            return find(handle, name).orElseThrow();
        });
    }

    /**
     * Makes a link with which a person sets a password again. Until it is used, the old password goes on.
     *
     * @param removeSecondFactor for who has lost the device: the person sets up another one
     * @throws MillraceException if there is none, or the one has less than that person
     */
    public Link link(String name, boolean removeSecondFactor, Origin origin) {
        return jdbi.inTransaction(handle -> {
            require(handle, name, origin);
            if (removeSecondFactor) {
                handle.createUpdate(
                                "UPDATE access.person SET totp_secret = NULL, totp_pending = NULL, totp_step = 0 WHERE name = :name")
                        .bind("name", name)
                        .execute();
                Sessions.endAll(handle, name, null, origin);
                AccessEvents.write(
                        handle,
                        AccessEvent.of(
                                AccessEvent.Kind.SECOND_FACTOR_CHANGED, origin, "user " + name, "it was removed"));
            }
            return link(handle, name, origin);
        });
    }

    private static Link link(Handle handle, String name, Origin origin) {
        Token text = Token.random(Token.Kind.LINK);
        Instant expires = Instant.now().plus(LINK_VALID);
        // Links of before are refused.
        handle.createUpdate("DELETE FROM access.link WHERE person = :name")
                .bind("name", name)
                .execute();
        handle.createUpdate("INSERT INTO access.link (id, secret_hash, person, created_by, expires_at)"
                        + " VALUES (:id, :hash, :name, :by, :expires)")
                .bind("id", text.id())
                .bind("hash", text.hash())
                .bind("name", name)
                .bind("by", origin.by())
                .bind("expires", expires.atOffset(ZoneOffset.UTC))
                .execute();
        AccessEvents.write(
                handle,
                AccessEvent.of(
                        AccessEvent.Kind.LINK_CREATED, origin, "user " + name, "to set a password, until " + expires));
        return new Link(find(handle, name).orElseThrow(), text, expires);
    }

    /** Whoever has less than a person cannot make himself that person. */
    private static User require(Handle handle, String name, Origin origin) {
        // Locked, so that nobody's permissions grow between the check and the change.
        User user = handle.createQuery("SELECT " + COLUMNS + " FROM access.person p WHERE p.name = :name FOR UPDATE")
                .bind("name", name)
                .map((row, context) -> read(row))
                .findOne()
                .orElseThrow(() -> unknown(name));
        Grants.require(origin, Roles.permissions(handle, user.roles()), user.tenants());
        return user;
    }

    static MillraceException unknown(String name) {
        return new MillraceException(
                Category.USER, "there is no user " + name, "see their names with 'millrace users list'");
    }

    private static void requireEmail(@Nullable String email) {
        if (email != null && !EMAIL.matcher(email).matches()) {
            throw new MillraceException(
                    Category.USER, "'" + email + "' is not a mail address", "write it as somebody@example.com");
        }
    }

    static User read(ResultSet row) throws SQLException {
        return new User(
                row.getString("name"),
                row.getString("email"),
                Rows.texts(row, "roles"),
                new Tenants(Rows.texts(row, "tenants")),
                row.getBoolean("has_password"),
                row.getBoolean("has_second_factor"),
                Rows.requiredTime(row, "created_at"),
                row.getString("created_by"),
                Rows.time(row, "disabled_at"),
                row.getString("disabled_by"),
                Rows.time(row, "last_sign_in_at"));
    }
}
