package io.millrace.hub.lag;

import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHub;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.hub.run.Monitoring;
import io.millrace.monitoring.LagReport;
import io.millrace.monitoring.collect.Collector;
import io.millrace.monitoring.lag.State;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** Prints where the pipeline is. */
@Command(
        name = "lag",
        description = {
            "Shows how late each stage is, whether it catches up and when, and why.",
            "If no hub answers, it takes samples itself, which takes some seconds.",
            "Exit code 1 if a stage is not well."
        },
        mixinStandardHelpOptions = true)
public final class LagCommand extends RunningHubCommand implements Callable<Integer> {
    private static final int OWN_ROUNDS = 4;
    private static final long INTERVAL_MS = 1_000;
    private static final Duration LIMIT = Duration.ofSeconds(2);

    @Option(names = "--watch", description = "Goes on, every second, until it is ended.")
    private boolean watch;

    @Option(names = "--all", description = "Every partition, also those that are well.")
    private boolean all;

    private @Nullable Collector own;

    @Override
    public Integer call() throws InterruptedException {
        HubConfig config = config();
        try {
            LagReport report = print(config);
            while (watch) {
                Thread.sleep(INTERVAL_MS);
                report = print(config);
            }
            return report.stages().stream().allMatch(stage -> stage.state() == State.OK) ? 0 : 1;
        } finally {
            if (own != null) {
                own.close();
            }
        }
    }

    private LagReport print(HubConfig config) throws InterruptedException {
        Optional<LagReport> asked = RunningHub.get(config, "/actuator/lag")
                .map(body -> JsonMapper.builder().build().readValue(body, LagReport.class));
        LagReport report = asked.isPresent() ? asked.get() : sample(config);
        PrintWriter out = out();
        if (!output().isTable()) {
            output().document(out, report, LagPrinter.STAGES, report.stages());
            return report;
        }
        if (watch) {
            out.print("\033[H\033[2J");
        }
        if (asked.isEmpty()) {
            out.println("no hub answers: these are samples of this moment");
        }
        LagPrinter.print(report, all, out);
        return report;
    }

    private LagReport sample(HubConfig config) throws InterruptedException {
        Collector collector = own;
        int rounds = 1;
        if (collector == null) {
            collector = new Collector(Monitoring.settings(config, List.of(), LIMIT));
            own = collector;
            rounds = OWN_ROUNDS;
        }
        long begun = System.nanoTime();
        LagReport report = collector.round();
        // Somebody waits: where a server is away, one look has to do.
        for (int i = 1; i < rounds && System.nanoTime() - begun < 2L * i * INTERVAL_MS * 1_000_000L; i++) {
            Thread.sleep(INTERVAL_MS);
            report = collector.round();
        }
        return report;
    }
}
