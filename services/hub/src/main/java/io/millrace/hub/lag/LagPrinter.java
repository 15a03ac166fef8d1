package io.millrace.hub.lag;

import io.millrace.hub.format.Listing;
import io.millrace.monitoring.LagReport;
import io.millrace.monitoring.lag.State;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report as a table. */
final class LagPrinter {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());
    private static final Duration OLD = Duration.ofSeconds(10);

    /** For programs. */
    static final Listing<LagReport.Stage> STAGES = Listing.<LagReport.Stage>of("no stages")
            .with("stage", LagReport.Stage::stage)
            .with("part", LagReport.Stage::part)
            .with("state", stage -> stage.state().name())
            .with("behindMillis", LagReport.Stage::behindMillis)
            .with("backlog", LagReport.Stage::backlog)
            .with("unit", LagReport.Stage::unit)
            .with("perSecond", LagReport.Stage::perSecond)
            .with("estimateSeconds", LagReport.Stage::estimateSeconds)
            .with("since", LagReport.Stage::since)
            .with("cause", LagReport.Stage::cause);

    private LagPrinter() {}

    /** @param all whether parts that are well have a line of their own */
    static void print(LagReport report, boolean all, PrintWriter out) {
        out.println(CLOCK.format(report.at()) + "  " + report.verdict());
        Duration age = Duration.between(report.at(), Instant.now());
        if (age.compareTo(OLD) > 0) {
            out.println("          this report is " + time(age.toMillis()) + " old: the hub has made no newer one");
        }
        out.println();
        out.printf(Locale.ROOT, "%-34s %-12s %10s%n", "from commit to", "state", "behind");
        for (LagReport.Path path : report.paths()) {
            out.printf(
                    Locale.ROOT,
                    "%-34s %-12s %10s  %s%n",
                    path.name(),
                    word(path.state()),
                    time(path.behindMillis()),
                    path.cause());
        }
        out.println();
        out.printf(
                Locale.ROOT,
                "%-34s %-12s %10s %18s %12s  %s%n",
                "stage",
                "state",
                "behind",
                "backlog",
                "speed",
                "clear in");
        Map<String, List<LagReport.Stage>> stages = new LinkedHashMap<>();
        report.stages()
                .forEach(stage -> stages.computeIfAbsent(stage.stage(), fresh -> new java.util.ArrayList<>())
                        .add(stage));
        stages.values().forEach(parts -> {
            if (all || parts.stream().anyMatch(part -> part.state() != State.OK)) {
                parts.forEach(part -> line(part, out));
            } else {
                line(together(parts), out);
            }
        });
        out.flush();
    }

    /** Parts that are well, as one. */
    private static LagReport.Stage together(List<LagReport.Stage> parts) {
        LagReport.Stage first = parts.getFirst();
        return new LagReport.Stage(
                first.stage(),
                "",
                State.OK,
                parts.stream().mapToLong(LagReport.Stage::behindMillis).max().orElse(0),
                parts.stream().mapToLong(LagReport.Stage::backlog).sum(),
                first.unit(),
                parts.stream().mapToDouble(LagReport.Stage::perSecond).sum(),
                null,
                first.since(),
                "");
    }

    private static void line(LagReport.Stage stage, PrintWriter out) {
        String name = stage.part().isEmpty() ? stage.stage() : stage.stage() + ", " + stage.part();
        Long clear = stage.estimateSeconds();
        out.printf(
                Locale.ROOT,
                "%-34s %-12s %10s %18s %12s  %s%n",
                name,
                word(stage.state()),
                time(stage.behindMillis()),
                String.format(Locale.ROOT, "%,d %s", stage.backlog(), stage.unit()),
                stage.perSecond() > 0 ? String.format(Locale.ROOT, "%,.0f/s", stage.perSecond()) : "",
                clear == null ? "" : time(clear * 1_000));
        if (stage.state() != State.OK) {
            out.println(
                    "    since " + CLOCK.format(stage.since()) + (stage.cause().isEmpty() ? "" : ": " + stage.cause()));
        }
    }

    private static String word(State state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String time(long millis) {
        if (millis < 60_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
        }
        Duration time = Duration.ofMillis(millis);
        return time.toHours() > 0
                ? String.format(Locale.ROOT, "%d h %02d m", time.toHours(), time.toMinutesPart())
                : String.format(Locale.ROOT, "%d m %02d s", time.toMinutes(), time.toSecondsPart());
    }
}
