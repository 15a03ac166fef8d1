package io.millrace.notifications;

import io.millrace.ledger.LedgerListener;
import io.millrace.ledger.Outbox;
import io.millrace.notifications.dispatch.Dispatcher;
import io.millrace.notifications.dispatch.Policy;
import io.millrace.notifications.dispatch.Providers;
import io.millrace.notifications.inbound.Inbound;
import io.millrace.notifications.inbound.Unsubscribe;
import io.millrace.notifications.inbound.Webhook;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.provider.MailProvider;
import io.millrace.notifications.route.Route;
import io.millrace.notifications.template.Templates;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.loop.Loop;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.MailDelivery;
import io.millrace.schemas.registry.SchemaRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Alerts to mail, in this process: a listener that writes to the ledger, and a dispatcher that sends what is in it. */
public final class Notifications implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);
    private static final Duration FOREVER = Duration.ofDays(36_500);
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final Ledger ledger;
    private final Dispatcher dispatcher;
    private final Outbox<MailDelivery> deliveries;
    private final LedgerListener listener;
    private final PublishedDeliveries published;
    private final Inbound inbound;
    private final Loop beginning = new Loop("mail-start", this::begin);
    private final CountDownLatch begun = new CountDownLatch(1);
    private volatile String waiting = "waits for Kafka and the ledger";

    /**
     * @param jdbcUrl of the analytics database, where the ledger is; the password never shows in texts
     * @param instance a name that is this process's in every run
     * @param from sender of all mails
     * @param publicUrl address of the hub's web server as recipients reach it; empty for no links to it in mails
     * @param lanes partitions of the alerts' topic
     */
    public record Settings(
            KafkaServers kafkaServers,
            short replicationFactor,
            int lanes,
            String jdbcUrl,
            String user,
            String password,
            String instance,
            String from,
            String publicUrl,
            Policy policy,
            Providers.Guard guard) {
        @Override
        public String toString() {
            return jdbcUrl + " as " + user + ", from " + from;
        }
    }

    private Notifications(
            Ledger ledger,
            Dispatcher dispatcher,
            Outbox<MailDelivery> deliveries,
            LedgerListener listener,
            PublishedDeliveries published,
            Inbound inbound) {
        this.published = published;
        this.ledger = ledger;
        this.dispatcher = dispatcher;
        this.deliveries = deliveries;
        this.listener = listener;
        this.inbound = inbound;
    }

    /**
     * @param providers the preferred one first
     * @param webhooks of the providers that tell of mails
     */
    public static Notifications start(
            Settings settings,
            List<Route> routes,
            Path catalog,
            List<MailProvider> providers,
            List<Webhook> webhooks,
            SchemaRegistry registry) {
        Templates templates = new Templates(catalog);
        Templates.needed(routes).forEach(templates::check);
        Ledger ledger = new Ledger(settings.jdbcUrl, settings.user, settings.password, settings.instance);
        try {
            ledger.prepare();
            Topics topics = new Topics(registry);
            Unsubscribe links = new Unsubscribe(settings.publicUrl, ledger.secret("unsubscribe"));
            Outbox<MailDelivery> deliveries = new Outbox<>(
                    new Outbox.Settings(
                            "deliveries of mail",
                            "millrace-notifications-outbox",
                            settings.kafkaServers,
                            settings.replicationFactor,
                            settings.lanes,
                            Duration.ofMillis(200)),
                    topics.deliveries(),
                    MailDelivery::getId,
                    ledger);
            Dispatcher dispatcher = new Dispatcher(
                    ledger,
                    new Providers(providers, settings.guard),
                    settings.from,
                    settings.policy,
                    new Digests(ledger, templates, routes, links)::run);
            PublishedDeliveries published = new PublishedDeliveries(settings.kafkaServers, topics.deliveries(), ledger);
            LedgerListener listener = new LedgerListener(
                    new LedgerListener.Settings(
                            "mail",
                            "millrace-notifications",
                            settings.kafkaServers,
                            settings.instance,
                            "fix the template, or the producer of the record; no mail is sent for it"),
                    List.of(topics.alerts().name()),
                    new AlertRecords(topics.alerts(), new Intake(routes, templates, ledger, links), published),
                    ledger.positions(),
                    Optional.empty(),
                    registry);
            Notifications notifications = new Notifications(
                    ledger, dispatcher, deliveries, listener, published, new Inbound(ledger, links, webhooks));
            notifications.beginning.start();
            return notifications;
        } catch (RuntimeException failed) {
            ledger.close();
            throw failed;
        }
    }

    /** No mail is sent, and no state published, before it is known whether the ledger knows of all that were. */
    private Duration begin() throws InterruptedException {
        try {
            if (listener.ledgerIsOlder()) {
                published.learn();
            }
        } catch (ExecutionException | RuntimeException away) {
            waiting =
                    "waits, since it is not known whether the ledger was restored from a backup: " + away.getMessage();
            LOG.warn("mail {}", waiting);
            return AGAIN;
        }
        dispatcher.start();
        deliveries.start();
        listener.start();
        begun.countDown();
        return FOREVER;
    }

    /** Whether alerts are being listened to. */
    public boolean ready() {
        return listener.running();
    }

    /** Whether alerts are not being listened to, or a provider is not asked because it failed. */
    public boolean impaired() {
        return !ready() || dispatcher.impaired();
    }

    /** Takes what recipients and providers send back. */
    public Inbound inbound() {
        return inbound;
    }

    /** One line on where it is. */
    public String detail() {
        if (begun.getCount() > 0) {
            return waiting;
        }
        String trouble = listener.trouble();
        return (trouble.isEmpty() ? "" : trouble + "; ") + "providers: " + dispatcher.detail();
    }

    @Override
    public void close() {
        beginning.close();
        listener.close();
        dispatcher.close();
        deliveries.close();
        ledger.close();
    }
}
