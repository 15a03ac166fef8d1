package io.millrace.operations.alerts;

import io.millrace.operations.AnalyticsDatabase;
import io.millrace.operations.Decisions;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.avro.AlertAction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Alerts, as the analytics database has them. */
public final class Alerts {
    private static final String WHAT = "the alerts";
    private static final Duration CHANGE_LIMIT = Duration.ofSeconds(15);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final Pattern ID = Pattern.compile("[0-9a-fA-F-]{4,36}");

    private final AnalyticsDatabase analytics;

    public Alerts(AnalyticsDatabase analytics) {
        this.analytics = analytics;
    }

    /**
     * The most severe and newest first.
     *
     * @param state of an alert, or unresolved, or all
     * @param control of which they are; null for all
     * @param limit at most so many
     */
    public List<AlertRow> list(String state, @Nullable String control, int limit) {
        String wanted = state.toLowerCase(Locale.ROOT);
        String condition = switch (wanted) {
            case "all" -> "true";
            case "unresolved" -> "state <> 'resolved'";
            case "open", "acknowledged", "suppressed", "resolved" -> "state = '" + wanted + "'";
            default ->
                throw new MillraceException(
                        Category.USER,
                        "there is no state " + state,
                        "say open, acknowledged, suppressed, resolved, unresolved or all");
        };
        return select(
                condition + " AND (:control::text IS NULL OR control = :control)"
                        + " ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low', 'info'], severity), opened_at DESC"
                        + " LIMIT :limit",
                query -> query.bind("control", control).bind("limit", Math.max(0, limit)));
    }

    /** @param id or its beginning */
    public AlertRow find(String id) {
        if (!ID.matcher(id).matches()) {
            throw new MillraceException(
                    Category.USER, "'" + id + "' is not an alert's id", "see the ids with 'millrace alerts list'");
        }
        List<AlertRow> found =
                select("id::text LIKE :begin LIMIT 2", query -> query.bind("begin", id.toLowerCase(Locale.ROOT) + "%"));
        if (found.size() != 1) {
            throw new MillraceException(
                    Category.USER,
                    found.isEmpty() ? "there is no alert " + id : "several alerts begin with " + id,
                    "see the ids with 'millrace alerts list --state all', or give more of it");
        }
        return found.getFirst();
    }

    /** By its whole id. */
    public Optional<AlertRow> byId(String id) {
        return select("id::text = :id", query -> query.bind("id", id.toLowerCase(Locale.ROOT))).stream()
                .findFirst();
    }

    private List<AlertRow> select(String condition, Consumer<Query> parameters) {
        return analytics.read(WHAT, handle -> {
            Query query = handle.createQuery(AlertRow.SELECT + condition);
            parameters.accept(query);
            return query.map((row, context) -> AlertRow.read(row)).list();
        });
    }

    /** What happened to an alert, oldest first. */
    public List<AlertRow.Event> events(AlertRow alert) {
        return analytics.read(
                WHAT,
                handle -> handle.createQuery(
                                "SELECT at, event, \"by\", reason, title FROM analytics.alert_event WHERE alert = :id::uuid ORDER BY version")
                        .bind("id", alert.id())
                        .map((row, context) -> AlertRow.readEvent(row))
                        .list());
    }

    /** Fails if a decision would change nothing about one of these. */
    public static void requireEffect(List<AlertRow> alerts, AlertDecision decision) {
        for (AlertRow alert : alerts) {
            if (!decision.changes(alert)) {
                throw new MillraceException(
                        Category.USER,
                        "alert " + alert.shortId() + " is " + alert.state() + ": nothing to "
                                + decision.kind().name().toLowerCase(Locale.ROOT),
                        "see 'millrace alerts show " + alert.shortId() + "'");
            }
        }
    }

    /**
     * Decides about an alert, and returns it as it is when that took effect.
     *
     * @param actions topic {@code governance.actions}
     */
    public AlertRow decide(AlertRow alert, AlertDecision decision, Decisions<AlertAction> actions) {
        actions.tell(
                alert.lane(),
                alert.id(),
                new AlertAction(
                        alert.id(),
                        decision.kind(),
                        decision.by(),
                        decision.reason(),
                        decision.until(),
                        Instant.now()));
        long deadline = System.nanoTime() + CHANGE_LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            AlertRow now = find(alert.id());
            if (now.version() > alert.version()) {
                return now;
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        throw new MillraceException(
                Category.EXTERNAL,
                "what you decided about alert " + alert.shortId() + " is written, and did not take effect within "
                        + CHANGE_LIMIT.toSeconds() + " s",
                "does a hub run with roles governance and sink? It takes effect when it does");
    }
}
