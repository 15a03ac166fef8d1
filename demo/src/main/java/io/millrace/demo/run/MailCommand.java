package io.millrace.demo.run;

import io.millrace.demo.oracle.MailFolder;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.hub.config.ConfigOption;
import io.millrace.hub.config.HubConfig;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads what the embedded SMTP server took. */
@Command(
        name = "mail",
        description = {
            "Shows the mails that the embedded SMTP server took, in the demo or in a hub without another one.",
            "Without a number: the newest. They are files, and any mail program opens them."
        },
        mixinStandardHelpOptions = true)
final class MailCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "NUMBER", description = "Of the mail to read.")
    private @Nullable Integer number;

    @Option(names = "--to", paramLabel = "TEXT", description = "Only to addresses with this text in them.")
    private @Nullable String to;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many. Default: 20")
    private int limit = 20;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ConfigOption option;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        HubConfig config = option.read();
        Path folder = config.data().resolve(EmbeddedStack.MAIL);
        if (!Files.isDirectory(folder)) {
            throw new MillraceException(
                    Category.USER,
                    "no embedded SMTP server was started in " + config.data(),
                    "start './millrace demo --misdeeds' beside this");
        }
        List<MailFolder.ReadMail> mails = new MailFolder(folder)
                .all().stream()
                        .filter(mail -> to == null || mail.to().contains(to))
                        .toList();
        PrintWriter out = spec.commandLine().getOut();
        if (number == null) {
            mails.stream()
                    .skip(Math.max(0, mails.size() - limit))
                    .forEach(mail -> out.println(String.format(
                            Locale.ROOT,
                            "%6s  %-36s  %s",
                            mail.file().replace(".eml", "").replaceFirst("^0+", ""),
                            mail.to(),
                            mail.subject())));
            out.println(mails.size() + " mails in " + folder);
        } else {
            String name = String.format(Locale.ROOT, "%06d.eml", number);
            MailFolder.ReadMail mail = mails.stream()
                    .filter(each -> each.file().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new MillraceException(
                            Category.USER, "there is no mail " + number, "see their numbers with 'millrace mail'"));
            out.println("From:     " + mail.from());
            out.println("To:       " + mail.to());
            out.println("Subject:  " + mail.subject());
            out.println();
            out.println(mail.text());
        }
        out.flush();
        return 0;
    }
}
