package io.millrace.gateway;

import io.github.bucket4j.TimeMeter;
import io.millrace.gateway.alert.AlertEndpoints;
import io.millrace.gateway.alert.AlertFeeds;
import io.millrace.gateway.audit.AuditEndpoints;
import io.millrace.gateway.deadletter.DeadLetterEndpoints;
import io.millrace.gateway.door.CallerFilter;
import io.millrace.gateway.door.Door;
import io.millrace.gateway.door.Limits;
import io.millrace.gateway.enrichment.EnrichmentEndpoints;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.OpenApi;
import io.millrace.gateway.http.Routes;
import io.millrace.gateway.live.LiveSockets;
import io.millrace.gateway.mail.MailEndpoints;
import io.millrace.gateway.mail.MailFeeds;
import io.millrace.gateway.people.AccountPage;
import io.millrace.gateway.people.KeyEndpoints;
import io.millrace.gateway.people.SessionEndpoints;
import io.millrace.gateway.people.UserEndpoints;
import io.millrace.gateway.pipeline.LagFeeds;
import io.millrace.gateway.pipeline.PipelineEndpoints;
import io.millrace.gateway.redis.Redis;
import io.millrace.gateway.settings.KnownFlags;
import io.millrace.gateway.settings.SettingsEndpoints;
import io.millrace.gateway.view.ViewReading;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.operations.Decisions;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.AccessRelay;
import io.millrace.operations.access.Tenants;
import io.millrace.operations.alerts.Alerts;
import io.millrace.operations.audit.AuditRecords;
import io.millrace.operations.audit.AuditTrail;
import io.millrace.operations.deadletters.DeadLetters;
import io.millrace.operations.enrichment.Enrichments;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.loop.Loop;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.AlertAction;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

