package io.millrace.hub.alerts;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.hub.config.Until;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.avro.AlertActionKind;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
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
        try (AlertTable alerts = AlertTable.open(config().analytics())) {
            AlertPrinter.list(out(), alerts.list(state, control, limit));
        }
        return 0;
    }

    @Command(
            name = "show",
            description = "One alert: its evidence, the transaction that opened it, and all that happened to it.",
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "ID", description = "Its id, or as much of the beginning as is unique.")
                    String id) {
        try (AlertTable alerts = AlertTable.open(config().analytics())) {
            AlertTable.Row alert = alerts.find(id);
            AlertPrinter.show(out(), alert, alerts.events(alert.id()));
        }
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
        String person = by == null ? System.getProperty("user.name", "unknown") : by;
        try (AlertTable alerts = AlertTable.open(config.analytics());
                ActionTopic actions = ActionTopic.open(config)) {
            List<AlertTable.Row> chosen = ids.stream().map(alerts::find).toList();
            for (AlertTable.Row alert : chosen) {
                refuseWithoutEffect(alert, kind);
            }
            for (AlertTable.Row alert : chosen) {
                actions.send(alert, kind, person, reason, until);
                AlertTable.Row now = alerts.awaitChange(alert);
                out().println(now.shortId() + " is " + now.state() + ": " + now.title());
            }
        }
        out().flush();
        return 0;
    }

    private static void refuseWithoutEffect(AlertTable.Row alert, AlertActionKind kind) {
        boolean effect = switch (kind) {
            case ACKNOWLEDGE -> alert.state().equals("open");
            case RESOLVE -> !alert.state().equals("resolved");
            case SUPPRESS -> true;
        };
        if (!effect) {
            throw new MillraceException(
                    Category.USER,
                    "alert " + alert.shortId() + " is " + alert.state() + ": nothing to "
                            + kind.name().toLowerCase(Locale.ROOT),
                    "see 'millrace alerts show " + alert.shortId() + "'");
        }
    }
}
