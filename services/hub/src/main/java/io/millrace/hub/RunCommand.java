package io.millrace.hub;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.YamlFile;
import io.millrace.hub.run.Hub;
import io.millrace.hub.telemetry.SentryErrors;
import io.millrace.platform.failure.MillraceException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "run",
        description = "Runs the hub, or some of its roles, until it is ended.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    @Option(names = "--config", paramLabel = "FILE", description = "The configuration file. Default: all defaults.")
    private @Nullable Path file;

    @Override
    public Integer call() {
        HubConfig config = YamlFile.read(file, HubConfig.class);
        Logs.apply(config.logs());
        try (SentryErrors errors = SentryErrors.start(config)) {
            run(config);
        }
        return 0;
    }

    private static void run(HubConfig config) {
        try (Hub hub = Hub.start(config)) {
            Runtime.getRuntime().addShutdownHook(new Thread(hub::close, "stop"));
            hub.await();
        } catch (MillraceException known) {
            LOG.error("the hub ends: {}", known.describe());
            throw known;
        } catch (RuntimeException unknown) {
            LOG.error("the hub ends", unknown);
            throw unknown;
        }
    }
}
