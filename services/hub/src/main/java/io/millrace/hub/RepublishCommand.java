package io.millrace.hub;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.DefinedViews;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "republish",
        description = {
            "Makes the hub publish all rows of views anew, as soon as it can; nothing has to be stopped.",
            "Tables in the analytics database are replaced by them. The hub asks for it by itself where it finds rows missing."
        },
        mixinStandardHelpOptions = true)
final class RepublishCommand extends RunningHubCommand implements Callable<Integer> {
    @Option(names = "--all", description = "All views and controls.")
    private boolean all;

    @Parameters(paramLabel = "VIEW", arity = "0..*", description = "Names of views and controls.")
    private List<String> views = new ArrayList<>();

    @Override
    public Integer call() {
        if (all != views.isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    all ? "--all and names of views were given" : "no view was named",
                    "name the views, or give --all");
        }
        HubConfig config = config();
        List<String> asked = new ArrayList<>();
        new DefinedViews(
                        config.kafka().servers(),
                        HttpSchemaRegistry.impatient(config.registry().url()))
                .change(defined -> {
                    asked.clear();
                    return changes(defined, asked);
                });
        asked.forEach(view -> out().println("asked for all rows of " + view));
        out().flush();
        return 0;
    }

    private Map<String, @Nullable ViewDefinition> changes(Map<String, ViewDefinition> defined, List<String> asked) {
        List<String> unknown =
                views.stream().filter(view -> !defined.containsKey(view)).toList();
        if (!unknown.isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    "there is no view " + String.join(", ", unknown),
                    "name some of "
                            + String.join(
                                    ", ", defined.keySet().stream().sorted().toList()));
        }
        Map<String, @Nullable ViewDefinition> changes = new HashMap<>();
        defined.keySet().stream()
                .filter(view -> all || views.contains(view))
                .sorted()
                .forEach(view -> {
                    asked.add(view);
                    changes.put(view, DefinedViews.again(java.util.Objects.requireNonNull(defined.get(view))));
                });
        return changes;
    }
}
