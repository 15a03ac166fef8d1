package io.millrace.notifications.ledger;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Who is not mailed to: a recipient that does not exist, that complained or unsubscribed, or that somebody put here. */
public final class Suppressions {
    /** Joins suppressions {@code s} to deliveries {@code d}. */
    static final String IN_FORCE = "s.released_at IS NULL AND s.recipient = lower(d.recipient)"
            + " AND s.route IN ('', d.route) AND (s.until IS NULL OR s.until > clock_timestamp())";

    private final Jdbi jdbi;

    /**
     * @param recipient an address; case does not matter
     * @param route that it is kept from; empty for all
     * @param until null for ever
     */
    public record Suppression(
            String recipient,
            String route,
            String reason,
            String by,
            @Nullable Instant until) {}

    Suppressions(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Those in force, the oldest first. */
    public List<Suppression> inForce() {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT recipient, route, reason, created_by, until FROM notifications.suppression"
                                + " WHERE released_at IS NULL AND (until IS NULL OR until > clock_timestamp()) ORDER BY created_at")
                .map((row, context) -> {
                    OffsetDateTime until = row.getObject("until", OffsetDateTime.class);
                    return new Suppression(
                            Objects.requireNonNull(row.getString("recipient")),
                            Objects.requireNonNull(row.getString("route")),
                            Objects.requireNonNull(row.getString("reason")),
                            Objects.requireNonNull(row.getString("created_by")),
                            until == null ? null : until.toInstant());
                })
                .list());
    }

    /** Puts a recipient on the list; one that is on it stays as it is. */
    public void add(Suppression suppression) {
        jdbi.useTransaction(handle -> add(handle, suppression));
    }

    static void add(Handle handle, Suppression suppression) {
        String recipient = suppression.recipient.toLowerCase(Locale.ROOT);
        handle.execute(
                "UPDATE notifications.suppression SET released_at = until, released_by = 'millrace', release_reason = 'its time was over'"
                        + " WHERE recipient = ? AND route = ? AND released_at IS NULL AND until <= clock_timestamp()",
                recipient,
                suppression.route);
        handle.execute(
                "INSERT INTO notifications.suppression (recipient, route, reason, created_by, until) VALUES (?, ?, ?, ?, ?)"
                        + " ON CONFLICT DO NOTHING",
                recipient,
                suppression.route,
                suppression.reason,
                suppression.by,
                suppression.until == null ? null : suppression.until.atOffset(ZoneOffset.UTC));
    }

    /**
     * Takes a recipient off the list. Mails that were suppressed are not sent after all.
     *
     * @param route null for every entry of the recipient
     * @return how many entries ended
     */
    public int release(String recipient, @Nullable String route, String by, String reason) {
        return jdbi.withHandle(handle -> handle.execute(
                "UPDATE notifications.suppression SET released_at = clock_timestamp(), released_by = ?, release_reason = ?"
                        + " WHERE recipient = ? AND (?::text IS NULL OR route = ?) AND released_at IS NULL",
                by,
                reason,
                recipient.toLowerCase(Locale.ROOT),
                route,
                route));
    }
}
