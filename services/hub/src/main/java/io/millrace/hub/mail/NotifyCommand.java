package io.millrace.hub.mail;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubOptions;
import io.millrace.hub.run.MailProviders;
import io.millrace.notifications.provider.Mail;
import io.millrace.notifications.provider.MailProvider;
import io.millrace.notifications.provider.Outcome;
import io.millrace.notifications.template.Sample;
import io.millrace.notifications.template.Templates;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tries the way that mail takes. */
@Command(
        name = "notify",
        description = "Tries the way that mail about alerts takes.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class NotifyCommand {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private RunningHubOptions hub;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

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
        HubConfig config = hub.config();
        Templates.Rendered words = new Templates(config.catalog()).render(template, Sample.alert(), to);
        Mail mail = new Mail(
                MailFolder.TEST + UUID.randomUUID(),
                config.mail().from(),
                to,
                words.subject(),
                words.html(),
                words.text(),
                false);
        PrintWriter out = spec.commandLine().getOut();
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

    private static String describe(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Accepted accepted ->
                "took it" + (accepted.providerId() == null ? "" : " as " + accepted.providerId());
            case Outcome.Unknown unknown -> "nobody knows whether it was sent: " + unknown.detail();
            case Outcome.Refused refused ->
                "refused it ("
                        + refused.action().name().toLowerCase(Locale.ROOT).replace('_', ' ') + "): " + refused.detail();
        };
    }
}
