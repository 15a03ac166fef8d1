package io.millrace.hub.mail;

import io.millrace.hub.config.RunningHubCommand;
import io.millrace.hub.format.Listing;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.ledger.Suppressions.Suppression;
import io.millrace.operations.Until;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.PrintWriter;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Who is not mailed to. */
@Command(
        name = "suppressions",
        description =
                "Who gets no mail, and why: addresses that do not exist, complained, unsubscribed, or were put here.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class SuppressionsCommand extends RunningHubCommand {
    private static final Listing<Suppression> SUPPRESSIONS = Listing.<Suppression>of("no suppressions")
            .with("recipient", Suppression::recipient)
            .with("route", Suppression::route, each -> each.route().isEmpty() ? "(all)" : each.route())
            .with(
                    "until",
                    Suppression::until,
                    each -> each.until() == null ? "released" : each.until().toString())
            .with("by", Suppression::by)
            .with("reason", Suppression::reason);

    @Command(name = "list", description = "Those in force, the oldest first.", mixinStandardHelpOptions = true)
    int list() {
        try (Ledger ledger = LedgerAccess.open(config())) {
            output().list(out(), SUPPRESSIONS, ledger.suppressions().inForce());
        }
        return 0;
    }

    @Command(
            name = "add",
            description = "Sends an address no mail, of one route or of all; what is due to it is suppressed.",
            mixinStandardHelpOptions = true)
    int add(
            @Parameters(paramLabel = "ADDRESS") String address,
            @Option(names = "--reason", required = true, paramLabel = "TEXT") String reason,
            @Option(names = "--route", paramLabel = "NAME", defaultValue = "", description = "Default: all routes")
                    String route,
            @Option(
                            names = "--until",
                            paramLabel = "TIME",
                            description =
                                    "2026-12-31, 2026-12-31T18:00:00Z, or from now: 30m, 12h, 7d. Default: released.")
                    @Nullable String until,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        Instant end = until == null ? null : Until.parse(until, Instant.now());
        try (Ledger ledger = LedgerAccess.open(config())) {
            ledger.suppressions().add(new Suppression(address, route, reason, person(by), end));
            say(address + " gets no mail" + (route.isEmpty() ? "" : " of route " + route)
                    + (end == null ? " until it is released" : " until " + end));
        }
        return 0;
    }

    @Command(
            name = "release",
            description = "Sends an address mail again. What was suppressed is not sent after all.",
            mixinStandardHelpOptions = true)
    int release(
            @Parameters(paramLabel = "ADDRESS") String address,
            @Option(names = "--reason", required = true, paramLabel = "TEXT") String reason,
            @Option(names = "--route", paramLabel = "NAME", description = "Only of this route. Default: all entries")
                    @Nullable String route,
            @Option(names = "--by", paramLabel = "NAME", description = "Who says so. Default: the system's user.")
                    @Nullable String by) {
        try (Ledger ledger = LedgerAccess.open(config())) {
            int ended = ledger.suppressions().release(address, route, person(by), reason);
            if (ended == 0) {
                throw new MillraceException(
                        Category.USER, address + " is not suppressed", "see 'millrace suppressions list'");
            }
            say(address + " gets mail again");
        }
        return 0;
    }

    private void say(String line) {
        PrintWriter out = out();
        out.println(line);
        out.flush();
    }
}
