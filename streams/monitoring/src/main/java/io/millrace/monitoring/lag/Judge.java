package io.millrace.monitoring.lag;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Judges one part of a stage by its samples of the last minute. Time counts, not the number of commits: a slow topic is not a
 * stalled one.
 */
public final class Judge {
    private static final Duration WINDOW = Duration.ofSeconds(60);
    private static final Duration TREND = Duration.ofSeconds(20);
    /** Without so much, nothing is said of a trend. */
    private static final Duration SHORTEST_TREND = Duration.ofSeconds(2);
    /** A backlog that shrinks by less of it a second stays as it is. */
    private static final double DEAD_BAND = 0.005;

    private final Rules rules;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private @Nullable Verdict last;
    private @Nullable Long farthest;

    /**
     * @param objective how late a stage may be
     * @param patience after so long without a move, one that has work is stalled
     */
    public record Rules(Duration objective, Duration patience) {
        public static final Rules DEFAULT = new Rules(Duration.ofSeconds(5), Duration.ofSeconds(15));
    }

    public Judge(Rules rules) {
        this.rules = rules;
    }

    /** @param sample a later one than all before */
    public Verdict next(Sample sample) {
        samples.addLast(sample);
        while (Duration.between(samples.getFirst().at(), sample.at()).compareTo(WINDOW) > 0) {
            samples.removeFirst();
        }
        Duration estimate = estimate(sample);
        State state = state(sample, estimate != null);
        Verdict before = last;
        Instant since = before != null && before.state() == state ? before.since() : begin(state, sample);
        Verdict verdict = new Verdict(
                state,
                since,
                sample.behind(),
                sample.backlog(),
                perSecond(sample),
                state == State.CATCHING_UP ? estimate : null);
        last = verdict;
        return verdict;
    }

    private State state(Sample sample, boolean shrinks) {
        Long next = sample.next();
        if (next == null) {
            return State.UNKNOWN;
        }
        boolean rewound = farthest != null && next < farthest;
        farthest = farthest == null || next >= farthest || sample.backlog() <= 0 ? next : farthest;
        if (sample.backlog() < 0 && isBeyondForLong(sample)) {
            return Boolean.FALSE.equals(sample.active()) ? State.STOPPED : State.STALLED;
        }
        if (sample.backlog() <= 0) {
            return State.OK;
        }
        if (rewound) {
            return State.REWOUND;
        }
        if (sample.behind().compareTo(rules.objective) <= 0) {
            return State.OK;
        }
        if (Boolean.FALSE.equals(sample.active())) {
            return State.STOPPED;
        }
        if (Duration.between(lastMove(sample), sample.at()).compareTo(rules.patience) >= 0) {
            return State.STALLED;
        }
        return shrinks ? State.CATCHING_UP : State.LAGGING;
    }

    /**
     * Whether it has been beyond an end that does not move. For a moment that is nothing: positions are read a little later than ends.
     */
    private boolean isBeyondForLong(Sample sample) {
        Instant first = sample.at();
        for (var it = samples.descendingIterator(); it.hasNext(); ) {
            Sample earlier = it.next();
            if (earlier.next() == null || earlier.backlog() >= 0 || earlier.next() + earlier.backlog() != end(sample)) {
                break;
            }
            first = earlier.at();
        }
        return Duration.between(first, sample.at()).compareTo(rules.patience) >= 0;
    }

    private static long end(Sample sample) {
        return Objects.requireNonNull(sample.next()) + sample.backlog();
    }

    /** A stalled one stands since its last move, one that nobody works at since its work came. */
    private Instant begin(State state, Sample sample) {
        return switch (state) {
            case STALLED -> lastMove(sample);
            case STOPPED -> sample.at().minus(sample.behind());
            case OK, CATCHING_UP, LAGGING, UNKNOWN, REWOUND -> sample.at();
        };
    }

    /** When it was first seen where it is; at the latest, when it began to have work. */
    private Instant lastMove(Sample sample) {
        Instant first = sample.at();
        for (var it = samples.descendingIterator(); it.hasNext(); ) {
            Sample earlier = it.next();
            if (!Objects.equals(earlier.next(), sample.next()) || earlier.backlog() == 0) {
                return first;
            }
            first = earlier.at();
        }
        return first;
    }

    private double perSecond(Sample sample) {
        Sample first = since(sample, TREND);
        double seconds = seconds(first, sample);
        return first.next() == null || sample.next() == null || seconds <= 0
                ? 0
                : Math.max(0, sample.next() - first.next()) / seconds;
    }

    /** Null if the backlog does not shrink, or not for long enough to tell. */
    private @Nullable Duration estimate(Sample sample) {
        Sample first = since(sample, TREND);
        if (Duration.between(first.at(), sample.at()).compareTo(SHORTEST_TREND) < 0) {
            return null;
        }
        double shrinks = -slope(first.at());
        return shrinks <= sample.backlog() * DEAD_BAND || shrinks <= 0
                ? null
                : Duration.ofMillis(Math.round(sample.backlog() / shrinks * 1_000));
    }

    private Sample since(Sample sample, Duration time) {
        Instant begin = sample.at().minus(time);
        return samples.stream()
                .filter(earlier -> !earlier.at().isBefore(begin) && earlier.next() != null)
                .findFirst()
                .orElse(sample);
    }

    /** Of the backlog, a second, by least squares. */
    private double slope(Instant begin) {
        double n = 0;
        double sumX = 0;
        double sumY = 0;
        double sumXy = 0;
        double sumXx = 0;
        for (Sample each : samples) {
            if (each.at().isBefore(begin) || each.next() == null) {
                continue;
            }
            double x = Duration.between(begin, each.at()).toMillis() / 1_000.0;
            n++;
            sumX += x;
            sumY += each.backlog();
            sumXy += x * each.backlog();
            sumXx += x * x;
        }
        double spread = n * sumXx - sumX * sumX;
        return spread <= 0 ? 0 : (n * sumXy - sumX * sumY) / spread;
    }

    private static double seconds(Sample from, Sample to) {
        return Duration.between(from.at(), to.at()).toMillis() / 1_000.0;
    }
}
