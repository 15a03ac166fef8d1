package io.millrace.hub.alerts;

import io.millrace.operations.alerts.AlertRow;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** Alerts on a terminal. */
final class AlertPrinter {
    private AlertPrinter() {}

    static void list(PrintWriter out, List<AlertRow> alerts) {
        if (alerts.isEmpty()) {
            out.println("no alerts");
        } else {
            out.println(line("id", "severity", "state", "opened", "what"));
        }
        for (AlertRow alert : alerts) {
            out.println(line(
                    alert.shortId(),
                    alert.severity(),
                    alert.state(),
                    alert.openedAt().truncatedTo(ChronoUnit.SECONDS).toString(),
                    alert.title() + "  [" + alert.control() + "]"));
        }
        out.flush();
    }

    private static String line(String id, String severity, String state, String opened, String what) {
        return String.format(Locale.ROOT, "%-8s  %-8s  %-12s  %-20s  %s", id, severity, state, opened, what);
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
                        + (alert.violated() ? "; the violation is there" : "; the violation is gone"));
        field(
                out,
                "opened",
                alert.openedAt() + " at " + alert.openedLsn() + ", "
                        + (alert.openedXid() == null
                                ? "when the control was built"
                                : "transaction " + alert.openedXid() + " by "
                                        + (alert.openedBy() == null ? "unknown" : alert.openedBy()))
                        + (alert.openings() > 1 ? ", for the " + alert.openings() + ". time" : ""));
        field(out, "remedy", alert.remedy());
        out.println("evidence");
        alert.evidence().lines().forEach(column -> out.println("  " + column));
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
