package io.millrace.operations.access;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** The keys of programs, in {@code access.api_key}. */
public final class ApiKeys {
    private static final String COLUMNS =
            "id, name, permissions, tenants, created_at, created_by, expires_at, revoked_at, revoked_by, last_used_at, last_used_from";

    private final Jdbi jdbi;

    /**
     * A key that was created.
     *
     * @param text the key itself, which nobody can read again
     */
    public record Created(ApiKey key, Token text) {}

    /** Where and when a key was used last. */
    public record Use(Instant at, String from) {}

    ApiKeys(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Creates a key.
     *
     * @param expiresAt null: never
     * @throws MillraceException if a permission is for all tenants only, or the one may not give it
     */
    public Created create(
            String name, Set<Permission> permissions, Tenants tenants, @Nullable Instant expiresAt, Origin origin) {
        Grants.requireLimitable(permissions, tenants);
        Grants.require(origin, permissions, tenants);
        if (name.isBlank() || permissions.isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    "a key needs a name and a permission",
                    "say what it is for, and name permissions of " + EnumSet.allOf(Permission.class));
        }
        if (expiresAt != null && !expiresAt.isAfter(Instant.now())) {
            throw new MillraceException(
                    Category.USER, "the key would have expired at " + expiresAt, "name a time that is to come");
        }
        Token text = Token.random(Token.Kind.KEY);
        return jdbi.inTransaction(handle -> {
            insert(handle, text, name, permissions, tenants, expiresAt, origin);
            AccessEvents.write(
                    handle,
                    AccessEvent.of(
                            AccessEvent.Kind.KEY_CREATED,
                            origin,
                            "key " + text.id(),
                            name + ": " + String.join(", ", Permission.texts(permissions)) + " for tenants " + tenants
                                    + (expiresAt == null ? "" : ", until " + expiresAt)));
            return new Created(find(handle, text.id()).orElseThrow(), text);
        });
    }

    private static void insert(
            Handle handle,
            Token text,
            String name,
            Set<Permission> permissions,
            Tenants tenants,
            @Nullable Instant expiresAt,
            Origin origin) {
        handle.createUpdate(
                        "INSERT INTO access.api_key (id, name, secret_hash, permissions, tenants, created_at, created_by, expires_at)"
                                + " VALUES (:id, :name, :hash, :permissions::text[], :tenants::text[], clock_timestamp(), :by, :expires)")
                .bind("id", text.id())
                .bind("name", name)
                .bind("hash", text.hash())
                .bind("permissions", Permission.texts(permissions).toArray(String[]::new))
                .bind("tenants", tenants.names().toArray(String[]::new))
                .bind("by", origin.by())
                .bind("expires", expiresAt == null ? null : expiresAt.atOffset(ZoneOffset.UTC))
                .execute();
    }

    /**
     * Creates a key that may do what another may; the other one is refused when the overlap is over.
     *
     * @throws MillraceException if there is none of this id that is in force, or the one may not give what it has
     */
    public Created rotate(String id, Duration overlap, Origin origin) {
        Token text = Token.random(Token.Kind.KEY);
        return jdbi.inTransaction(handle -> {
            ApiKey old = find(handle, id).orElseThrow(() -> unknown(id));
            Instant now = Instant.now();
            if (!old.inForce(now)) {
                throw new MillraceException(
                        Category.USER, "key " + id + " is " + old.state(now), "create another: millrace keys create");
            }
            Grants.require(origin, old.permissions(), old.tenants());
            // The new one is valid for as long as the old one was meant to be.
            Instant until =
                    old.expiresAt() == null ? null : now.plus(Duration.between(old.createdAt(), old.expiresAt()));
            insert(handle, text, old.name(), old.permissions(), old.tenants(), until, origin);
            handle.createUpdate("UPDATE access.api_key SET expires_at = least(expires_at, :until) WHERE id = :id")
                    .bind("until", now.plus(overlap).atOffset(ZoneOffset.UTC))
                    .bind("id", id)
                    .execute();
            AccessEvents.write(
                    handle,
                    AccessEvent.of(
                            AccessEvent.Kind.KEY_ROTATED,
                            origin,
                            "key " + id,
                            "key " + text.id() + " takes its place; the old one is refused after " + overlap));
            return new Created(find(handle, text.id()).orElseThrow(), text);
        });
    }

