package io.millrace.hub;

import io.millrace.hub.config.ConfigOption;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.run.Hub;
import io.millrace.hub.telemetry.SentryErrors;
import io.millrace.platform.failure.MillraceException;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "run",
        description = "Runs the hub, or some of its roles, until it is ended.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ConfigOption config;

    @Override
    public Integer call() {
        HubConfig read = config.read();
        Logs.apply(read.logs());
        try (SentryErrors errors = SentryErrors.start(read)) {
            run(read);
        }
        return 0;
    }

    private static void run(HubConfig config) {
        try (Hub hub = Hub.start(config)) {
            Runtime.getRuntime().addShutdownHook(new Thread(hub::close, "stop"));
            hub.await();
        } catch (MillraceException known) {
            LOG.error("the hub stops: {}", known.describe());
            throw known;
        } catch (RuntimeException unknown) {
            LOG.error("the hub stops", unknown);
            throw unknown;
        }
    }
}
