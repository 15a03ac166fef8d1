package io.millrace.hub;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.hub.config.SourceFile;
import io.millrace.hub.format.Listing;
import io.millrace.operations.compare.Compared;
import io.millrace.operations.compare.ViewComparison;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "compare",
        description = {
            "Compares views in the analytics database with what their SQL gives at the source, while both go on.",
            "A row that differs is looked at three times, and the view has what the source had each time, before it counts.",
            "Each look reads the whole view, and runs its query on the source. Exit code 1 if a view differs."
        },
        mixinStandardHelpOptions = true)
final class CompareCommand extends RunningHubCommand implements Callable<Integer> {
    private static final Listing<Compared> LISTING = Listing.<Compared>of("there are no views")
            .with("view", Compared::view)
            .with("rows", CompareCommand::rows)
            .with("differences", CompareCommand::differences)
            .with("result", CompareCommand::result)
            .withHidden(
                    "examples",
                    compared -> compared instanceof Compared.Different different ? different.examples() : null);

    @Parameters(paramLabel = "VIEW", arity = "0..*", description = "Names of views and controls. Default: all.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--patience",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "For rows that change all the time, and for views that are late. Default: 60s")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Duration patience;

    @Option(
            names = "--limit",
            paramLabel = "DURATION",
            defaultValue = "5m",
            description = "Of one query at the source or in the analytics database. Default: 5m")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Duration limit;

    @Override
    public Integer call() {
        HubConfig config = config();
        List<String> schemas = SourceFile.readOnly(config.catalog()).tables().stream()
                .map(TableName::schema)
                .distinct()
                .toList();
        List<Compared> all = new ArrayList<>();
        try (Connection source = config.source().connect(limit.plus(patience));
                Connection analytics = config.analytics().connect(limit.plus(patience))) {
            ViewComparison comparison =
                    new ViewComparison(source, analytics, schemas, new ViewComparison.Limits(patience, limit));
            for (String view : names.isEmpty() ? comparison.views() : names) {
                all.add(comparison.compare(view));
            }
        } catch (SQLException failed) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot compare: " + failed.getMessage(),
                    "'millrace doctor' tells what is wrong with " + config.source() + " or " + config.analytics(),
                    failed);
        }
        output().list(out(), LISTING, all);
        List<Compared.Different> different = all.stream()
                .filter(Compared.Different.class::isInstance)
                .map(Compared.Different.class::cast)
                .toList();
        if (output().isTable()) {
            different.forEach(this::explain);
        }
        return different.isEmpty() ? 0 : 1;
    }

    private void explain(Compared.Different different) {
        out().println();
        out().println(different.view() + " differs:");
        for (Compared.Example example : different.examples()) {
            out().println("  key " + example.key());
            out().println("    source: " + Objects.requireNonNullElse(example.source(), "no row"));
            out().println("    view:   " + Objects.requireNonNullElse(example.stored(), "no row"));
        }
        out().println("  If somebody changed the table: 'millrace republish " + different.view()
                + "' replaces it. If it differs after that, too: 'millrace snapshot', and report it as a fault.");
        out().flush();
    }

    private static @Nullable Object rows(Compared compared) {
        return switch (compared) {
            case Compared.Equal equal -> equal.rows();
            case Compared.Different different -> different.rows();
            case Compared.Unknown unknown -> null;
        };
    }

    private static @Nullable Object differences(Compared compared) {
        return switch (compared) {
            case Compared.Equal equal -> 0L;
            case Compared.Different different -> different.differences();
            case Compared.Unknown unknown -> null;
        };
    }

    private static String result(Compared compared) {
        return switch (compared) {
            case Compared.Equal equal ->
                equal.undecided() == 0
                        ? "equal"
                        : "equal but for " + equal.undecided() + " keys that changed with each look";
            case Compared.Different different -> "DIFFERENT";
            case Compared.Unknown unknown -> "not compared: " + unknown.why();
        };
    }
}
