package io.millrace.monitoring.lag;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A sample a second, at second 0, 1, 2 … */
class JudgeTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private final Judge judge = new Judge(Judge.Rules.DEFAULT);
    private int second;

    private Verdict sample(@Nullable Long next, long backlog, long behindSeconds, boolean active) {
        return judge.next(
                new Sample(BEGIN.plusSeconds(second++), next, backlog, Duration.ofSeconds(behindSeconds), active));
    }

    @Test
    void idle_isOk_forEver_alsoWithoutMembers() {
        for (int i = 0; i < 200; i++) {
            assertThat(sample(100L, 0, 0, i < 100).state()).isEqualTo(State.OK);
        }
    }

    @Test
    void beyondTheEnd_isNotOk_onceItIsNoQuestionOfTheMoment() {
        // Read a little later than the end, while both move.
        for (int i = 0; i < 40; i++) {
            assertThat(sample(100L + i, -2, 0, true).state()).isEqualTo(State.OK);
        }
        // The topic is another one now, and ends at 4.
        for (int i = 0; i < 15; i++) {
            assertThat(sample(200L, -196, 0, true).state()).isEqualTo(State.OK);
        }
        assertThat(sample(200L, -196, 0, true).state()).isEqualTo(State.STALLED);
        assertThat(sample(200L, -196, 0, false).state()).isEqualTo(State.STOPPED);
        assertThat(sample(4L, 0, 0, true).state()).isEqualTo(State.OK);
    }

    @Test
    void neverRead_isUnknown_neitherOkNorFarBehind() {
        Verdict verdict = judge.next(Sample.unknown(BEGIN));
        assertThat(verdict.state()).isEqualTo(State.UNKNOWN);
        assertThat(verdict.backlog()).isZero();
    }

    @Test
    void notMoving_withWork_isStalled_sinceItsLastMove() {
        sample(90L, 0, 0, true);
        State state = State.OK;
        for (int i = 1; i <= 40; i++) {
            Verdict verdict = sample(100L, i, i, true);
            state = verdict.state();
            assertThat(state).isEqualTo(i <= 5 ? State.OK : i < 16 ? State.LAGGING : State.STALLED);
            if (state == State.STALLED) {
                assertThat(verdict.since()).isEqualTo(BEGIN.plusSeconds(1));
            }
        }
        assertThat(state).isEqualTo(State.STALLED);
        assertThat(sample(150L, 0, 0, true).state()).isEqualTo(State.OK);
    }

    @Test
    void nobodyAtWork_isStopped_sinceItsWorkCame() {
        sample(100L, 0, 0, true);
        for (int i = 1; i <= 20; i++) {
            Verdict verdict = sample(100L, i, i, false);
            assertThat(verdict.state()).isEqualTo(i <= 5 ? State.OK : State.STOPPED);
            if (verdict.state() == State.STOPPED) {
                assertThat(verdict.since()).isEqualTo(BEGIN);
            }
        }
    }

    @Test
    void shrinkingBacklog_isCatchingUp_withAnEstimate() {
        Verdict verdict = sample(0L, 1_000, 60, true);
        for (int i = 1; i <= 10; i++) {
            verdict = sample(i * 100L, 1_000 - 50L * i, 60, true);
        }
        assertThat(verdict.state()).isEqualTo(State.CATCHING_UP);
        assertThat(verdict.perSecond()).isEqualTo(100);
        assertThat(verdict.estimate()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void growingBacklog_isLagging_withoutAnEstimate() {
        Verdict verdict = sample(0L, 1_000, 60, true);
        for (int i = 1; i <= 10; i++) {
            verdict = sample(i * 100L, 1_000 + 50L * i, 60, true);
        }
        assertThat(verdict.state()).isEqualTo(State.LAGGING);
        assertThat(verdict.estimate()).isNull();
    }

    @Test
    void positionThatWentBack_isRewound_untilItIsWhereItWas() {
        sample(1_000L, 10, 1, true);
        for (long next : List.of(400L, 600L, 900L)) {
            assertThat(sample(next, 1_010 - next, 2, true).state()).isEqualTo(State.REWOUND);
        }
        assertThat(sample(1_000L, 10, 1, true).state()).isEqualTo(State.OK);
    }

    @Property(tries = 300)
    void whoHasEverything_isOk_whateverWasBefore(
            @ForAll @Size(max = 80) List<@IntRange(max = 1_000) Integer> before, @ForAll boolean active) {
        Judge any = new Judge(Judge.Rules.DEFAULT);
        int i = 0;
        for (int next : before) {
            any.next(new Sample(
                    BEGIN.plusSeconds(i++), (long) next, 1_000 - next, Duration.ofSeconds(1_000 - next), true));
        }
        Verdict verdict = any.next(new Sample(BEGIN.plusSeconds(i), 1_000L, 0, Duration.ZERO, active));
        assertThat(verdict.state()).isEqualTo(State.OK);
        assertThat(verdict.estimate()).isNull();
    }

    @Property(tries = 300)
    void estimate_isOnlyGiven_whileCatchingUp_andIsPositive(
            @ForAll @Size(min = 3, max = 80) List<@IntRange(max = 1_000) Integer> backlogs) {
        Judge any = new Judge(Judge.Rules.DEFAULT);
        int i = 0;
        for (int backlog : backlogs) {
            Verdict verdict =
                    any.next(new Sample(BEGIN.plusSeconds(i++), (long) i, backlog, Duration.ofSeconds(30), true));
            assertThat(verdict.estimate() != null).isEqualTo(verdict.state() == State.CATCHING_UP);
            if (verdict.estimate() != null) {
                assertThat(verdict.estimate()).isPositive();
            }
        }
    }

    @Test
    void clock_tellsHowLateAPositionIs_toTheSample() {
        EndClock clock = new EndClock();
        for (int i = 0; i <= 10; i++) {
            clock.mark(BEGIN.plusSeconds(i), i < 5 ? i * 10L : 40);
        }
        Instant now = BEGIN.plusSeconds(10);
        assertThat(clock.behind(40, now)).isZero();
        assertThat(clock.behind(39, now)).isEqualTo(Duration.ofSeconds(7));
        assertThat(clock.behind(20, now)).isEqualTo(Duration.ofSeconds(8));
        assertThat(clock.covers(0)).isTrue();
        assertThat(clock.covers(-1)).isFalse();
        assertThat(clock.behind(-1, now)).isEqualTo(Duration.ofSeconds(10));
    }
}
