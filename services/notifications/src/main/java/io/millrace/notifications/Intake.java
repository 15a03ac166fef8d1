package io.millrace.notifications;

import io.millrace.notifications.inbound.Unsubscribe;
import io.millrace.notifications.ledger.Delivery;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.route.Importance;
import io.millrace.notifications.route.Route;
import io.millrace.notifications.route.Timing;
import io.millrace.notifications.template.Templates;
import io.millrace.platform.metrics.HubMetric;
import io.millrace.platform.trace.Trace;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.AlertEvent;
import io.millrace.schemas.avro.AlertState;
import io.opentelemetry.api.trace.Span;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes down which mails an alert makes. No network but the ledger's: what it does twice, it does once. */
final class Intake {
    private static final Set<AlertEvent> TOLD = Set.of(AlertEvent.OPENED, AlertEvent.REOPENED, AlertEvent.LAPSED);

    private final List<Route> routes;
    private final Templates templates;
    private final Ledger ledger;
    private final Unsubscribe links;

    /** When this ledger was made; asked once. */
    private @Nullable Instant since;

    Intake(List<Route> routes, Templates templates, Ledger ledger, Unsubscribe links) {
        this.routes = routes;
        this.templates = templates;
        this.ledger = ledger;
        this.links = links;
    }

    void take(Alert alert) {
        if (alert.getState() != AlertState.OPEN || !TOLD.contains(alert.getLastEvent())) {
            return;
        }
        Set<String> done = new HashSet<>();
        // The critical route of a recipient first: it is the one that counts.
        routes.stream()
                .filter(route -> route.matches(alert))
                .sorted(java.util.Comparator.comparing(Route::importance))
                .forEach(route -> {
                    List<String> recipients = route.recipients(alert);
                    if (recipients.isEmpty()) {
                        HubMetric.MAIL_UNADDRESSED.counter(route.name()).increment();
                    }
                    for (String recipient : recipients) {
                        if (done.add(recipient + "\0" + route.template())) {
                            write(alert, route, recipient);
                        }
                    }
                });
    }

    private void write(Alert alert, Route route, String recipient) {
        String event = alert.getId() + ":" + alert.getVersion();
        String id = Delivery.id(event, recipient, route.template());
        String unsubscribe = links.link(id, route.importance());
        Templates.Rendered words = templates.render(route.template(), alert, recipient, unsubscribe);
        Instant now = Instant.now();
        Timing timing = route.importance() == Importance.CRITICAL
                ? Timing.AT_ONCE
                : ledger.preferences().of(recipient).over(route.timing());
        Instant notBefore = timing.digest() == null ? timing.awake(now) : timing.windowEnd(now);
        Delivery delivery = new Delivery(
                id,
                event,
                alert.getId(),
                route.name(),
                recipient,
                route.template(),
                route.importance(),
                words.subject(),
                words.html(),
                words.text(),
                unsubscribe,
                alert.getAt(),
                (notBefore.isAfter(now) ? notBefore : now).plus(Delivery.LONGEST),
                0,
                0,
                null,
                List.of(),
                false,
                Trace.text(Span.current()));
        String wrong = wrongAddress(recipient);
        if (!wrong.isEmpty()) {
            ledger.addUnsent(
                    delivery, "failed", "route " + route.name() + ": '" + recipient + "' is not an address: " + wrong);
        } else if (alert.getAt().plus(Delivery.LONGEST).isBefore(since())) {
            ledger.addUnsent(
                    delivery,
                    "suppressed",
                    "the alert was older than a day when mail was sent here for the first time");
        } else if (timing.digest() == null) {
            ledger.add(delivery, notBefore);
        } else {
            ledger.gather(delivery, notBefore);
        }
    }

    private Instant since() {
        Instant known = since;
        if (known == null) {
            known = ledger.since();
            since = known;
        }
        return known;
    }

    /** Empty if it is right. */
    private static String wrongAddress(String recipient) {
        try {
            new InternetAddress(recipient, true).validate();
            return recipient.indexOf('@') > 0 ? "" : "there is no @";
        } catch (AddressException wrong) {
            return String.valueOf(wrong.getMessage());
        }
    }
}
