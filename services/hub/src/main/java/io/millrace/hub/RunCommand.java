package io.millrace.hub;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.YamlFile;
import io.millrace.hub.run.Hub;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "run",
        description = "Runs the hub, or some of its roles, until it is ended.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    @Option(names = "--config", paramLabel = "FILE", description = "The configuration file. Default: all defaults.")
    private @Nullable Path file;

    @Override
    public Integer call() {
        HubConfig config = YamlFile.read(file, HubConfig.class);
        Logs.apply(config.logs());
        try (Hub hub = Hub.start(config)) {
            Runtime.getRuntime().addShutdownHook(new Thread(hub::close, "stop"));
            hub.await();
        }
        return 0;
    }
}
