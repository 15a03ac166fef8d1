package io.millrace.monitoring.collect;

import io.millrace.monitoring.LagReport;
import io.millrace.monitoring.lag.State;
import io.millrace.platform.metrics.HubMetric;
import java.util.LinkedHashMap;
import java.util.Map;

/** A report as metrics: of each stage the worst of its parts. */
final class Gauges {
    private Gauges() {}

    static void set(LagReport report) {
        Map<String, LagReport.Stage> worst = new LinkedHashMap<>();
        report.stages()
                .forEach(stage -> worst.merge(
                        stage.stage(),
                        stage,
                        (one, other) -> one.behindMillis() >= other.behindMillis() ? one : other));
        worst.forEach((name, stage) -> {
            HubMetric.STAGE_BEHIND.gauge(stage.behindMillis() / 1_000.0, name);
            HubMetric.STAGE_BACKLOG.gauge(
                    (double) report.stages().stream()
                            .filter(part -> part.stage().equals(name))
                            .mapToLong(LagReport.Stage::backlog)
                            .sum(),
                    name,
                    stage.unit());
            boolean unwell = report.stages().stream()
                    .anyMatch(part -> part.stage().equals(name) && part.state().compareTo(State.CATCHING_UP) > 0);
            HubMetric.STAGE_UNWELL.gauge(unwell ? 1 : 0, name);
        });
        report.paths().forEach(path -> HubMetric.PATH_BEHIND.gauge(path.behindMillis() / 1_000.0, path.name()));
    }
}
