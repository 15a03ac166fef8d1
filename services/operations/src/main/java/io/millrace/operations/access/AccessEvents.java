package io.millrace.operations.access;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** {@code access.event}, from where events go to the audit trail. */
public final class AccessEvents {
    private final Jdbi jdbi;

    /**
     * An event that the audit trail does not have yet.
     *
     * @param id by which it knows one that is sent twice
     * @param kind as text, since a newer version may have written it
     */
    public record Untold(
            long sequence,
            String id,
            Instant at,
            String kind,
            String actor,
            String subject,
            String address,
            String detail,
            int times) {}

    AccessEvents(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** In the transaction of what it tells of. */
    public static void write(Handle handle, AccessEvent event) {
        handle.createUpdate("INSERT INTO access.event (kind, actor, subject, address, detail, times)"
                        + " VALUES (:kind, :actor, :subject, :address, :detail, :times)")
                .bind("kind", event.kind().toString())
                .bind("actor", event.actor())
                .bind("subject", event.subject())
                .bind("address", event.address())
                .bind("detail", event.detail())
                .bind("times", event.times())
                .execute();
    }

    /** Events that tell of nothing in the database, such as requests that were refused. */
    public void write(List<AccessEvent> events) {
        jdbi.useTransaction(handle -> events.forEach(event -> write(handle, event)));
    }

    /** The oldest that are not told, in the order of their numbers. Only one process may ask: see {@link AccessRelay}. */
    static List<Untold> untold(Handle handle, int most) {
        return handle.createQuery("SELECT sequence, id::text, at, kind, actor, subject, address, detail, times"
                        + " FROM access.event WHERE told_at IS NULL ORDER BY sequence LIMIT :most")
                .bind("most", most)
                .map((row, context) -> new Untold(
                        row.getLong("sequence"),
                        row.getString("id"),
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getString("kind"),
                        row.getString("actor"),
                        row.getString("subject"),
                        row.getString("address"),
                        row.getString("detail"),
                        row.getInt("times")))
                .list();
    }

    static void told(Handle handle, List<Untold> told) {
        handle.createUpdate(
                        "UPDATE access.event SET told_at = clock_timestamp() WHERE sequence = ANY (:sequences::bigint[])")
                .bind("sequences", told.stream().map(Untold::sequence).toArray(Long[]::new))
                .execute();
    }

    /** Those that the audit trail has are kept here for a while, and so are sessions and links that are over. */
    static void forget(Handle handle) {
        handle.execute("DELETE FROM access.session WHERE expires_at < now() - interval '90 days'");
        handle.execute("DELETE FROM access.link WHERE expires_at < now() - interval '90 days'");
        handle.execute("DELETE FROM access.event WHERE told_at IS NOT NULL AND at < now() - interval '90 days'");
    }
}
