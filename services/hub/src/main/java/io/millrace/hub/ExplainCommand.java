package io.millrace.hub;

import io.millrace.catalog.ViewFile;
import io.millrace.catalog.ViewFiles;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.SourceFile;
import io.millrace.hub.tables.SourceTables;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.source.SourceDefinition;
import io.millrace.views.plan.Explanation;
import io.millrace.views.planner.ViewPlanner;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "explain",
        description = {
            "Shows how a view is maintained: its operators, what they work on, and what they keep in memory.",
            "With the sizes of it, if a hub is running."
        },
        mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "VIEW", description = "Name of a view in the catalog.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String view;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CatalogOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        HubConfig config = options.config();
        Path folder = options.folder(config);
        SourceDefinition source = SourceFile.readOnly(folder);
        List<ViewFile> views = ViewFiles.readMaintained(folder);
        ViewFile wanted = views.stream()
                .filter(each -> each.name().toString().equals(view))
                .findFirst()
                .orElseThrow(() -> new MillraceException(
                        Category.USER,
                        "there is no view " + view + " in " + folder,
                        "name one of "
                                + views.stream()
                                        .map(each -> each.name().toString())
                                        .collect(Collectors.joining(", "))));
        ViewPlanner planner = new ViewPlanner(SourceTables.read(config, source).relations(), source.lanes());
        switch (planner.plan(wanted)) {
            case ViewPlanner.Result.Planned planned ->
                spec.commandLine()
                        .getOut()
                        .print(Explanation.of(
                                planned.plan(), StateSizes.ask(config).orElse(null)));
            case ViewPlanner.Result.Refused refused -> {
                spec.commandLine().getOut().println(folder + "/" + refused.problem());
                return Millrace.WRONG_INPUT;
            }
        }
        spec.commandLine().getOut().flush();
        return 0;
    }
}
