package io.millrace.notifications.ledger;

import io.millrace.notifications.route.Timing;
import java.util.Locale;
import org.jdbi.v3.core.Jdbi;

/** When recipients want mail, where they said so. */
public final class Preferences {
    private final Jdbi jdbi;

    Preferences(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** {@link Timing.Wish#NONE} if the recipient said nothing. */
    public Timing.Wish of(String recipient) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT digest, quiet, zone FROM notifications.preference WHERE recipient = :recipient")
                .bind("recipient", recipient.toLowerCase(Locale.ROOT))
                .map((row, context) ->
                        new Timing.Wish(row.getString("digest"), row.getString("quiet"), row.getString("zone")))
                .findOne()
                .orElse(Timing.Wish.NONE));
    }

    /** Takes the place of what the recipient said before. Mail that was written down earlier keeps its time. */
    public void set(String recipient, Timing.Wish wish, String by) {
        jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO notifications.preference (recipient, digest, quiet, zone, changed_by) VALUES (?, ?, ?, ?, ?)"
                        + " ON CONFLICT (recipient) DO UPDATE SET digest = excluded.digest, quiet = excluded.quiet,"
                        + " zone = excluded.zone, changed_by = excluded.changed_by, changed_at = clock_timestamp()",
                recipient.toLowerCase(Locale.ROOT),
                wish.digest(),
                wish.quiet(),
                wish.zone(),
                by));
    }
}
