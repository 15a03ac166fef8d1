package io.millrace.hub.run;

import io.millrace.hub.config.Role;
import io.millrace.monitoring.LagReport;
import io.millrace.monitoring.alert.DirectAlarm;
import io.millrace.monitoring.alert.PipelineAlerts;
import io.millrace.monitoring.collect.Collector;
import io.millrace.monitoring.metrics.MetricsEngine;
import io.millrace.platform.loop.Loop;
import io.millrace.streams.StreamsProcess;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where every stage is. It starts when data flows, which it does not help with. */
final class MonitoringRole implements RunningRole {
    private static final Logger LOG = LoggerFactory.getLogger(MonitoringRole.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final Collector.Settings settings;
    private final Duration alertAfter;
    private final DirectAlarm alarm;
    private final StreamsProcess.Settings streams;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final Loop loop = new Loop("monitoring", this::watch);
    private volatile @Nullable LagReport report;

    /** @param alertAfter see {@link PipelineAlerts} */
    MonitoringRole(
            Collector.Settings settings, Duration alertAfter, DirectAlarm.Way alarm, StreamsProcess.Settings streams) {
        this.settings = settings;
        this.streams = streams;
        this.alertAfter = alertAfter;
        // Twice as long: the pipeline may tell it by itself.
        this.alarm = new DirectAlarm(settings.sourceName(), alertAfter.multipliedBy(2), alarm);
    }

    @Override
    public void begin() {
        loop.start();
    }

    /** Until the end; a server that is away ends it too, and it begins again. */
    private Duration watch() throws InterruptedException {
        String said = "";
        CompletableFuture<Void> metricsEnd = new CompletableFuture<>();
        metricsEnd.exceptionally(failed -> {
            end.completeExceptionally(failed);
            return null;
        });
        try (Collector collector = new Collector(settings);
                PipelineAlerts alerts = new PipelineAlerts(
                        settings.sourceName(), alertAfter, settings.kafkaServers(), settings.registry());
                MetricsEngine metrics =
                        MetricsEngine.start(settings.sourceName(), settings.registry(), streams, metricsEnd)) {
            LOG.info("metrics: {}", metrics.detail());
            do {
                LagReport fresh = collector.round();
                report = fresh;
                String verdict = fresh.verdict().replaceAll(", [0-9.]+ s behind", "");
                if (!verdict.equals(said)) {
                    said = verdict;
                    LOG.info("{}", fresh.verdict());
                }
                if (!alarm.look(fresh)) {
                    alerts.look(fresh);
                }
            } while (!loop.pause(INTERVAL));
            return Duration.ZERO;
        }
    }

    @Override
    public Role role() {
        return Role.MONITORING;
    }

    @Override
    public boolean ready() {
        return report != null;
    }

    @Override
    public String detail() {
        LagReport last = report;
        return last == null ? "starting, after the others" : last.verdict();
    }

    @Override
    public Optional<LagReport> lag() {
        return Optional.ofNullable(report);
    }

    @Override
    public CompletableFuture<Void> end() {
        return end;
    }

    @Override
    public void close() {
        loop.close();
        end.complete(null);
    }
}
