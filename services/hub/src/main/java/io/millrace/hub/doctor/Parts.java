package io.millrace.hub.doctor;

import io.millrace.catalog.Problem;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.MailProviderName;
import io.millrace.hub.config.Role;
import io.millrace.hub.tables.SourceTables;
import io.millrace.hub.verify.CatalogCheck;
import io.millrace.hub.verify.ConfigCheck;
import io.millrace.notifications.provider.SmtpProvider;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.SourceDefinition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Which parts a configuration has. */
final class Parts {
    private final HubConfig config;
    private final SourceDefinition source;
    private final List<Checkup> checkups = new ArrayList<>();

    private Parts(HubConfig config, SourceDefinition source) {
        this.config = config;
        this.source = source;
    }

    static List<Checkup> of(HubConfig config, SourceDefinition source) {
        Parts parts = new Parts(config, source);
        parts.add("machine", true, () -> MachineCheckup.look(config));
        parts.add("config", true, parts::configuration);
        parts.add("catalog", true, parts::catalog);
        boolean kafka = !config.kafka().bootstrapServers().equals(HubConfig.EMBEDDED);
        parts.add("kafka", kafka, () -> new KafkaCheckup(config.kafka(), source).look());
        parts.add("registry", !config.registry().url().equals(HubConfig.EMBEDDED), parts::registry);
        parts.add("source", !config.source().isEmbedded(), () -> SourceCheckup.look(config.source(), source));
        parts.add("analytics", !config.analytics().isEmbedded(), () -> AnalyticsCheckup.look(config.analytics()));
        if (config.roles().contains(Role.NOTIFICATIONS)) {
            parts.mail();
        }
        parts.web("llm", "llm.url", config.llm().key(), config.llm().url(), "https://api.anthropic.com");
        parts.web(
                "openai",
                "llm.openai.url",
                config.llm().openai().key(),
                config.llm().openai().url(),
                "https://api.openai.com");
        parts.web(
                "datadog",
                "datadog.url",
                config.datadog().key(),
                config.datadog().url(),
                "");
        if (!config.tracing().endpoint().isEmpty()) {
            parts.add(
                    "tracing",
                    true,
                    () -> WebCheckup.look(
                            "tracing", "tracing.endpoint", config.tracing().endpoint()));
        }
        return parts.checkups;
    }

    private void add(String part, boolean known, Callable<List<Finding>> look) {
        checkups.add(new Checkup(
                part,
                known
                        ? look
                        : () -> List.of(Finding.skipped(
                                part, "no address: 'millrace run' starts one of its own, for trying things"))));
    }

    private void web(String part, String key, io.millrace.hub.config.Secret secret, String url, String otherwise) {
        if (!secret.isEmpty()) {
            add(part, true, () -> WebCheckup.look(part, key, url.isEmpty() ? otherwise : url));
        }
    }

    private List<Finding> configuration() {
        List<Problem> problems = ConfigCheck.problems(config);
        return problems.isEmpty()
                ? List.of(Finding.ok("config", "roles " + config.roles()))
                : problems.stream().map(problem -> finding("config", problem)).toList();
    }

    private static Finding finding(String part, Problem problem) {
        String place =
                problem.line() > 0 ? problem.file() + ":" + problem.line() + ":" + problem.column() : problem.file();
        return Finding.problem(part, place + ": " + problem.message(), problem.remedy());
    }

    private List<Finding> catalog() {
        Collection<RelationSchema> relations;
        try {
            relations = SourceTables.read(config, source).relations();
        } catch (MillraceException away) {
            return List.of(
                    Finding.skipped("catalog", "not checked: the tables of source " + source.name() + " are unknown"));
        }
        CatalogCheck check =
                CatalogCheck.of(config.catalog(), relations, source.lanes(), (view, plan) -> Optional.empty());
        return check.problems().isEmpty()
                ? List.of(Finding.ok(
                        "catalog",
                        check.views() + " views, " + check.controls() + " controls, " + check.reports() + " reports in "
                                + config.catalog()))
                : check.problems().stream()
                        .map(problem -> finding("catalog", problem))
                        .toList();
    }

    private List<Finding> registry() {
        String subject = "cdc." + source.name() + ".transactions-value";
        boolean used = HttpSchemaRegistry.impatient(config.registry().url())
                .latest(subject)
                .isPresent();
        return List.of(Finding.ok(
                "registry",
                config.registry().withoutUser() + " answers, "
                        + (used ? "and has the hub's schemas" : "and has no schemas of the hub yet")));
    }

    private void mail() {
        HubConfig.Mail mail = config.mail();
        for (MailProviderName name : mail.providers()) {
            switch (name) {
                case SMTP -> add("smtp", !mail.smtp().host().equals(HubConfig.EMBEDDED), this::smtp);
                case SENDGRID ->
                    web(
                            "sendgrid",
                            "mail.sendgrid.url",
                            mail.sendgrid().key(),
                            mail.sendgrid().url(),
                            "https://api.sendgrid.com");
                case RESEND ->
                    web(
                            "resend",
                            "mail.resend.url",
                            mail.resend().key(),
                            mail.resend().url(),
                            "https://api.resend.com");
            }
        }
    }

    private List<Finding> smtp() {
        HubConfig.Smtp smtp = config.mail().smtp();
        SmtpProvider.Settings settings = new SmtpProvider.Settings(
                smtp.host(), smtp.port(), smtp.user(), smtp.password().reveal(), smtp.startTls());
        return List.of(new SmtpProvider(settings)
                .refusal()
                .map(why -> Finding.problem(
                        "smtp", why, "correct mail.smtp.host, .port, .user, .password and .start-tls, or the server"))
                .orElseGet(() -> Finding.ok("smtp", settings + " takes mail" + (smtp.startTls() ? ", by TLS" : ""))));
    }
}
