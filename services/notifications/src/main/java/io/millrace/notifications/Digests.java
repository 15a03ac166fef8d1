package io.millrace.notifications;

import io.millrace.notifications.inbound.Unsubscribe;
import io.millrace.notifications.ledger.Delivery;
import io.millrace.notifications.ledger.Gathering.Batch;
import io.millrace.notifications.ledger.Gathering.Digest;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.route.Importance;
import io.millrace.notifications.route.Route;
import io.millrace.notifications.route.Timing;
import io.millrace.notifications.template.Templates;
import io.millrace.platform.failure.MillraceException;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes one mail of those that were gathered in a window. */
final class Digests {
    private static final Logger LOG = LoggerFactory.getLogger(Digests.class);
    /** So many are in the mail; the others it counts. */
    private static final int SHOWN = 100;

    private final Ledger ledger;
    private final Templates templates;
    private final List<Route> routes;
    private final Unsubscribe links;

    Digests(Ledger ledger, Templates templates, List<Route> routes, Unsubscribe links) {
        this.ledger = ledger;
        this.templates = templates;
        this.routes = routes;
        this.links = links;
    }

    /** Makes those that are due. What cannot be made stays gathered. */
    void run() {
        try {
            ledger.gathering().close(this::write);
        } catch (MillraceException wrong) {
            LOG.error("mail: a digest cannot be made, its mails wait: {}", wrong.describe());
        }
    }

    private Digest write(Batch batch) {
        List<Delivery> shown = batch.mails().stream().limit(SHOWN).toList();
        String id = Delivery.id(batch.event(), batch.recipient(), Templates.DIGEST);
        String unsubscribe = links.link(id, Importance.NORMAL);
        Templates.Rendered words = templates.render(
                new Templates.Digest(
                        batch.route(), batch.until(), shown, batch.mails().size()),
                batch.recipient(),
                unsubscribe);
        Timing routes = this.routes.stream()
                .filter(route -> route.name().equals(batch.route()))
                .findFirst()
                .map(Route::timing)
                .orElse(Timing.AT_ONCE);
        Instant notBefore =
                ledger.preferences().of(batch.recipient()).over(routes).awake(Instant.now());
        return new Digest(
                new Delivery(
                        id,
                        batch.event(),
                        Delivery.NO_ALERT,
                        batch.route(),
                        batch.recipient(),
                        Templates.DIGEST,
                        Importance.NORMAL,
                        words.subject(),
                        words.html(),
                        words.text(),
                        unsubscribe,
                        batch.until(),
                        notBefore.plus(Delivery.LONGEST),
                        0,
                        0,
                        null,
                        List.of(),
                        false,
                        ""),
                notBefore);
    }
}
