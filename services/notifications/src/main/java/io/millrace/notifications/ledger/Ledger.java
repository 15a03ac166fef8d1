package io.millrace.notifications.ledger;

import io.millrace.ledger.LedgerDatabase;
import io.millrace.ledger.Outbox;
import io.millrace.ledger.Positions;
import io.millrace.ledger.Workers;
import io.millrace.notifications.route.Importance;
import io.millrace.schemas.avro.MailDelivery;
import java.security.SecureRandom;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Every mail and how far it is. A change of state is one transaction; a mail is only at a provider between {@link #claim} and
 * {@link #settle}, so whoever is killed there leaves it as attempting, which is found at the next start.
 */
public final class Ledger implements Outbox.Table<MailDelivery>, AutoCloseable {
    static final String COLUMNS =
            "id, event, alert::text, route, recipient, template, importance, subject, html, body, unsubscribe,"
                    + " committed_at, expires_at, attempts, refusals, pinned, tried, maybe_again, trace";
    private static final LedgerDatabase.Kind KIND =
            new LedgerDatabase.Kind("mails", "notifications", "notifications", "io/millrace/notifications/ledger", 6);
    private static final Duration AFTER_STANDSTILL = Duration.ofHours(1);
    private static final String CHANGED = ", changed_at = clock_timestamp(), version = version + 1";

    private final LedgerDatabase database;
    private final Jdbi jdbi;
    private final Workers workers;

    /** A delivery and the provider that is to try it. */
    public record Claim(Delivery delivery, String provider, int attempt) {}

    /** @param instance name of this hub */
    public Ledger(String jdbcUrl, String user, String password, String instance) {
        this.database = new LedgerDatabase(KIND, jdbcUrl, user, password);
        this.jdbi = database.jdbi();
        this.workers = new Workers(jdbi, "notifications", instance);
    }

    /** Who is not mailed to. */
    public Suppressions suppressions() {
        return new Suppressions(jdbi);
    }

    /** What became of mails, for a person. */
    public Deliveries deliveries() {
        return new Deliveries(jdbi);
    }

    /** When recipients want mail. */
    public Preferences preferences() {
        return new Preferences(jdbi);
    }

    /** Mails that are gathered into one. */
    public Gathering gathering() {
        return new Gathering(jdbi);
    }

    /** What is learnt of mails after they were sent. */
    public News news() {
        return new News(jdbi);
    }

    /** How far alerts are written down. */
    public Positions positions() {
        return new Positions(jdbi, "notifications");
    }

    /**
     * Takes over what became of mails of which this ledger does not know so much: it is older than what was published. Those that are
     * still to be sent are not taken over, since their alerts come again.
     *
     * @return how many it did not know of
     */
    public int learn(List<MailDelivery> published) {
        return Restored.learn(jdbi, published);
    }

    /** A secret of all hubs that share this ledger, made when it is first asked for. */
    public byte[] secret(String name) {
        byte[] fresh = new byte[32];
        new SecureRandom().nextBytes(fresh);
        return jdbi.inTransaction(handle -> {
            handle.execute(
                    "INSERT INTO notifications.secret (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", name, fresh);
            return handle.createQuery("SELECT value FROM notifications.secret WHERE name = :name")
                    .bind("name", name)
                    .mapTo(byte[].class)
                    .one();
        });
    }

    /** Makes it, or what is missing of it. */
    public void prepare() {
        database.migrate();
    }

    /** Fails with a remedy if the ledger is unreachable, or no hub made it yet. */
    public void requirePrepared() {
        database.requireMigrated();
    }

    /** Writes a mail down, unless it is there. */
    public void add(Delivery delivery, Instant notBefore) {
        jdbi.useHandle(handle -> insert(handle, delivery, notBefore));
    }

    static int insert(Handle handle, Delivery delivery, Instant notBefore) {
        return handle.execute(
                "INSERT INTO notifications.delivery (id, event, alert, route, recipient, template, importance, state, not_before,"
                        + " expires_at, subject, html, body, unsubscribe, committed_at, trace)"
                        + " VALUES (?, ?, ?::uuid, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT DO NOTHING",
                delivery.id(),
                delivery.event(),
                delivery.alert(),
                delivery.route(),
                delivery.recipient(),
                delivery.template(),
                delivery.importance().name().toLowerCase(Locale.ROOT),
                notBefore,
                delivery.expiresAt(),
                delivery.subject(),
                delivery.html(),
                delivery.text(),
                delivery.unsubscribe(),
                delivery.committedAt(),
                delivery.trace());
    }

    /** Writes down a mail that is to be part of a digest, at the end of its window. */
    public void gather(Delivery delivery, Instant windowEnd) {
        jdbi.useTransaction(handle -> {
            if (insert(handle, delivery, windowEnd) > 0) {
                handle.execute("UPDATE notifications.delivery SET state = 'gathering' WHERE id = ?", delivery.id());
            }
        });
    }

    /** Writes down a mail that is not to be sent, and why. */
    public void addUnsent(Delivery delivery, String state, String detail) {
        add(delivery, Instant.now().plus(Duration.ofDays(36_500)));
        jdbi.useHandle(handle -> handle.execute(
                "UPDATE notifications.delivery SET state = ?, detail = ?" + CHANGED
                        + " WHERE id = ? AND state = 'pending'" + " AND attempts = 0",
                state,
                detail,
                delivery.id()));
    }

    /**
     * Takes due mails, the critical ones first, for providers to try.
     *
     * @param choose the provider of a mail; empty if none can take it now
     */
    public List<Claim> claim(int limit, Duration notNow, Function<Delivery, Optional<String>> choose) {
        String owner = workers.atWork();
        return jdbi.inTransaction(handle -> {
            suppress(handle);
            List<Claim> claims = new ArrayList<>();
            for (Delivery delivery : due(handle, limit)) {
                Optional<String> provider = choose.apply(delivery);
                if (provider.isEmpty()) {
                    handle.execute(
                            "UPDATE notifications.delivery SET not_before = clock_timestamp() + ?::interval WHERE id = ?",
                            notNow.toString(),
                            delivery.id());
                    continue;
                }
                Delivery sent = delivery.sentAt(Instant.now());
                int attempt = delivery.attempts() + 1;
                handle.execute(
                        "UPDATE notifications.delivery SET state = 'attempting', provider = ?, owner = ?, attempts = ?,"
                                + " subject = ?, html = ?, body = ?" + CHANGED + " WHERE id = ?",
                        provider.get(),
                        owner,
                        attempt,
                        sent.subject(),
                        sent.html(),
                        sent.text(),
                        delivery.id());
                handle.execute(
                        "INSERT INTO notifications.attempt (delivery, number, provider) VALUES (?, ?, ?)",
                        delivery.id(),
                        attempt,
                        provider.get());
                claims.add(new Claim(sent, provider.get(), attempt));
            }
            return claims;
        });
    }

    private static void suppress(Handle handle) {
        handle.execute("UPDATE notifications.delivery d SET state = 'suppressed', detail = s.reason" + CHANGED
                + " FROM notifications.suppression s WHERE d.state = 'pending' AND d.not_before <= clock_timestamp() AND "
                + Suppressions.IN_FORCE);
    }

    private static List<Delivery> due(Handle handle, int limit) {
        // A mail that came after the suppressed ones were marked has to wait for the next look.
        return handle.createQuery("SELECT " + COLUMNS + " FROM notifications.delivery d WHERE state = 'pending'"
                        + " AND not_before <= clock_timestamp() AND NOT EXISTS (SELECT FROM notifications.suppression s WHERE "
                        + Suppressions.IN_FORCE
                        + ") ORDER BY importance, not_before LIMIT :limit FOR UPDATE SKIP LOCKED")
                .bind("limit", limit)
                .map((row, context) -> delivery(row))
                .list();
    }

    static Delivery delivery(ResultSet row) throws SQLException {
        Array tried = row.getArray("tried");
        return new Delivery(
                text(row, "id"),
                text(row, "event"),
                text(row, "alert"),
                text(row, "route"),
                text(row, "recipient"),
                text(row, "template"),
                Importance.valueOf(text(row, "importance").toUpperCase(Locale.ROOT)),
                text(row, "subject"),
                text(row, "html"),
                text(row, "body"),
                text(row, "unsubscribe"),
                time(row, "committed_at"),
                time(row, "expires_at"),
                row.getInt("attempts"),
                row.getInt("refusals"),
                row.getString("pinned"),
                List.of((String[]) tried.getArray()),
                row.getBoolean("maybe_again"),
                text(row, "trace"));
    }

    private static String text(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNullElse(row.getString(column), "");
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNull(row.getObject(column, OffsetDateTime.class))
                .toInstant();
    }

    /** What becomes of a mail after an attempt. */
    public sealed interface Next {
        /** A provider took it. */
        record Done(@Nullable String providerId) implements Next {}

        /**
         * It is tried again.
         *
         * @param counts whether the attempt counts against the mail
         */
        record Again(Instant notBefore, @Nullable String pinned, List<String> tried, boolean counts, boolean maybeAgain)
                implements Next {}

        /** It is not sent; {@code suppress}: nor is anything else to its recipient. */
        record Failed(boolean suppress) implements Next {}

        /** Nobody knows; it is looked at again at a time. */
        record Unknown(Instant until) implements Next {}
    }

    /**
     * Writes down how an attempt ended, and what comes next.
     *
     * @param outcome a word for it
     */
    public void settle(Claim claim, String outcome, String detail, Next next) {
        jdbi.useTransaction(handle -> {
            handle.execute(
                    "UPDATE notifications.attempt SET ended_at = clock_timestamp(), outcome = ?, detail = ?"
                            + " WHERE delivery = ? AND number = ?",
                    outcome,
                    detail,
                    claim.delivery.id(),
                    claim.attempt);
            settle(handle, claim, detail, next);
        });
    }

    private static void settle(Handle handle, Claim claim, String detail, Next next) {
        String where = CHANGED + ", detail = ?, owner = NULL WHERE id = ? AND state = 'attempting' AND attempts = ?";
        String id = claim.delivery.id();
        switch (next) {
            case Next.Done done ->
                handle.execute(
                        // Also where this process was taken for dead meanwhile: now it is known.
                        "UPDATE notifications.delivery SET state = 'accepted', provider_id = ?"
                                + where.replace("= 'attempting'", "IN ('attempting', 'unknown', 'pending')"),
                        done.providerId,
                        detail,
                        id,
                        claim.attempt);
            case Next.Again again ->
                handle.execute(
                        "UPDATE notifications.delivery SET state = 'pending', not_before = ?, pinned = ?, tried = ?::text[],"
                                + " refusals = refusals + ?, maybe_again = ?" + where,
                        again.notBefore,
                        again.pinned,
                        "{" + String.join(",", again.tried) + "}",
                        again.counts ? 1 : 0,
                        again.maybeAgain,
                        detail,
                        id,
                        claim.attempt);
            case Next.Failed failed -> {
                handle.execute("UPDATE notifications.delivery SET state = 'failed'" + where, detail, id, claim.attempt);
                if (failed.suppress) {
                    Suppressions.add(
                            handle,
                            new Suppressions.Suppression(claim.delivery.recipient(), "", detail, "millrace", null));
                }
            }
            case Next.Unknown unknown ->
                handle.execute(
                        "UPDATE notifications.delivery SET state = 'unknown', not_before = ?" + where,
                        unknown.until,
                        detail,
                        id,
                        claim.attempt);
        }
    }

    /** This process sends mail until the ledger is closed. */
    public void startWork() {
        workers.start();
    }

    /** Mails that were at a provider when the process ended that sent them, this hub's or another's. */
    public List<Claim> abandoned() {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT " + COLUMNS
                        + ", provider FROM notifications.delivery WHERE state = 'attempting' AND "
                        + workers.isGone("owner"))
                .map((row, context) -> new Claim(delivery(row), text(row, "provider"), row.getInt("attempts")))
                .list());
    }

    /**
     * Mails that a provider may have sent, and did not tell within the time when asked again, are of unknown outcome.
     *
     * @param window since it was first in doubt
     */
    public int stopAsking(Duration window) {
        return jdbi.withHandle(handle -> handle.execute(
                "UPDATE notifications.delivery d SET state = 'unknown', provider = pinned, pinned = NULL,"
                        + " not_before = clock_timestamp()" + CHANGED
                        + " WHERE state = 'pending' AND pinned IS NOT NULL AND EXISTS (SELECT FROM notifications.attempt a"
                        + " WHERE a.delivery = d.id AND a.provider = d.pinned AND a.outcome = 'unknown'"
                        + " AND a.ended_at < clock_timestamp() - ?::interval)",
                window.toString()));
    }

    /** Critical mails whose fate nobody learnt in time are tried again, by another provider. */
    public int retryUnknown() {
        return jdbi.withHandle(handle -> handle.execute(
                "UPDATE notifications.delivery SET state = 'pending', maybe_again = true, tried = ARRAY[provider]"
                        + CHANGED
                        + " WHERE state = 'unknown' AND importance = 'critical' AND not_before <= clock_timestamp()"));
    }

    /** When this ledger was made. */
    public Instant since() {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT since FROM notifications.ledger")
                .mapTo(Instant.class)
                .one());
    }

    /**
     * Mails that nobody could send in time.
     *
     * @param working since when this process sends mail: what expired while it did not gets an hour
     */
    public int expire(Instant working) {
        boolean all = working.plus(AFTER_STANDSTILL).isBefore(Instant.now());
        return jdbi.withHandle(handle -> handle.execute(
                "UPDATE notifications.delivery SET state = 'failed', detail = 'no provider took it in time: ' || coalesce(detail, '')"
                        + CHANGED
                        + " WHERE state = 'pending' AND expires_at <= clock_timestamp() AND (? OR expires_at > ?)",
                all,
                working));
    }

    /** Mail goes to another provider than before. */
    public void switched(String from, String to, String reason) {
        jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO notifications.provider_switch (\"from\", \"to\", reason) VALUES (?, ?, ?)",
                from,
                to,
                reason));
    }

    @Override
    public boolean takeOutbox() {
        return workers.take("outbox");
    }

    /** What changed since it was published last. */
    @Override
    public List<MailDelivery> unpublished(int limit) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT id, version, alert::text, event, route, recipient, template, importance, state, attempts, provider,"
                                + " maybe_again, detail, changed_at FROM notifications.delivery WHERE published < version LIMIT :limit")
                .bind("limit", limit)
                .map((row, context) -> new MailDelivery(
                        text(row, "id"),
                        row.getLong("version"),
                        text(row, "alert"),
                        text(row, "event"),
                        text(row, "route"),
                        text(row, "recipient"),
                        text(row, "template"),
                        text(row, "importance"),
                        text(row, "state"),
                        row.getInt("attempts"),
                        row.getString("provider"),
                        row.getBoolean("maybe_again"),
                        row.getString("detail"),
                        time(row, "changed_at")))
                .list());
    }

    /** They are published. */
    @Override
    public void published(List<MailDelivery> deliveries) {
        if (deliveries.isEmpty()) {
            return;
        }
        // A row that somebody changes now is published again anyway: nobody waits for another here.
        jdbi.useHandle(handle -> handle.execute(
                "WITH free AS (SELECT d.id, told.version FROM unnest(?::text[], ?::bigint[]) AS told(id, version)"
                        + " JOIN notifications.delivery d USING (id) FOR UPDATE OF d SKIP LOCKED)"
                        + " UPDATE notifications.delivery d SET published = greatest(d.published, free.version)"
                        + " FROM free WHERE d.id = free.id",
                deliveries.stream().map(MailDelivery::getId).toArray(String[]::new),
                deliveries.stream().map(MailDelivery::getVersion).toArray(Long[]::new)));
    }

    @Override
    public void close() {
        workers.close();
        database.close();
    }
}
