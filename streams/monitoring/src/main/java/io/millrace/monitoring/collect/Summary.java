package io.millrace.monitoring.collect;

import io.millrace.monitoring.LagReport;
import io.millrace.monitoring.lag.State;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From stages to what people see, and to one line. */
final class Summary {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Summary() {}

    /** @param idleSince when the source changed last; null if it changes */
    static LagReport of(Instant now, List<LagReport.Stage> stages, @Nullable Instant idleSince) {
        List<LagReport.Path> paths = new ArrayList<>();
        for (Stages.Path path : Stages.PATHS) {
            List<LagReport.Stage> on = path.stages().stream()
                    .flatMap(name ->
                            stages.stream().filter(stage -> stage.stage().equals(name)))
                    .toList();
            if (on.stream()
                    .noneMatch(stage -> stage.stage().equals(path.stages().getLast()))) {
                continue;
            }
            State state = on.stream().map(LagReport.Stage::state).reduce(State.OK, State::or);
            paths.add(new LagReport.Path(
                    path.title(),
                    state,
                    on.stream().mapToLong(LagReport.Stage::behindMillis).max().orElse(0),
                    first(on).map(stage -> "see " + stage.stage()).orElse("")));
        }
        return new LagReport(now, verdict(stages, idleSince), paths, stages);
    }

    /** The one that comes first in the pipeline, since what is late behind it may be so because of it; of its parts the worst. */
    private static Optional<LagReport.Stage> first(List<LagReport.Stage> stages) {
        return stages.stream()
                .filter(stage -> stage.state().compareTo(State.CATCHING_UP) > 0)
                .findFirst()
                .or(() -> stages.stream()
                        .filter(stage -> stage.state() != State.OK)
                        .findFirst())
                .flatMap(found -> stages.stream()
                        .filter(stage -> stage.stage().equals(found.stage()))
                        .reduce((one, other) -> other.state().compareTo(one.state()) > 0 ? other : one));
    }

    private static String verdict(List<LagReport.Stage> stages, @Nullable Instant idleSince) {
        long all = stages.stream().map(LagReport.Stage::stage).distinct().count();
        long unhealthy = stages.stream()
                .filter(stage -> stage.state() != State.OK)
                .map(LagReport.Stage::stage)
                .distinct()
                .count();
        return first(stages)
                .map(stage -> unhealthy + " of " + all + " stages unhealthy: " + stage.stage()
                        + (stage.part().isEmpty() ? "" : " (" + stage.part() + ")") + " "
                        + stage.state().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " since "
                        + CLOCK.format(stage.since()) + " UTC, " + seconds(stage.behindMillis()) + " behind"
                        + (stage.cause().isEmpty() ? "" : "; cause: " + stage.cause()))
                .orElse("all " + all + " stages are well"
                        + (idleSince == null
                                ? ""
                                : "; the source has been idle since " + CLOCK.format(idleSince) + " UTC"));
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
    }
}
