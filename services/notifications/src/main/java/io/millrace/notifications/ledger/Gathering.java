package io.millrace.notifications.ledger;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Mails that wait for the end of their window, to come as one. The digest and what is in it are written in one transaction, under a
 * key of recipient, route and window: no digest comes twice, no mail is in two or in none.
 */
public final class Gathering {
    private static final String DUE =
            " FROM notifications.delivery WHERE state = 'gathering' AND not_before <= clock_timestamp()";

    private final Jdbi jdbi;

    /**
     * Mails whose window is over.
     *
     * @param event the key of the digest that is to be made of them, apart from the recipient
     * @param until the end of the window
     * @param mails the oldest first
     */
    public record Batch(String recipient, String route, String event, Instant until, List<Delivery> mails) {}

    /** A digest and when it may be sent. */
    public record Digest(Delivery delivery, Instant notBefore) {}

    private record Group(String recipient, String route) {}

    Gathering(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Makes the digests that are due.
     *
     * @return how many
     */
    public int close(Function<Batch, Digest> write) {
        List<Group> groups = jdbi.withHandle(handle -> handle.createQuery("SELECT DISTINCT recipient, route" + DUE)
                .map((row, context) -> new Group(
                        Objects.requireNonNull(row.getString("recipient")),
                        Objects.requireNonNull(row.getString("route"))))
                .list());
        int digests = 0;
        for (Group group : groups) {
            digests += jdbi.inTransaction(handle -> close(handle, group, write));
        }
        return digests;
    }

    private static int close(Handle handle, Group group, Function<Batch, Digest> write) {
        handle.execute(
                "SELECT pg_advisory_xact_lock(hashtext('millrace.digest'), hashtext(?))",
                group.recipient + " " + group.route);
        Optional<Instant> end = handle.createQuery(
                        "SELECT max(not_before)" + DUE + " AND recipient = :recipient AND route = :route")
                .bind("recipient", group.recipient)
                .bind("route", group.route)
                .mapTo(Instant.class)
                .findOne();
        if (end.isEmpty()) {
            return 0;
        }
        List<Delivery> mails = handle.createQuery("SELECT " + Ledger.COLUMNS
                        + " FROM notifications.delivery WHERE state = 'gathering' AND not_before <= :end"
                        + " AND recipient = :recipient AND route = :route ORDER BY committed_at, id FOR UPDATE")
                .bind("end", end.get())
                .bind("recipient", group.recipient)
                .bind("route", group.route)
                .map((row, context) -> Ledger.delivery(row))
                .list();
        Instant until = end.get();
        if (exists(handle, group, until)) {
            // Written down after the digest of their window was made: these are one of their own.
            until = Instant.now();
        }
        Digest digest = write.apply(new Batch(group.recipient, group.route, event(group, until), until, mails));
        if (Ledger.insert(handle, digest.delivery, digest.notBefore) != 1) {
            throw new IllegalStateException("there is a digest " + event(group, until) + " to " + group.recipient);
        }
        for (Delivery mail : mails) {
            handle.execute(
                    "UPDATE notifications.delivery SET state = 'digested', digest = ?, changed_at = clock_timestamp(),"
                            + " version = version + 1 WHERE id = ?",
                    digest.delivery.id(),
                    mail.id());
        }
        return 1;
    }

    private static String event(Group group, Instant until) {
        return "digest:" + group.route + ":" + until;
    }

    private static boolean exists(Handle handle, Group group, Instant until) {
        return handle.createQuery(
                                "SELECT count(*) FROM notifications.delivery WHERE event = :event AND recipient = :recipient")
                        .bind("event", event(group, until))
                        .bind("recipient", group.recipient)
                        .mapTo(Long.class)
                        .one()
                > 0;
    }
}
