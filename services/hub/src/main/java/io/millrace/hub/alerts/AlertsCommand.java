package io.millrace.hub.alerts;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.operations.Decisions;
import io.millrace.operations.Until;
import io.millrace.operations.alerts.AlertDecision;
import io.millrace.operations.alerts.AlertRow;
import io.millrace.operations.alerts.Alerts;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.AlertAction;
import io.millrace.schemas.avro.AlertActionKind;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks at alerts and decides about them. */
@Command(
        name = "alerts",
        description = "What controls found: lists it, shows it, and takes what a person decides about it.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class AlertsCommand extends RunningHubCommand {
    @Command(
            name = "list",
            description = "The alerts, the most severe and newest first.",
            mixinStandardHelpOptions = true)
    int list(
            @Option(
                            names = "--state",
                            defaultValue = "unresolved",
                            description =
                                    "open, acknowledged, suppressed, resolved, unresolved or all. Default: unresolved")
                    String state,
            @Option(names = "--control", description = "Of this control only.") @Nullable String control,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "50",
                            description = "At most so many. Default: 50")
                    int limit) {
        output().list(
                        out(),
                        AlertPrinter.LISTING,
                        new Alerts(config().analytics().forPeople()).list(state, control, limit));
        return 0;
    }

    @Command(
            name = "show",
            description = "One alert: its evidence, the transaction that opened it, and all that happened to it.",
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "ID", description = "Its id, or as much of the beginning as is unique.")
                    String id) {
        Alerts alerts = new Alerts(config().analytics().forPeople());
        AlertRow alert = alerts.find(id);
        List<AlertRow.Event> events = alerts.events(alert);
        output().one(out(), AlertPrinter.withEvents(events), alert, out -> AlertPrinter.show(out, alert, events));
        return 0;
    }

    @Command(
            name = "ack",
            description = "Says that somebody looks after an open alert.",
            mixinStandardHelpOptions = true)
    int ack(@Mixin Decision decision) {
        return decide(decision.ids, AlertActionKind.ACKNOWLEDGE, decision.by, decision.reason, null);
    }

    @Command(
            name = "resolve",
            description = {
                "Closes alerts whose violation is dealt with, or accepted.",
                "One opens again when its evidence changes, or when the violation goes and comes back."
            },
            mixinStandardHelpOptions = true)
    int resolve(@Mixin Decision decision) {
        return decide(decision.ids, AlertActionKind.RESOLVE, decision.by, decision.reason, null);
    }

    @Command(
            name = "suppress",
            description = {
                "Keeps alerts quiet until a time, also when the violation goes and comes back.",
                "After it they open again, if the violation is still there."
            },
            mixinStandardHelpOptions = true)
    int suppress(
            @Parameters(arity = "1..*", paramLabel = "ID", description = "Of the alerts.") List<String> ids,
            @Option(
                            names = "--until",
                            required = true,
                            paramLabel = "TIME",
                            description = "2026-12-31, 2026-12-31T18:00:00Z, or from now: 30m, 12h, 7d.")
                    String until,
            @Option(names = "--reason", required = true, paramLabel = "TEXT") String reason,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        return decide(ids, AlertActionKind.SUPPRESS, by, reason, Until.parse(until, Instant.now()));
    }

    /** What ack and resolve are told. */
    static final class Decision {
        @Parameters(arity = "1..*", paramLabel = "ID", description = "Of the alerts.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private List<String> ids;

        @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
        private @Nullable String by;

        @Option(
                names = "--reason",
                paramLabel = "TEXT",
                description = "Why; kept with the alert and in the audit trail.")
        private @Nullable String reason;
    }

    private int decide(
            List<String> ids,
            AlertActionKind kind,
            @Nullable String by,
            @Nullable String reason,
            @Nullable Instant until) {
        HubConfig config = config();
        AlertDecision decision = new AlertDecision(kind, person(by), reason, until);
        Alerts alerts = new Alerts(config.analytics().forPeople());
        List<AlertRow> chosen = ids.stream().map(alerts::find).toList();
        Alerts.requireEffect(chosen, decision);
        try (Decisions<AlertAction> actions = new Decisions<>(
                config.kafka().servers(),
                new Topics(HttpSchemaRegistry.impatient(config.registry().url())).alertActions())) {
            for (AlertRow alert : chosen) {
                AlertRow now = alerts.decide(alert, decision, actions);
                out().println(now.shortId() + " is " + now.state() + ": " + now.title());
            }
        }
        out().flush();
        return 0;
    }
}
