package io.millrace.hub.alerts;

import io.millrace.hub.format.Listing;
import io.millrace.operations.alerts.AlertRow;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** Alerts on a terminal. */
final class AlertPrinter {
    private AlertPrinter() {}

    static final Listing<AlertRow> LISTING = Listing.<AlertRow>of("no alerts")
            .with("id", AlertRow::id, AlertRow::shortId)
            .with("severity", AlertRow::severity)
            .with("state", AlertRow::state)
            .with(
                    "opened",
                    AlertRow::openedAt,
                    alert -> alert.openedAt().truncatedTo(ChronoUnit.SECONDS).toString())
            .with("title", AlertRow::title, alert -> alert.title() + "  [" + alert.control() + "]")
            .withHidden("control", AlertRow::control)
            .withHidden("owner", AlertRow::owner)
            .withHidden("violated", AlertRow::violated)
            .withHidden("openedLsn", AlertRow::openedLsn)
            .withHidden("openedXid", AlertRow::openedXid)
            .withHidden("openedBy", AlertRow::openedBy)
            .withHidden("openings", AlertRow::openings)
            .withHidden("suppressedUntil", AlertRow::suppressedUntil)
            .withHidden("remedy", AlertRow::remedy)
            .withHidden("evidence", AlertRow::evidence);

    static Listing<AlertRow> withEvents(List<AlertRow.Event> events) {
        return LISTING.withHidden("events", alert -> events);
    }

    static void show(PrintWriter out, AlertRow alert, List<AlertRow.Event> events) {
        out.println(alert.title());
        field(out, "id", alert.id());
        field(out, "control", alert.control() + " (" + alert.severity() + ", owner " + alert.owner() + ")");
        field(
                out,
                "state",
                alert.state()
                        + (alert.suppressedUntil() == null ? "" : " until " + alert.suppressedUntil())
                        + (alert.violated() ? "; still violated" : "; no longer violated"));
        field(
                out,
                "opened",
                alert.openedAt() + " at " + alert.openedLsn() + ", "
                        + (alert.openedXid() == null
                                ? "when the control was built"
                                : "transaction " + alert.openedXid() + " by "
                                        + (alert.openedBy() == null ? "unknown" : alert.openedBy()))
                        + (alert.openings() > 1 ? ", opened " + alert.openings() + " times" : ""));
        field(out, "remedy", alert.remedy());
        out.println("evidence");
        alert.evidence().forEach((column, value) -> out.println("  " + column + ": " + value));
        out.println("events");
        for (AlertRow.Event event : events) {
            out.println("  " + event.at() + "  " + event.event().replace('_', ' ')
                    + (event.by() == null ? "" : " by " + event.by())
                    + (event.reason() == null ? "" : ": " + event.reason()));
        }
        out.flush();
    }

    private static void field(PrintWriter out, String name, String value) {
        out.println(String.format(Locale.ROOT, "%-9s %s", name, value));
    }
}
