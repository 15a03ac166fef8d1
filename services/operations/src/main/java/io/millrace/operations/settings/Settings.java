package io.millrace.operations.settings;

import io.millrace.operations.access.AccessEvent;
import io.millrace.operations.access.AccessEvents;
import io.millrace.operations.access.Origin;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Versions of catalogs and configurations, hubs that run with them, and flags. */
public final class Settings {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** A hub that said nothing for so long does not run. */
    private static final String SILENT = "interval '90 seconds'";

    private static final String VERSIONS =
            "SELECT v.id, v.kind, v.seen_at, v.seen_by, v.instance, v.approved_at, v.approved_by, v.reason,"
                    + " ARRAY(SELECT r.instance FROM access.run r WHERE v.id IN (r.catalog, r.configuration)"
                    + " AND r.seen_at > clock_timestamp() - " + SILENT
                    + " ORDER BY 1) AS running FROM access.version v";

    private final Jdbi jdbi;

    public Settings(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Writes down what somebody has, unless it is known already.
     *
     * @param instance the hub that has it; empty: it is proposed
     * @return its version
     */
    public Version record(Content content, String by, String instance) {
        return jdbi.inTransaction(handle -> record(handle, content, by, instance));
    }

    private static Version record(Handle handle, Content content, String by, String instance) {
        int added = handle.createUpdate("INSERT INTO access.version (id, kind, content, seen_by, instance)"
                        + " VALUES (:id, :kind, :content::jsonb, :by, :instance) ON CONFLICT DO NOTHING")
                .bind("id", content.id())
                .bind("kind", content.kind().toString())
                .bind("content", JSON.writeValueAsString(content.texts()))
                .bind("by", by)
                .bind("instance", instance)
                .execute();
        if (added > 0 && instance.isEmpty()) {
            event(
                    handle,
                    AccessEvent.Kind.VERSION_PROPOSED,
                    Origin.commandLine(by),
                    content.kind() + " " + content.id(),
                    "");
        }
        return find(handle, content.id()).orElseThrow();
    }

    /**
     * A hub says again that it runs.
     *
     * @return false if it is not known to run since then: it has to be told anew
     */
    public boolean alive(String instance, Instant startedAt) {
        return jdbi.withHandle(handle -> handle.createUpdate("UPDATE access.run SET seen_at = clock_timestamp()"
                                + " WHERE instance = :instance AND started_at = :started")
                        .bind("instance", instance)
                        .bind("started", startedAt.atOffset(ZoneOffset.UTC))
                        .execute()
                > 0);
    }

    /** A hub was started. */
    public void run(
            String instance,
            String software,
            List<String> roles,
            Content catalog,
            Content configuration,
            String by,
            Instant startedAt) {
        jdbi.useTransaction(handle -> {
            record(handle, catalog, by, instance);
            record(handle, configuration, by, instance);
            handle.createUpdate(
                            "INSERT INTO access.run VALUES (:instance, :software, :roles::text[], :catalog, :configuration,"
                                    + " :started, :by, clock_timestamp()) ON CONFLICT (instance) DO UPDATE SET software = EXCLUDED.software,"
                                    + " roles = EXCLUDED.roles, catalog = EXCLUDED.catalog, configuration = EXCLUDED.configuration,"
                                    + " started_at = EXCLUDED.started_at, started_by = EXCLUDED.started_by, seen_at = EXCLUDED.seen_at")
                    .bind("instance", instance)
                    .bind("software", software)
                    .bind("roles", roles.toArray(String[]::new))
                    .bind("catalog", catalog.id())
                    .bind("configuration", configuration.id())
                    .bind("started", startedAt.atOffset(ZoneOffset.UTC))
                    .bind("by", by)
                    .execute();
        });
    }

    /** The newest first. */
    public List<Version> versions() {
        return jdbi.withHandle(handle -> handle.createQuery(VERSIONS + " ORDER BY v.seen_at DESC, v.id")
                .map((row, context) -> version(row))
                .list());
    }

    public Optional<Version> find(String id) {
        return jdbi.withHandle(handle -> find(handle, id));
    }

    private static Optional<Version> find(Handle handle, String id) {
        return handle.createQuery(VERSIONS + " WHERE v.id = :id")
                .bind("id", id)
                .map((row, context) -> version(row))
                .findOne();
    }

    /** @throws MillraceException if there is none of this id */
    public Content content(String id) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT kind, content FROM access.version WHERE id = :id")
                        .bind("id", id)
                        .map((row, context) -> {
                            Map<String, String> texts = new LinkedHashMap<>();
                            for (Map.Entry<String, JsonNode> text :
                                    JSON.readTree(row.getString("content")).properties()) {
                                texts.put(text.getKey(), text.getValue().asString());
                            }
                            return new Content(kind(row), texts);
                        })
                        .findOne())
                .orElseThrow(() -> unknown(id));
    }

    /**
     * Somebody says that a version is right.
     *
     * @throws MillraceException if there is none of this id, or it is the one who proposed it
     */
    public Version approve(String id, String reason, Origin origin) {
        return jdbi.inTransaction(handle -> {
            Version version = find(handle, id).orElseThrow(() -> unknown(id));
            if (version.seenBy().equals(origin.by())) {
                throw new MillraceException(
                        Category.USER,
                        origin.by() + " proposed " + version.kind() + " " + id + ", or started it first",
                        "have somebody else approve it");
            }
            handle.createUpdate(
                            "UPDATE access.version SET approved_at = clock_timestamp(), approved_by = :by, reason = :reason"
                                    + " WHERE id = :id AND approved_at IS NULL")
                    .bind("by", origin.by())
                    .bind("reason", reason)
                    .bind("id", id)
                    .execute();
            event(handle, AccessEvent.Kind.VERSION_APPROVED, origin, version.kind() + " " + id, reason);
            return find(handle, id).orElseThrow();
        });
    }

    /** Hubs that run, and those that did, the newest first. */
    public List<Run> runs() {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT *, seen_at > clock_timestamp() - " + SILENT
                        + " AS running FROM access.run ORDER BY seen_at DESC")
                .map((row, context) -> new Run(
                        row.getString("instance"),
                        row.getString("software"),
                        Arrays.asList((String[]) row.getArray("roles").getArray()),
                        row.getString("catalog"),
                        row.getString("configuration"),
                        required(row, "started_at"),
                        row.getString("started_by"),
                        required(row, "seen_at"),
                        row.getBoolean("running")))
                .list());
    }

    /** All flags, whether they are set or not. */
    public List<FlagState> flags() {
        return jdbi.withHandle(handle ->
                Arrays.stream(Flag.values()).map(flag -> flag(handle, flag)).toList());
    }

    /** Whether a flag is on now. */
    public boolean isOn(Flag flag) {
        return jdbi.withHandle(handle -> flag(handle, flag).on());
    }

    private static FlagState flag(Handle handle, Flag flag) {
        return handle.createQuery(
                        "SELECT value AND (expires_at IS NULL OR expires_at > clock_timestamp()) AS is_on, owner,"
                                + " reason, expires_at, changed_at, changed_by FROM access.flag WHERE name = :name")
                .bind("name", flag.toString())
                .map((row, context) -> new FlagState(
                        flag,
                        row.getBoolean("is_on"),
                        row.getString("owner"),
                        row.getString("reason"),
                        time(row, "expires_at"),
                        time(row, "changed_at"),
                        row.getString("changed_by")))
                .findOne()
                .orElseGet(() -> new FlagState(flag, false, null, null, null, null, null));
    }

    /**
     * Sets a flag; within a second it has effect everywhere.
     *
     * @param owner who answers for it
     * @param expiresAt null: never
     */
    public FlagState set(
            Flag flag, boolean value, String owner, String reason, @Nullable Instant expiresAt, Origin origin) {
        return jdbi.inTransaction(handle -> {
            handle.createUpdate(
                            "INSERT INTO access.flag (name, value, owner, reason, expires_at, changed_by)"
                                    + " VALUES (:name, :value, :owner, :reason, :expires, :by) ON CONFLICT (name) DO UPDATE SET"
                                    + " value = EXCLUDED.value, owner = EXCLUDED.owner, reason = EXCLUDED.reason,"
                                    + " expires_at = EXCLUDED.expires_at, changed_at = clock_timestamp(), changed_by = EXCLUDED.changed_by")
                    .bind("name", flag.toString())
                    .bind("value", value)
                    .bind("owner", owner)
                    .bind("reason", reason)
                    .bind("expires", expiresAt == null ? null : expiresAt.atOffset(ZoneOffset.UTC))
                    .bind("by", origin.by())
                    .execute();
            event(
                    handle,
                    AccessEvent.Kind.FLAG_CHANGED,
                    origin,
                    "flag " + flag,
                    (value ? "on" : "off") + (expiresAt == null ? "" : " until " + expiresAt) + ", " + reason);
            return flag(handle, flag);
        });
    }

    private static void event(Handle handle, AccessEvent.Kind kind, Origin origin, String subject, String detail) {
        AccessEvents.write(handle, new AccessEvent(kind, origin.by(), subject, origin.address(), detail, 1));
    }

    private static MillraceException unknown(String id) {
        return new MillraceException(
                Category.USER, "there is no version " + id, "see their ids with 'millrace settings list'");
    }

    private static Version version(ResultSet row) throws SQLException {
        return new Version(
                row.getString("id"),
                kind(row),
                required(row, "seen_at"),
                row.getString("seen_by"),
                row.getString("instance"),
                time(row, "approved_at"),
                row.getString("approved_by"),
                row.getString("reason"),
                Arrays.asList((String[]) row.getArray("running").getArray()));
    }

    private static Version.Kind kind(ResultSet row) throws SQLException {
        return row.getString("kind").equals(Version.Kind.CATALOG.toString())
                ? Version.Kind.CATALOG
                : Version.Kind.CONFIGURATION;
    }

    private static Instant required(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNull(time(row, column), column);
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
