package io.millrace.hub.run;

import io.millrace.catalog.ViewFiles;
import io.millrace.enrichment.ledger.Questions;
import io.millrace.enrichment.llm.LlmProviders;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.enrichment.work.Enrichments;
import io.millrace.gateway.Gateway;
import io.millrace.governance.alert.GovernanceEngine;
import io.millrace.governance.catalog.Control;
import io.millrace.governance.catalog.ControlFiles;
import io.millrace.hub.audit.HubEvents;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RecipeFiles;
import io.millrace.hub.config.Role;
import io.millrace.hub.config.RoutesFile;
import io.millrace.hub.config.SourceFile;
import io.millrace.hub.enrich.ConfiguredLlm;
import io.millrace.monitoring.alert.PipelineAlerts;
import io.millrace.notifications.Notifications;
import io.millrace.notifications.inbound.Webhook;
import io.millrace.notifications.route.Route;
import io.millrace.operations.access.SecurityControls;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.sink.AnalyticsDatabase;
import io.millrace.sink.Report;
import io.millrace.sink.TopicSink;
import io.millrace.sink.ViewSink;
import io.millrace.source.PostgresSource;
import io.millrace.source.SourceDefinition;
import io.millrace.source.publish.KafkaCluster;
import io.millrace.source.server.SourceServer;
import io.millrace.streams.StreamsProcess;
import io.millrace.views.sql.QueryParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Starts roles with what the configuration says. */
final class RoleStarter {
    /** On a busy machine, an answer may take its time. */
    private static final Duration SERVER_LIMIT = Duration.ofSeconds(5);

    private final HubConfig config;
    private final SourceDefinition source;
    private final SchemaRegistry registry;

    RoleStarter(HubConfig config) {
        this.config = config;
        this.source = SourceFile.readOnly(config.catalog());
        this.registry = new HttpSchemaRegistry(config.registry().url());
    }

    /** @param started the roles of this process; all of them, when this one begins */
    RunningRole start(Role role, List<RunningRole> started) {
        return switch (role) {
            case SOURCE ->
                new CaptureRole(PostgresSource.start(
                        source,
                        new SourceServer(
                                config.source().url(),
                                config.source().user(),
                                config.source().password().reveal()),
                        new KafkaCluster(
                                config.kafka().servers(), config.kafka().replicationFactor()),
                        registry));
            case SINK ->
                new SinkRole(
                        ViewSink.start(
                                source.name(),
                                source.lanes(),
                                analytics(),
                                config.kafka().servers(),
                                registry,
                                reports()),
                        TopicSink.alerts(
                                source.lanes(), analytics(), config.kafka().servers(), registry),
                        TopicSink.audit(
                                source.lanes(), analytics(), config.kafka().servers(), registry));
            case VIEWS -> ViewsRole.start(source, config, streams(), registry);
            case NOTIFICATIONS -> {
                List<Route> routes = RoutesFile.read(config.catalog());
                String publicUrl = MailProviders.publicUrl(config.mail());
                List<Webhook> webhooks = MailProviders.webhooks(config.mail());
                yield LateRole.of(role, () -> new MailPart(notifications(routes, publicUrl, webhooks)));
            }
            case ENRICHMENT -> {
                List<Recipe> recipes = RecipeFiles.read(config.catalog());
                Optional<LlmProviders> llm = ConfiguredLlm.of(config.llm());
                yield llm.isEmpty() || recipes.isEmpty()
                        ? LateRole.idle(role, "idle: llm.key is not set, or the catalog has no recipe")
                        : LateRole.of(role, () -> new EnrichmentPart(enrichments(recipes, llm.get())));
            }
            case MONITORING ->
                new MonitoringRole(
                        Monitoring.settings(config, started, SERVER_LIMIT),
                        config.monitoring().alertAfter(),
                        AlarmWays.of(config),
                        streams());
            case GATEWAY ->
                new GatewayRole(Gateway.start(
                        new Gateway.Settings(
                                config.analytics().url(),
                                config.gateway().readUrl().isEmpty()
                                        ? config.analytics().url()
                                        : config.gateway().readUrl(),
                                config.analytics().user(),
                                config.analytics().password().reveal(),
                                source.name().toString(),
                                source.lanes(),
                                source.laneColumn(),
                                config.gateway().queryLimit(),
                                config.gateway().requestsPerSecond(),
                                config.gateway().tenantRequestsPerSecond(),
                                config.gateway().redis().isEmpty()
                                        ? null
                                        : config.gateway().redis().reveal(),
                                config.kafka().servers(),
                                registry),
                        () -> started.stream()
                                .flatMap(other -> other.lag().stream())
                                .map(report -> (Object) report)
                                .findFirst()));
            case GOVERNANCE ->
                new GovernanceRole(GovernanceEngine.start(source.name(), controls(), registry, streams()));
        };
    }

    private Enrichments enrichments(List<Recipe> recipes, LlmProviders llm) {
        return Enrichments.start(
                new Enrichments.Settings(
                        config.kafka().servers(),
                        config.kafka().replicationFactor(),
                        source.lanes(),
                        config.engine().instance(),
                        config.llm().concurrency()),
                recipes,
                llm,
                new Questions(
                        config.analytics().url(),
                        config.analytics().user(),
                        config.analytics().password().reveal(),
                        config.engine().instance()),
                registry);
    }

    private List<Control> controls() {
        List<Control> controls = new ArrayList<>(ControlFiles.read(config.catalog()));
        controls.add(PipelineAlerts.CONTROL);
        controls.addAll(SecurityControls.all());
        return controls;
    }

    /** Tells the audit trail what this hub runs with. */
    HubEvents tellAudit() {
        return HubEvents.start(config, source.lanes(), registry);
    }

    private Notifications notifications(List<Route> routes, String publicUrl, List<Webhook> webhooks) {
        return Notifications.start(
                new Notifications.Settings(
                        config.kafka().servers(),
                        config.kafka().replicationFactor(),
                        source.lanes(),
                        config.analytics().url(),
                        config.analytics().user(),
                        config.analytics().password().reveal(),
                        config.engine().instance(),
                        config.mail().from(),
                        publicUrl,
                        MailProviders.policy(config.mail()),
                        MailProviders.guard(config.mail())),
                routes,
                config.catalog(),
                MailProviders.of(config.mail()),
                webhooks,
                registry);
    }

    private AnalyticsDatabase analytics() {
        return new AnalyticsDatabase(
                config.analytics().url(),
                config.analytics().user(),
                config.analytics().password().reveal(),
                config.analysts().password().reveal(),
                source.laneColumn());
    }

    private StreamsProcess.Settings streams() {
        return new StreamsProcess.Settings(
                config.kafka().servers(),
                config.kafka().replicationFactor(),
                source.lanes(),
                config.data().resolve("state"),
                config.engine().instance(),
                config.engine().threads(),
                config.engine().standbyReplicas());
    }

    private List<Report> reports() {
        return ViewFiles.readReports(config.catalog()).stream()
                .map(file -> new Report(
                        file.name().toString(),
                        file.file(),
                        QueryParser.withoutSemicolon(file.sql()),
                        file.description(),
                        file.columnDescriptions()))
                .toList();
    }
}
