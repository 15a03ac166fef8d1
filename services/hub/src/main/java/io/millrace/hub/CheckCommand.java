package io.millrace.hub;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.SourceFile;
import io.millrace.hub.config.YamlFile;
import io.millrace.hub.verify.CatalogCheck;
import io.millrace.source.SourceDefinition;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "check",
        description = {
            "Checks the catalog against the source's tables, without starting anything.",
            "Prints everything that is wrong, with file, line, column and remedy; exit code 2 if anything is."
        },
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    @Option(names = "--config", paramLabel = "FILE", description = "The configuration file. Default: all defaults.")
    private @Nullable Path file;

    @Option(names = "--catalog", paramLabel = "DIR", description = "Instead of the configuration's catalog.")
    private @Nullable Path catalog;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        HubConfig config = YamlFile.read(file, HubConfig.class);
        Path folder = catalog == null ? config.catalog() : catalog;
        SourceDefinition source = SourceFile.readOnly(folder);
        CatalogCheck check = CatalogCheck.of(folder, SourceTables.read(config, source), source.lanes());
        PrintWriter out = spec.commandLine().getOut();
        check.problems().forEach(problem -> out.println(folder + "/" + problem));
        out.printf(
                "%d tables, %d views, %d reports, problems: %d%n",
                source.tables().size(),
                check.views(),
                check.reports(),
                check.problems().size());
        out.flush();
        return check.problems().isEmpty() ? 0 : Millrace.WRONG_INPUT;
    }
}
