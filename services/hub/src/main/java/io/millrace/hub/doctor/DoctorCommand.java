package io.millrace.hub.doctor;

import io.millrace.hub.config.ConfigOption;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.KnownServers;
import io.millrace.hub.config.SourceFile;
import io.millrace.hub.doctor.Finding.State;
import io.millrace.hub.format.Listing;
import io.millrace.hub.format.Output;
import io.millrace.source.SourceDefinition;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "doctor",
        description = {
            "Looks at everything that the configuration names: catalog, Kafka, registry, databases, mail, this machine.",
            "Asks all at once, for five seconds at most, and changes nothing. Each problem comes with what to do.",
            "Exit code 1 if there is a problem."
        },
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ConfigOption option;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Output output;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private static final Listing<Finding> FINDINGS = Listing.<Finding>of("nothing")
            .with("state", finding -> finding.state().name())
            .with("part", Finding::part)
            .with("what", Finding::what)
            .with("remedy", Finding::remedy);

    @Override
    public Integer call() {
        HubConfig config = KnownServers.known(option.read());
        SourceDefinition source = SourceFile.readOnly(config.catalog());
        List<Finding> findings = Checkup.all(Parts.of(config, source));
        PrintWriter out = spec.commandLine().getOut();
        if (!output.isTable()) {
            output.list(out, FINDINGS, findings);
        } else {
            findings.forEach(finding -> print(out, finding));
            out.printf(
                    "%d problems, %d warnings, %d of %d well%n",
                    count(findings, State.PROBLEM::equals),
                    count(findings, State.WARNING::equals),
                    count(findings, State.OK::equals),
                    findings.size());
        }
        out.flush();
        return count(findings, State.PROBLEM::equals) == 0 ? 0 : 1;
    }

    private static long count(List<Finding> findings, Predicate<State> which) {
        return findings.stream().filter(finding -> which.test(finding.state())).count();
    }

    private static void print(PrintWriter out, Finding finding) {
        out.printf(
                Locale.ROOT,
                "%-8s %-10s %s%n",
                finding.state().name().toLowerCase(Locale.ROOT),
                finding.part(),
                finding.what());
        if (!finding.remedy().isEmpty()) {
            out.printf(Locale.ROOT, "%-19s remedy: %s%n", "", finding.remedy());
        }
    }
}
