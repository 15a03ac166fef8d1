package io.millrace.hub;

import io.millrace.hub.access.KeysCommand;
import io.millrace.hub.access.RolesCommand;
import io.millrace.hub.access.UsersCommand;
import io.millrace.hub.alerts.AlertsCommand;
import io.millrace.hub.audit.AuditCommand;
import io.millrace.hub.deadletters.DeadLettersCommand;
import io.millrace.hub.doctor.DoctorCommand;
import io.millrace.hub.enrich.EnrichCommand;
import io.millrace.hub.lag.LagCommand;
import io.millrace.hub.mail.NotifyCommand;
import io.millrace.hub.mail.SuppressionsCommand;
import io.millrace.hub.settings.SettingsCommand;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.util.Arrays;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. */
@Command(
        name = "millrace",
        description = "SQL views over ERP changes, maintained one source transaction at a time.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionCommand.Provider.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            DoctorCommand.class,
            ExplainCommand.class,
            LagCommand.class,
            AlertsCommand.class,
            AuditCommand.class,
            DeadLettersCommand.class,
            EnrichCommand.class,
            NotifyCommand.class,
            SuppressionsCommand.class,
            KeysCommand.class,
            UsersCommand.class,
            RolesCommand.class,
            SettingsCommand.class,
            CompareCommand.class,
            RepublishCommand.class,
            RecoverCommand.class,
            SnapshotCommand.class,
            CompletionCommand.class,
            VersionCommand.class
        })
public final class Millrace {
    /** Exit codes: 0 done, 1 failed or a difference was found, 2 the command, configuration or catalog is wrong. */
    static final int FAILED = 1;

    static final int WRONG_INPUT = 2;

    private Millrace() {}

    public static void main(String[] arguments) {
        Logs.configure(Arrays.asList(arguments).contains("run"));
        System.exit(commandLine().execute(arguments));
    }

    /** All commands; what they say goes to its writers. */
    public static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Millrace());
        for (Commands more : ServiceLoader.load(Commands.class)) {
            more.commands().forEach(line::addSubcommand);
        }
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(java.time.Duration.class, new DurationConverter())
                .setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command));
    }

    private static int report(Exception failure, CommandLine command) {
        if (failure instanceof MillraceException known) {
            command.getErr().println("millrace: " + known.describe());
            return known.category() == Category.USER ? WRONG_INPUT : FAILED;
        }
        command.getErr().println("millrace: INTERNAL: " + failure);
        failure.printStackTrace(command.getErr());
        return FAILED;
    }
}
