package io.millrace.notifications.inbound;

import io.millrace.notifications.inbound.MailEvent.Kind;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.ledger.News;
import io.millrace.notifications.ledger.News.Addressee;
import io.millrace.notifications.ledger.Suppressions.Suppression;
import io.millrace.platform.metrics.HubMetric;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes what recipients and providers send back. What throws a database's exception is to be sent again. */
public final class Inbound {
    private static final Logger LOG = LoggerFactory.getLogger(Inbound.class);

    private final Ledger ledger;
    private final Unsubscribe links;
    private final Map<String, Webhook> webhooks;

    public Inbound(Ledger ledger, Unsubscribe links, List<Webhook> webhooks) {
        this.ledger = ledger;
        this.links = links;
        this.webhooks = webhooks.stream().collect(Collectors.toMap(Webhook::provider, Function.identity()));
    }

    /** Who would be unsubscribed from what; empty if the link is none of ours. */
    public Optional<Addressee> asked(String token) {
        return links.delivery(token).flatMap(ledger.news()::addressee);
    }

    /** Ends the mails of the route to the recipient. Whoever does it twice has done it once. */
    public Optional<Addressee> unsubscribe(String token) {
        Optional<Addressee> addressee = asked(token);
        addressee.ifPresent(who -> {
            ledger.suppressions()
                    .add(new Suppression(who.recipient(), who.route(), "unsubscribed", who.recipient(), null));
            HubMetric.MAIL_UNSUBSCRIBED.counter().increment();
            LOG.info("mail: a recipient unsubscribed from route {}", who.route());
        });
        return addressee;
    }

    /** Whether a provider's events are taken: there is a key for it. */
    public boolean listensTo(String provider) {
        return webhooks.containsKey(provider);
    }

    /**
     * Takes a provider's request.
     *
     * @throws Webhook.Forged if it is not the provider's
     * @throws IllegalArgumentException if it cannot be read
     */
    public void webhook(String provider, Function<String, Optional<String>> header, byte[] body) {
        Webhook webhook = webhooks.get(provider);
        if (webhook == null) {
            throw new IllegalArgumentException("there is no key for " + provider);
        }
        for (MailEvent event : webhook.events(header, body, Instant.now())) {
            News.Taken taken = ledger.news().take(item(event));
            HubMetric.MAIL_NEWS
                    .counter(
                            provider,
                            event.kind().name().toLowerCase(Locale.ROOT),
                            taken.name().toLowerCase(Locale.ROOT))
                    .increment();
        }
    }

    private static News.Item item(MailEvent event) {
        Kind kind = event.kind();
        News.Fate fate = switch (kind) {
            case TAKEN, DELIVERED, DEFERRED, COMPLAINED, UNSUBSCRIBED, OTHER -> News.Fate.SENT;
            case FAILED, BOUNCED -> News.Fate.LOST;
        };
        boolean suppress = kind == Kind.BOUNCED || kind == Kind.COMPLAINED || kind == Kind.UNSUBSCRIBED;
        return new News.Item(
                event.provider(), event.id(), event.delivery(), fate, suppress, event.detail(), event.at());
    }
}
