package io.millrace.hub;

import io.millrace.catalog.Problem;
import io.millrace.hub.config.Database;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.KnownServers;
import io.millrace.hub.config.SourceFile;
import io.millrace.hub.tables.SourceTables;
import io.millrace.hub.verify.CatalogCheck;
import io.millrace.hub.verify.ConfigCheck;
import io.millrace.hub.verify.PostgresCheck;
import io.millrace.source.SourceDefinition;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "check",
        description = {
            "Checks configuration and catalog, the catalog against the source's tables, and whether the source can be captured.",
            "Starts nothing; 'millrace doctor' looks at the other servers too.",
            "Prints everything that is wrong, with file, line, column and remedy; exit code 2 if anything is."
        },
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
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
        SourceTables tables = SourceTables.read(config, source);
        PrintWriter out = spec.commandLine().getOut();
        boolean sourceIsThere = tables.note().isEmpty();
        if (!sourceIsThere) {
            out.println(tables.note());
        }
        List<Database> servers = KnownServers.postgres(config);
        List<String> lacks = sourceIsThere ? SourceTables.lacks(servers.getFirst(), source) : List.of();
        lacks.forEach(lack -> out.println("source " + source.name() + ": " + lack));
        Optional<PostgresCheck> postgres = PostgresCheck.open(servers, sourceIsThere, tables.relations());
        if (postgres.isEmpty()) {
            out.println("no Postgres server is in reach: views are checked by Millrace alone");
        }
        CatalogCheck check;
        try {
            CatalogCheck.Question question = postgres.isPresent() ? postgres.get() : (view, plan) -> Optional.empty();
            check = CatalogCheck.of(folder, tables.relations(), source.lanes(), question);
        } finally {
            postgres.ifPresent(PostgresCheck::close);
        }
        List<Problem> ofConfiguration = ConfigCheck.problems(config);
        ofConfiguration.forEach(out::println);
        check.problems().forEach(problem -> out.println(folder + "/" + problem));
        int problems = lacks.size() + ofConfiguration.size() + check.problems().size();
        out.printf(
                "%d tables, %d views, %d controls, %d reports, problems: %d%n",
                source.tables().size(), check.views(), check.controls(), check.reports(), problems);
        out.flush();
        return problems == 0 ? 0 : Millrace.WRONG_INPUT;
    }
}
