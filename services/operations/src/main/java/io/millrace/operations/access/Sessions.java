package io.millrace.operations.access;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Who is signed in where, in {@code access.session}. */
public final class Sessions {
    private static final String COLUMNS =
            "s.id, s.person, s.created_at AS signed_in_at, s.last_seen_at, s.expires_at, s.address, s.agent, s.second_factor, s.ended_at, s.ended_by";

    private static final int MOST = 200;

    private final Jdbi jdbi;

    Sessions(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** The session of a cookie, whether it is in force or not; empty if there is none with this secret. */
    public Optional<SignedIn> find(Token text) {
        return jdbi.withHandle(handle -> find(handle, text.id(), text));
    }

    /** The session of an id. */
    public Optional<SignedIn> find(String id) {
        return jdbi.withHandle(handle -> find(handle, id, null));
    }

    static Optional<SignedIn> find(Handle handle, String id, @Nullable Token text) {
        return handle.createQuery("SELECT " + COLUMNS + ", s.secret_hash, " + Users.COLUMNS
                        + " FROM access.session s JOIN access.person p ON p.name = s.person WHERE s.id = :id")
                .bind("id", id)
                .map((row, context) -> text == null || text.hasHash(row.getBytes("secret_hash"))
                        ? Optional.of(Map.entry(read(row), Users.read(row)))
                        : Optional.<Map.Entry<Session, User>>empty())
                .findOne()
                .flatMap(found -> found)
                .map(found -> new SignedIn(
                        found.getKey(),
                        found.getValue(),
                        Roles.permissions(handle, found.getValue().roles())));
    }

    /** Those of a person, the newest first. */
    public List<Session> list(String user) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT " + COLUMNS
                        + " FROM access.session s WHERE s.person = :user ORDER BY s.created_at DESC LIMIT :most")
                .bind("user", user)
                .bind("most", MOST)
                .map((row, context) -> read(row))
                .list());
    }

    /**
     * Signs a person out on a device.
     *
     * @throws MillraceException if the person has no such session
     */
    public void end(String user, String id, Origin origin) {
        jdbi.useTransaction(handle -> {
            int ended = handle.createUpdate("UPDATE access.session SET ended_at = clock_timestamp(), ended_by = :by"
                            + " WHERE id = :id AND person = :user AND ended_at IS NULL")
                    .bind("by", origin.by())
                    .bind("id", id)
                    .bind("user", user)
                    .execute();
            if (ended == 0) {
                throw new MillraceException(
                        Category.USER,
                        "user " + user + " has no session " + id + " that goes on",
                        "see them with 'millrace users sessions " + user + "'");
            }
            AccessEvents.write(
                    handle, AccessEvent.of(AccessEvent.Kind.SESSION_ENDED, origin, "user " + user, "session " + id));
        });
    }

    /**
     * Signs a person out everywhere.
     *
     * @param but a session that goes on; null: none
     * @return how many ended
     */
    public int endAll(String user, @Nullable String but, Origin origin) {
        return jdbi.inTransaction(handle -> endAll(handle, user, but, origin));
    }

    static int endAll(Handle handle, String user, @Nullable String but, Origin origin) {
        int ended = handle.createUpdate("UPDATE access.session SET ended_at = clock_timestamp(), ended_by = :by"
                        + " WHERE person = :user AND ended_at IS NULL AND expires_at > clock_timestamp()"
                        + " AND id IS DISTINCT FROM :but")
                .bind("by", origin.by())
                .bind("user", user)
                .bind("but", but)
                .execute();
        if (ended > 0) {
            AccessEvents.write(
                    handle,
                    AccessEvent.of(AccessEvent.Kind.SESSION_ENDED, origin, "user " + user, ended + " sessions"));
        }
        return ended;
    }

    /** Writes down when sessions were used last, by their ids. */
    public void seen(Map<String, Instant> uses) {
        jdbi.useTransaction(handle -> new TreeMap<>(uses)
                .forEach((id, at) -> handle.createUpdate(
                                "UPDATE access.session SET last_seen_at = greatest(last_seen_at, :at) WHERE id = :id")
                        .bind("id", id)
                        .bind("at", at.atOffset(ZoneOffset.UTC))
                        .execute()));
    }

    private static Session read(ResultSet row) throws SQLException {
        return new Session(
                row.getString("id"),
                row.getString("person"),
                Rows.requiredTime(row, "signed_in_at"),
                Rows.requiredTime(row, "last_seen_at"),
                Rows.requiredTime(row, "expires_at"),
                row.getString("address"),
                row.getString("agent"),
                row.getBoolean("second_factor"),
                Rows.time(row, "ended_at"),
                row.getString("ended_by"));
    }
}
