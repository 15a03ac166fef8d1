package io.millrace.notifications.ledger;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** What is learnt of mails after they were sent. */
public final class News {
    private final Jdbi jdbi;

    /** Who a mail was for, and the route that it came by. */
    public record Addressee(String recipient, String route) {}

    /** What news says of a mail. */
    public enum Fate {
        /** The provider has it: it was sent. */
        SENT,
        /** It will not arrive. */
        LOST
    }

    /**
     * @param provider that tells
     * @param id the provider's own; what comes again under the same id has no effect
     * @param delivery id of the mail
     * @param suppress whether its recipient is not to be mailed to any more
     */
    public record Item(
            String provider, String id, String delivery, Fate fate, boolean suppress, String detail, Instant at) {}

    /** What became of an item. */
    public enum Taken {
        NEW,
        REPEATED,
        /** No mail of this ledger has the id. */
        NOT_OURS
    }

    News(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    public Optional<Addressee> addressee(String delivery) {
        return jdbi.withHandle(handle -> addressee(handle, delivery));
    }

    private static Optional<Addressee> addressee(Handle handle, String delivery) {
        return handle.createQuery("SELECT recipient, route FROM notifications.delivery WHERE id = :id")
                .bind("id", delivery)
                .map((row, context) -> new Addressee(
                        Objects.requireNonNull(row.getString("recipient")),
                        Objects.requireNonNull(row.getString("route"))))
                .findOne();
    }

    /** Writes an item down with all that follows from it, once. */
    public Taken take(Item item) {
        return jdbi.inTransaction(handle -> {
            Optional<Addressee> addressee = addressee(handle, item.delivery);
            if (addressee.isEmpty()) {
                return Taken.NOT_OURS;
            }
            int fresh = handle.execute(
                    "INSERT INTO notifications.news (provider, id, delivery, fate, detail, at) VALUES (?, ?, ?, ?, ?, ?)"
                            + " ON CONFLICT DO NOTHING",
                    item.provider,
                    item.id,
                    item.delivery,
                    item.fate.name(),
                    item.detail,
                    item.at.atOffset(ZoneOffset.UTC));
            if (fresh == 0) {
                return Taken.REPEATED;
            }
            apply(handle, item);
            if (item.suppress) {
                Suppressions.add(
                        handle,
                        new Suppressions.Suppression(
                                addressee.get().recipient, "", item.provider + ": " + item.detail, "millrace", null));
            }
            return Taken.NEW;
        });
    }

    /** A mail that another provider is trying just now stays with it. */
    private static void apply(Handle handle, Item item) {
        String change = switch (item.fate) {
            case SENT ->
                ", state = CASE WHEN state = 'unknown' OR state = 'pending' AND attempts > 0 THEN 'accepted' ELSE state END";
            case LOST ->
                ", state = CASE WHEN state IN ('unknown', 'accepted') AND provider = :provider THEN 'failed' ELSE state END";
        };
        handle.createUpdate(
                        "UPDATE notifications.delivery SET news = :news, detail = CASE WHEN state = 'attempting' THEN detail"
                                + " ELSE :news END, changed_at = clock_timestamp(), version = version + 1" + change
                                + " WHERE id = :id")
                .bind("news", item.provider + ": " + item.detail)
                .bind("provider", item.provider)
                .bind("id", item.delivery)
                .execute();
    }
}
