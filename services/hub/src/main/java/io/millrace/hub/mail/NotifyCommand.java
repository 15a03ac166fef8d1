package io.millrace.hub.mail;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.hub.format.Listing;
import io.millrace.hub.run.MailProviders;
import io.millrace.notifications.ledger.Deliveries;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.provider.Mail;
import io.millrace.notifications.provider.MailProvider;
import io.millrace.notifications.provider.Outcome;
import io.millrace.notifications.route.Timing;
import io.millrace.notifications.template.Sample;
import io.millrace.notifications.template.Templates;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tries the way that mail takes, and looks after mails that need a person. */
@Command(
        name = "notify",
        description =
                "Mail about alerts: tries the way it takes, shows what became of it, and settles what needs a person.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class NotifyCommand extends RunningHubCommand {
    /** How the id of a mail begins that somebody sent to see whether it arrives. */
    public static final String TEST = "test-";

    private static final int SHORT = 12;

    private static final Listing<Deliveries.Row> DELIVERIES = Listing.<Deliveries.Row>of("no mails")
            .with("id", Deliveries.Row::id, row -> row.id().substring(0, SHORT))
            .with("state", Deliveries.Row::state)
            .with("provider", Deliveries.Row::provider)
            .with("to", Deliveries.Row::to)
            .with("subject", Deliveries.Row::subject)
            .with("detail", Deliveries.Row::detail, row -> row.state().equals("accepted") ? "" : row.detail());

    @Command(
            name = "test",
            description = {
                "Sends one mail now, past the ledger, and shows which provider took it.",
                "Exit code 1 if none did."
            },
            mixinStandardHelpOptions = true)
    int test(
            @Option(names = "--to", required = true, paramLabel = "ADDRESS") String to,
            @Option(names = "--template", defaultValue = "alert", description = "Default: alert") String template) {
        HubConfig config = config();
        Templates.Rendered words = new Templates(config.catalog()).render(template, Sample.alert(), to, "");
        Mail mail = new Mail(
                TEST + UUID.randomUUID(),
                config.mail().from(),
                to,
                words.subject(),
                words.html(),
                words.text(),
                "",
                false);
        PrintWriter out = out();
        for (MailProvider provider : MailProviders.of(config.mail())) {
            Outcome outcome = provider.send(mail);
            out.println(provider.name() + ": " + describe(outcome));
            out.flush();
            if (outcome instanceof Outcome.Accepted) {
                return 0;
            }
        }
        return 1;
    }

    @Command(
            name = "deliveries",
            description = "Mails and what became of them, the newest first.",
            mixinStandardHelpOptions = true)
    int deliveries(
            @Option(
                            names = "--state",
                            description =
                                    "pending, attempting, accepted, failed, suppressed, unknown, gathering or digested. Default: all")
                    @Nullable String state,
            @Option(names = "--to", paramLabel = "ADDRESS") @Nullable String to,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "50",
                            description = "At most so many. Default: 50")
                    int limit) {
        PrintWriter out = out();
        try (Ledger ledger = LedgerAccess.open(config())) {
            output().list(out, DELIVERIES, ledger.deliveries().list(state, to, limit));
        }
        out.flush();
        return 0;
    }

    @Command(
            name = "prefer",
            description = {
                "Says when an address wants its mail, whatever the routes say. Mail of class critical never waits.",
                "Takes the place of what was said before; without options, the routes decide again."
            },
            mixinStandardHelpOptions = true)
    int prefer(
            @Parameters(paramLabel = "ADDRESS") String address,
            @Option(
                            names = "--digest",
                            paramLabel = "TIME",
                            description = "One mail for all of so long: 15m, 1h, 24h; off: each as it is.")
                    @Nullable String digest,
            @Option(names = "--quiet", paramLabel = "HOURS", description = "No mail then: 20:00-07:00; off: none.")
                    @Nullable String quiet,
            @Option(names = "--zone", paramLabel = "ZONE", description = "Of these hours, e.g. Europe/Prague.")
                    @Nullable String zone,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        Timing.Wish wish = new Timing.Wish(digest, quiet, zone);
        try {
            wish.over(Timing.AT_ONCE);
        } catch (IllegalArgumentException wrong) {
            throw new MillraceException(
                    Category.USER, String.valueOf(wrong.getMessage()), "see 'millrace notify prefer --help'");
        }
        try (Ledger ledger = LedgerAccess.open(config())) {
            ledger.preferences().set(address, wish, person(by));
        }
        PrintWriter out = out();
        out.println(
                wish.equals(Timing.Wish.NONE)
                        ? address + ": as the routes say"
                        : address + ": digest " + said(digest) + ", quiet " + said(quiet) + ", zone " + said(zone));
        out.flush();
        return 0;
    }

    private static String said(@Nullable String wish) {
        return wish == null ? "as the routes say" : wish;
    }

    @Command(
            name = "settle",
            description = {
                "Settles mails whose outcome is unknown, and failed ones.",
                "sent: it arrived. again: send it (it may come twice). drop: it is not to be sent."
            },
            mixinStandardHelpOptions = true)
    int settle(
            @Parameters(index = "0", paramLabel = "sent|again|drop") Deliveries.Fate fate,
            @Parameters(
                            index = "1..*",
                            arity = "1..*",
                            paramLabel = "ID",
                            description = "Of the mails, or as much of the beginning as is unique.")
                    List<String> ids,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        PrintWriter out = out();
        try (Ledger ledger = LedgerAccess.open(config())) {
            for (String id : ids) {
                Deliveries.Row row = ledger.deliveries().settle(id, fate, person(by));
                out.println(
                        row.id().substring(0, SHORT) + " is " + row.state() + ": " + row.to() + ", " + row.subject());
            }
        }
        out.flush();
        return 0;
    }

    private static String describe(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Accepted accepted ->
                "accepted" + (accepted.providerId() == null ? "" : " as " + accepted.providerId());
            case Outcome.Unknown unknown -> "outcome unknown: " + unknown.detail();
            case Outcome.Refused refused ->
                "refused (" + refused.action().name().toLowerCase(Locale.ROOT).replace('_', ' ') + "): "
                        + refused.detail();
        };
    }
}
