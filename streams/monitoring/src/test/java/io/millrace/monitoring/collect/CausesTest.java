package io.millrace.monitoring.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.monitoring.lag.State;
import io.millrace.monitoring.lag.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Causes that the whole system is not brought to in {@code OperationsTest}. */
class CausesTest {
    private static final Verdict LATE = new Verdict(State.LAGGING, Instant.EPOCH, Duration.ofSeconds(9), 5, 1, null);

    private static String cause(String stage, Duration answered, Map<String, String> hints) {
        return cause(stage, answered, hints, null);
    }

    private static String cause(
            String stage, Duration answered, Map<String, String> hints, AnalyticsPositions.@Nullable Ledger questions) {
        AnalyticsPositions.Position analytics =
                new AnalyticsPositions.Position(Map.of(), true, "", answered, null, questions);
        Facts facts = new Facts("", Map.of(), Map.of(), 0L, "", null, 0, "", analytics, null, hints);
        return new Causes(facts, "slot").of(stage, LATE);
    }

    @Test
    void laneThatIsBuilt_isNamed_withHowFarItIs() {
        String building = "lane 0: building the views, 20000 of about 130000 rows";
        assertThat(cause(Stages.VIEWS, Duration.ZERO, Map.of(Stages.VIEWS, building)))
                .isEqualTo(building);
    }

    @Test
    void answersThatDoNotCome_haveWhatTheLastTryCameTo() {
        AnalyticsPositions.Ledger asked =
                new AnalyticsPositions.Ledger(3, null, Instant.EPOCH, "no answer in time, or no connection", true);
        assertThat(cause(Stages.ANSWERS, Duration.ZERO, Map.of(), asked))
                .isEqualTo("no answer in time, or no connection");
        AnalyticsPositions.Ledger left = new AnalyticsPositions.Ledger(3, null, Instant.EPOCH, "", false);
        assertThat(cause(Stages.ANSWERS, Duration.ZERO, Map.of(), left)).contains("no hub with role enrichment");
    }

    @Test
    void slowDatabase_isNamed_withHowSlowItIs() {
        assertThat(cause(Stages.SINK, Duration.ofMillis(700), Map.of()))
                .isEqualTo("the analytics database is slow: it answers in 700 ms");
        assertThat(cause(Stages.SINK, Duration.ofMillis(30), Map.of())).isEmpty();
    }
}
