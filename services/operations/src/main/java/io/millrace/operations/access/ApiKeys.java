package io.millrace.operations.access;

import io.millrace.ledger.LedgerDatabase;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys of programs, in {@code access.api_key}. */
public final class ApiKeys implements AutoCloseable {
    private static final LedgerDatabase.Kind KIND =
            new LedgerDatabase.Kind("API keys", "gateway", "access", "io/millrace/operations/access", 2);
    private static final String COLUMNS =
            "id, name, permissions, tenants, created_at, created_by, expires_at, revoked_at, revoked_by, last_used_at, last_used_from";

    private final LedgerDatabase database;

    /**
     * A key that was created.
     *
     * @param text the key itself, which nobody can read again
     */
    public record Created(ApiKey key, KeyText text) {}

    /** Where and when a key was used last. */
    public record Use(Instant at, String from) {}

    /** Does not connect yet. */
    public ApiKeys(String jdbcUrl, String user, String password) {
        this.database = new LedgerDatabase(KIND, jdbcUrl, user, password);
    }

    /** Fails within seconds, with a remedy, if the database is unreachable: for a command, which somebody waits for. */
    public void requireReachable() {
        database.requireReachable();
    }

    /** Makes the table, if it is not there. */
    public void migrate() {
        database.migrate();
    }

    /**
     * Creates a key.
     *
     * @param expiresAt null: never
     */
    public Created create(String name, Set<Permission> permissions, @Nullable Instant expiresAt, String by) {
        return create(name, permissions, Tenants.ALL, expiresAt, by);
    }

    /**
     * The same, for rows of some tenants.
     *
     * @throws MillraceException if a permission is for all tenants only
     */
    public Created create(
            String name, Set<Permission> permissions, Tenants tenants, @Nullable Instant expiresAt, String by) {
        permissions.stream()
                .filter(permission -> !tenants.isAll() && !permission.isOfTenants())
                .findFirst()
                .ifPresent(whole -> {
                    throw new MillraceException(
                            Category.USER,
                            "permission " + whole + " cannot be limited to tenants",
                            "create one key for tenants, and another one for " + whole);
                });
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
        KeyText text = KeyText.random();
        database.jdbi()
                .useHandle(handle -> handle.createUpdate(
                                "INSERT INTO access.api_key (id, name, secret_hash, permissions, tenants, created_at, created_by, expires_at)"
                                        + " VALUES (:id, :name, :hash, :permissions::text[], :tenants::text[], clock_timestamp(), :by, :expires)")
                        .bind("id", text.id())
                        .bind("name", name)
                        .bind("hash", text.hash())
                        .bind(
                                "permissions",
                                permissions.stream().map(Permission::toString).toArray(String[]::new))
                        .bind("tenants", tenants.names().toArray(String[]::new))
                        .bind("by", by)
                        .bind("expires", expiresAt == null ? null : expiresAt.atOffset(ZoneOffset.UTC))
                        .execute());
        return new Created(find(text.id()).orElseThrow(), text);
    }

    /** The newest first. */
    public List<ApiKey> list() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "SELECT " + COLUMNS + " FROM access.api_key ORDER BY created_at DESC")
                        .map((row, context) -> read(row))
                        .list());
    }

    /** By its id. */
    public Optional<ApiKey> find(String id) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("SELECT " + COLUMNS + " FROM access.api_key WHERE id = :id")
                        .bind("id", id)
                        .map((row, context) -> read(row))
                        .findOne());
    }

    /** The key that a program sent, whether it is in force or not; empty if there is none with this secret. */
    public Optional<ApiKey> find(KeyText text) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "SELECT " + COLUMNS + ", secret_hash FROM access.api_key WHERE id = :id")
                        .bind("id", text.id())
                        .map((row, context) -> text.hasHash(row.getBytes("secret_hash"))
                                ? Optional.of(read(row))
                                : Optional.<ApiKey>empty())
                        .findOne()
                        .flatMap(found -> found));
    }

    /**
     * It is refused from now on.
     *
     * @throws MillraceException if there is none of this id
     */
    public ApiKey revoke(String id, String by) {
        database.jdbi()
                .useHandle(handle -> handle.createUpdate(
                                "UPDATE access.api_key SET revoked_at = clock_timestamp(), revoked_by = :by WHERE id = :id AND revoked_at IS NULL")
                        .bind("id", id)
                        .bind("by", by)
                        .execute());
        return find(id).orElseThrow(() -> new MillraceException(
                Category.USER, "there is no key " + id, "see their ids with 'millrace keys list'"));
    }

    /** Writes down when keys were used last, by their ids. */
    public void used(Map<String, Use> uses) {
        database.jdbi()
                .useHandle(handle -> uses.forEach((id, use) -> handle.createUpdate(
                                "UPDATE access.api_key SET last_used_at = :at, last_used_from = :from WHERE id = :id")
                        .bind("id", id)
                        .bind("at", use.at().atOffset(ZoneOffset.UTC))
                        .bind("from", use.from())
                        .execute()));
    }

    private static ApiKey read(ResultSet row) throws SQLException {
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        String[] stored = (String[]) row.getArray("permissions").getArray();
        // One that a newer version knows gives nothing here.
        Arrays.stream(Permission.values())
                .filter(permission -> Arrays.asList(stored).contains(permission.toString()))
                .forEach(permissions::add);
        return new ApiKey(
                row.getString("id"),
                row.getString("name"),
                permissions,
                new Tenants(Arrays.asList((String[]) row.getArray("tenants").getArray())),
                Objects.requireNonNull(time(row, "created_at")),
                row.getString("created_by"),
                time(row, "expires_at"),
                time(row, "revoked_at"),
                row.getString("revoked_by"),
                time(row, "last_used_at"),
                row.getString("last_used_from"));
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    @Override
    public void close() {
        database.close();
    }
}
