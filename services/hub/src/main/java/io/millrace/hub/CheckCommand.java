package io.millrace.hub;

import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.SourceFile;
import io.millrace.hub.config.YamlFile;
import io.millrace.schemas.failure.Category;
import io.millrace.schemas.failure.MillraceException;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.SourceDefinition;
import io.millrace.source.server.CapturedTables;
import io.millrace.source.server.SourceFailures;
import io.millrace.source.server.SourceServer;
import io.millrace.views.catalog.Problem;
import io.millrace.views.catalog.ViewFile;
import io.millrace.views.catalog.ViewFiles;
import io.millrace.views.planner.ViewPlanner;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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
        ViewPlanner planner = new ViewPlanner(relations(config, source), source.lanes());
        List<ViewFile> views = ViewFiles.read(folder);
        List<Problem> problems = new ArrayList<>();
        for (ViewFile view : views) {
            if (planner.plan(view) instanceof ViewPlanner.Result.Refused refused) {
                problems.add(refused.problem());
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        problems.forEach(problem -> out.println(folder + "/" + problem));
        out.printf("%d tables, %d views, %d problems%n", source.tables().size(), views.size(), problems.size());
        out.flush();
        return problems.isEmpty() ? 0 : Millrace.WRONG_INPUT;
    }

    private static Collection<RelationSchema> relations(HubConfig config, SourceDefinition source) {
        SourceServer server = server(config);
        try (Connection connection = server.connect()) {
            return CapturedTables.read(connection, source).values();
        } catch (SQLException failed) {
            throw SourceFailures.describe(server, "read the tables of source " + source.name(), failed);
        }
    }

    private static SourceServer server(HubConfig config) {
        if (!config.source().url().equals(HubConfig.EMBEDDED)) {
            return new SourceServer(
                    config.source().url(),
                    config.source().user(),
                    config.source().password());
        }
        Object url = EmbeddedStack.lastEndpoints(config.data()).get("source.url");
        if (url == null) {
            throw new MillraceException(
                    Category.USER,
                    "the tables to check against are unknown: no source is configured, and none was started in "
                            + config.data(),
                    "name source.url in the configuration file, or start './millrace demo' beside this");
        }
        return new SourceServer(url.toString(), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
    }
}
