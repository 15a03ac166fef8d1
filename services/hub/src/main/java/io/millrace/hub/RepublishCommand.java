package io.millrace.hub;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.operations.views.Republication;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "republish",
        description = {
            "Makes the hub publish all rows of views again, as soon as it can; nothing has to be stopped.",
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
        Republication republication = new Republication(
                config.kafka().servers(),
                HttpSchemaRegistry.impatient(config.registry().url()));
        List<String> asked = all ? republication.ofAll() : republication.of(views);
        asked.forEach(view -> out().println("asked for all rows of " + view));
        out().flush();
        return 0;
    }
}