    private static MillraceException unknown(String id) {
        return new MillraceException(Category.USER, "there is no key " + id, "see their ids with 'millrace keys list'");
    }

    /** The newest first. */
    public List<ApiKey> list() {
        return jdbi.withHandle(
                handle -> handle.createQuery("SELECT " + COLUMNS + " FROM access.api_key ORDER BY created_at DESC")
                        .map((row, context) -> read(row))
                        .list());
    }

    /** By its id. */
    public Optional<ApiKey> find(String id) {
        return jdbi.withHandle(handle -> find(handle, id));
    }

    private static Optional<ApiKey> find(Handle handle, String id) {
        return handle.createQuery("SELECT " + COLUMNS + " FROM access.api_key WHERE id = :id")
                .bind("id", id)
                .map((row, context) -> read(row))
                .findOne();
    }

    /** The key that a program sent, whether it is in force or not; empty if there is none with this secret. */
    public Optional<ApiKey> find(Token text) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT " + COLUMNS + ", secret_hash FROM access.api_key WHERE id = :id")
                .bind("id", text.id())
                .map((row, context) ->
                        text.hasHash(row.getBytes("secret_hash")) ? Optional.of(read(row)) : Optional.<ApiKey>empty())
                .findOne()
                .flatMap(found -> found));
    }

    /**
     * It is refused from now on.
     *
     * @param reason for the audit trail
     * @throws MillraceException if there is none of this id
     */
    public ApiKey revoke(String id, String reason, Origin origin) {
        return jdbi.inTransaction(handle -> {
            int revoked = handle.createUpdate(
                            "UPDATE access.api_key SET revoked_at = clock_timestamp(), revoked_by = :by WHERE id = :id AND revoked_at IS NULL")
                    .bind("id", id)
                    .bind("by", origin.by())
                    .execute();
            ApiKey key = find(handle, id).orElseThrow(() -> unknown(id));
            if (revoked > 0) {
                AccessEvents.write(handle, AccessEvent.of(AccessEvent.Kind.KEY_REVOKED, origin, "key " + id, reason));
            }
            return key;
        });
    }

    /** Writes down when and where keys were used last, by their ids. A key that is used from a second address is an event. */
    public void used(Map<String, Use> uses) {
        // In one order, so that gateways wait for one another, and not each for the other.
        jdbi.useTransaction(handle -> new TreeMap<>(uses).forEach((id, use) -> {
            handle.createUpdate("UPDATE access.api_key SET last_used_at = :at, last_used_from = :from WHERE id = :id")
                    .bind("id", id)
                    .bind("at", use.at().atOffset(ZoneOffset.UTC))
                    .bind("from", use.from())
                    .execute();
            placed(handle, id, use);
        }));
    }

    private static void placed(Handle handle, String id, Use use) {
        boolean isNew = handle.createUpdate("INSERT INTO access.key_address"
                                + " SELECT id, :from, :at FROM access.api_key WHERE id = :id ON CONFLICT DO NOTHING")
                        .bind("id", id)
                        .bind("from", use.from())
                        .bind("at", use.at().atOffset(ZoneOffset.UTC))
                        .execute()
                > 0;
        if (isNew) {
            String others = handle.createQuery("SELECT coalesce(string_agg(address, ', ' ORDER BY first_used DESC), '')"
                            + " FROM (SELECT address, first_used FROM access.key_address WHERE key = :id AND address <> :from"
                            + " ORDER BY first_used DESC LIMIT 3) known")
                    .bind("id", id)
                    .bind("from", use.from())
                    .mapTo(String.class)
                    .one();
            if (!others.isEmpty()) {
                AccessEvents.write(
                        handle,
                        new AccessEvent(
                                AccessEvent.Kind.KEY_AT_NEW_ADDRESS,
                                "key " + id,
                                "key " + id,
                                use.from(),
                                "it was used from " + others + " before",
                                1));
            }
        }
    }

    private static ApiKey read(ResultSet row) throws SQLException {
        return new ApiKey(
                row.getString("id"),
                row.getString("name"),
                Permission.known(Rows.texts(row, "permissions")),
                new Tenants(Rows.texts(row, "tenants")),
                Rows.requiredTime(row, "created_at"),
                row.getString("created_by"),
                Rows.time(row, "expires_at"),
                Rows.time(row, "revoked_at"),
                row.getString("revoked_by"),
                Rows.time(row, "last_used_at"),
                row.getString("last_used_from"));
    }
}
