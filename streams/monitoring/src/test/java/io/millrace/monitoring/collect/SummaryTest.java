package io.millrace.monitoring.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.monitoring.LagReport;
import io.millrace.monitoring.lag.State;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void verdict_isOfTheFirstStage_andOfItsWorstPart() {
        LagReport report = Summary.of(
                NOON,
                List.of(
                        stage(Stages.CAPTURE, "", State.CATCHING_UP),
                        stage(Stages.SINK, "lane 0", State.LAGGING),
                        stage(Stages.SINK, "lane 1", State.STALLED),
                        stage(Stages.MAIL, "", State.STOPPED)),
                null);
        assertThat(report.verdict()).startsWith("3 of 3 stages unhealthy: sink (lane 1) stalled since 12:00:00 UTC");
        assertThat(report.paths().getFirst().cause()).isEqualTo("see sink");
        assertThat(report.paths().getFirst().state()).isEqualTo(State.STALLED);
    }

    private static LagReport.Stage stage(String name, String part, State state) {
        return new LagReport.Stage(name, part, state, 1_000, 1, "records", 0, null, NOON, "");
    }
}