/** The API: what it answers, and who asks. A web server shows it. */
public final class Gateway implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
    private static final Duration AGAIN = Duration.ofSeconds(2);
    private static final Duration DONE = Duration.ofDays(365);

    private final ViewReading views;
    private final Supplier<Optional<Object>> lag;
    private final SchemaRegistry registry;
    private final KafkaServers kafkaServers;
    private final Access access;
    private final Door door;
    private final AccessRelay relay;
    private final KnownFlags flags;
    private final Optional<Redis> redis;
    private final Limits limits;
    private final LiveSockets live;
    private final Loop prepare = new Loop("gateway-prepare", this::prepare);
    private volatile String trouble = "starting";
    private volatile boolean draining;

    /** Made with the first decision. */
    private @Nullable Decisions<AlertAction> actions;

    /** Made with the first use. */
    private @Nullable DeadLetters letters;

    private final Ledger mails;
    private final int lanes;

    /**
     * Where the gateway reads, and where decisions go.
     *
     * @param readUrl of the analytics database for reads: the same, or that of a pool of connections before it
     * @param source name in the catalog
     * @param lanes of the source
     * @param tenantColumn column of views that says whose a row is; null if there is none
     * @param limit after which a query is cancelled
     * @param requestsPerSecond of a key or person
     * @param tenantRequestsPerSecond of all keys and persons that have the same tenants
     * @param redisUrl of a Redis that gateways share; null if there is none
     */
    public record Settings(
            String jdbcUrl,
            String readUrl,
            String user,
            String password,
            String source,
            int lanes,
            @Nullable String tenantColumn,
            Duration limit,
            int requestsPerSecond,
            int tenantRequestsPerSecond,
            @Nullable String redisUrl,
            KafkaServers kafkaServers,
            SchemaRegistry registry) {
        @Override
        public String toString() {
            return jdbcUrl + " as " + user;
        }
    }

    private Gateway(Settings settings, Supplier<Optional<Object>> lag, TimeMeter clock) {
        this.lag = lag;
        this.kafkaServers = settings.kafkaServers;
        this.registry = settings.registry;
        this.lanes = settings.lanes;
        this.mails = new Ledger(settings.jdbcUrl, settings.user, settings.password, "gateway");
        this.redis = Optional.ofNullable(settings.redisUrl).map(Redis::new);
        this.views = new ViewReading(
                settings.readUrl,
                settings.jdbcUrl,
                settings.user,
                settings.password,
                settings.source,
                settings.lanes,
                settings.tenantColumn,
                settings.limit,
                settings.kafkaServers,
                settings.registry,
                redis);
        this.access = new Access(settings.jdbcUrl, settings.user, settings.password);
        this.door = new Door(access);
        this.flags = new KnownFlags(access.settings());
        this.relay = access.relay(settings.source, settings.kafkaServers, settings.registry);
        this.limits = new Limits(settings.requestsPerSecond, settings.tenantRequestsPerSecond, clock, redis);
        this.live = new LiveSockets(
                List.of(
                        views.feeds(),
                        new AlertFeeds(whose -> new Alerts(views.database(whose))).kind(),
                        new LagFeeds(lag).kind(),
                        new MailFeeds(mails).kind()),
                door,
                views::follow);
        views.onMove(live::moved);
    }

    /**
     * Begins, whether the database is there or not: until it is, answers are problems that say so.
     *
     * @param lag the last report of role monitoring; empty if there is none in this process
     */
    public static Gateway start(Settings settings, Supplier<Optional<Object>> lag) {
        return start(settings, lag, TimeMeter.SYSTEM_NANOTIME);
    }

    /** @param clock by which requests are counted */
    static Gateway start(Settings settings, Supplier<Optional<Object>> lag, TimeMeter clock) {
        Gateway gateway = new Gateway(settings, lag, clock);
        gateway.redis.ifPresent(Redis::start);
        gateway.prepare.start();
        gateway.views.start();
        gateway.door.start();
        gateway.relay.start();
        return gateway;
    }

    private Duration prepare() {
        try {
            access.migrate();
            trouble = "";
            return DONE;
        } catch (RuntimeException away) {
            trouble = String.valueOf(away.getMessage());
            LOG.warn("gateway: {}", trouble);
            return AGAIN;
        }
    }

    /** What the web server leads to it. */
    public RouterFunction<ServerResponse> routes() {
        return Routes.of(endpoints(), flags::readOnly).and(AccountPage.routes());
    }

    /** What the web server leads to WebSockets; asked before the routes. */
    public HandlerMapping sockets() {
        return live.mapping();
    }

    /** Open WebSockets. */
    int openSockets() {
        return live.count();
    }

    /** Every operation. */
    List<Endpoint> endpoints() {
        List<Endpoint> all = new ArrayList<>(views.endpoints());
        all.addAll(new AlertEndpoints(whose -> new Alerts(views.database(whose)), this::actions).all());
        all.addAll(new PipelineEndpoints(lag).all());
        all.addAll(new DeadLetterEndpoints(this::deadLetters).all());
        all.addAll(new AuditEndpoints(
                        new AuditRecords(views.database(Tenants.ALL)),
                        new AuditTrail(views.database(Tenants.ALL), kafkaServers.impatient(), registry))
                .all());
        all.addAll(new MailEndpoints(mails).all());
        all.addAll(new EnrichmentEndpoints(new Enrichments(views.database(Tenants.ALL))).all());
        all.addAll(new SessionEndpoints(access, door, limits).all());
        all.addAll(new UserEndpoints(access, door).all());
        all.addAll(new KeyEndpoints(access, door).all());
        all.addAll(new SettingsEndpoints(access.settings(), flags).all());
        return OpenApi.withDocument(all);
    }

    private synchronized Decisions<AlertAction> actions() {
        Decisions<AlertAction> made = actions;
        if (made == null) {
            made = new Decisions<>(kafkaServers, new Topics(registry).alertActions());
            actions = made;
        }
        return made;
    }

    private synchronized DeadLetters deadLetters() {
        DeadLetters made = letters;
        if (made == null) {
            made = new DeadLetters(kafkaServers.impatient(), registry, lanes);
            letters = made;
        }
        return made;
    }

    /** Who may ask, and how often. */
    CallerFilter callerFilter() {
        return new CallerFilter(door, limits);
    }

    /** The process ends soon: it is not ready any more, and whoever follows is told to connect again. */
    public void drain() {
        draining = true;
        live.close();
    }

    /** Whether requests are answered now. */
    public boolean ready() {
        return detail().equals("ready");
    }

    /** One line on where it is. */
    public String detail() {
        if (draining) {
            return "it ends";
        }
        if (!trouble.isEmpty()) {
            return trouble;
        }
        return views.trouble().isEmpty() ? "ready" : views.trouble();
    }

    @Override
    public synchronized void close() {
        live.close();
        prepare.close();
        if (actions != null) {
            actions.close();
        }
        if (letters != null) {
            letters.close();
        }
        mails.close();
        views.close();
        door.close();
        relay.close();
        access.close();
        redis.ifPresent(Redis::close);
    }
}
