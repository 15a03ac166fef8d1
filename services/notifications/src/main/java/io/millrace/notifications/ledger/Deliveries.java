package io.millrace.notifications.ledger;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** What became of mails, and what a person decides about those that wait for one. */
public final class Deliveries {
    private static final String SELECT =
            "SELECT id, state, coalesce(provider, '') AS provider, recipient, subject, coalesce(detail, '') AS detail"
                    + " FROM notifications.delivery";
    private static final String CHANGED =
            ", detail = :detail, changed_at = clock_timestamp(), version = version + 1 WHERE id = :id";

    private final Jdbi jdbi;

    /** @param provider that tried it last; empty if none did */
    public record Row(String id, String state, String provider, String to, String subject, String detail) {}

    /** A mail as it was at a time. */
    public record Change(Row mail, long version, Instant at) {}

    /** What a person knows or wants of a mail. */
    public enum Fate {
        /** It arrived. */
        SENT,
        /** It is to be sent, although it may come twice. */
        AGAIN,
        /** It is not to be sent any more. */
        DROP
    }

    Deliveries(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * The newest first.
     *
     * @param state null for all
     * @param to null for all
     */
    public List<Row> list(@Nullable String state, @Nullable String to, int limit) {
        return jdbi.withHandle(handle -> rows(handle.createQuery(SELECT
                        + " WHERE (:state::text IS NULL OR state = :state) AND (:to::text IS NULL OR lower(recipient) = lower(:to))"
                        + " ORDER BY created_at DESC, id LIMIT :limit")
                .bind("state", state)
                .bind("to", to)
                .bind("limit", limit)));
    }

    /** Mails that are not done with: they are to be sent, or somebody has to say what became of them. The oldest change first. */
    public List<Change> open(int limit) {
        return changes("state IN ('pending', 'attempting', 'unknown', 'gathering')", Instant.EPOCH, limit);
    }

    /** When the last change was that shows now, by the database's clock; 1970 if there is no mail. */
    public Instant lastChange() {
        return jdbi.withHandle(handle -> handle.createQuery(
                                "SELECT coalesce(max(changed_at), 'epoch') AS last FROM notifications.delivery")
                        .map((row, context) -> Objects.requireNonNull(row.getObject("last", OffsetDateTime.class)))
                        .one())
                .toInstant();
    }

    /** Mails that changed then or since, the oldest change first. A change may show some time after it was made. */
    public List<Change> changedSince(Instant since, int limit) {
        return changes("true", since, limit);
    }

    private List<Change> changes(String which, Instant since, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery(SELECT.replace(" FROM", ", version, changed_at FROM")
                        + " WHERE " + which + " AND changed_at >= :since ORDER BY changed_at, id LIMIT :limit")
                .bind("since", since.atOffset(ZoneOffset.UTC))
                .bind("limit", limit)
                .map((row, context) -> new Change(
                        row(row),
                        row.getLong("version"),
                        Objects.requireNonNull(row.getObject("changed_at", OffsetDateTime.class))
                                .toInstant()))
                .list());
    }

    private static List<Row> rows(Query query) {
        return query.map((row, context) -> row(row)).list();
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                Objects.requireNonNull(row.getString("id")),
                Objects.requireNonNull(row.getString("state")),
                Objects.requireNonNull(row.getString("provider")),
                Objects.requireNonNull(row.getString("recipient")),
                Objects.requireNonNull(row.getString("subject")),
                Objects.requireNonNull(row.getString("detail")));
    }

    /**
     * Settles a mail of unknown outcome, or one that failed.
     *
     * @param begin of its id
     * @return the mail as it is now
     */
    public Row settle(String begin, Fate fate, String by) {
        return jdbi.inTransaction(handle -> {
            Row row = find(handle, begin);
            if (!row.state.equals("unknown") && !row.state.equals("failed")) {
                throw new MillraceException(
                        Category.USER,
                        "mail " + begin + " is " + row.state + ": nothing to settle",
                        "see those that need somebody with 'millrace notify deliveries --state unknown'");
            }
            if (fate == Fate.AGAIN && row.subject.equals(Restored.SUBJECT)) {
                throw new MillraceException(
                        Category.USER,
                        "mail " + begin + " cannot be sent again: its text was lost when the ledger was restored",
                        "tell " + row.to + " yourself, then settle it as 'sent' or 'drop'");
            }
            handle.createUpdate("UPDATE notifications.delivery SET " + change(fate) + CHANGED)
                    .bind("detail", by + " says: " + fate.name().toLowerCase(Locale.ROOT))
                    .bind("id", row.id)
                    .execute();
            return find(handle, row.id);
        });
    }

    private static String change(Fate fate) {
        return switch (fate) {
            case SENT -> "state = 'accepted'";
            case DROP -> "state = 'failed'";
            case AGAIN ->
                "state = 'pending', maybe_again = maybe_again OR state = 'unknown', pinned = NULL, tried = '{}', refusals = 0,"
                        + " not_before = clock_timestamp(), expires_at = clock_timestamp() + interval '"
                        + Delivery.LONGEST + "'";
        };
    }

    private static Row find(Handle handle, String begin) {
        List<Row> found = rows(handle.createQuery(SELECT + " WHERE starts_with(id, :begin) LIMIT 2 FOR UPDATE")
                .bind("begin", begin));
        if (found.size() != 1) {
            throw new MillraceException(
                    Category.USER,
                    found.isEmpty() ? "there is no mail " + begin : "more than one mail begins with " + begin,
                    "see their ids with 'millrace notify deliveries'");
        }
        return found.getFirst();
    }
}
