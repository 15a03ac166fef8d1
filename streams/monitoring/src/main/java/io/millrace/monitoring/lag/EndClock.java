package io.millrace.monitoring.lag;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** When the end of a log was where: so a position in it says how late it is, to the interval of the samples. */
public final class EndClock {
    private static final Duration KEPT = Duration.ofMinutes(15);
    private static final int FINE = 120;

    private final Deque<Mark> marks = new ArrayDeque<>();

    private record Mark(Instant at, long end) {}

    /** The log ended there at that time. */
    public void mark(Instant at, long end) {
        if (!marks.isEmpty() && marks.getLast().end == end) {
            // As long as the end stays, whoever is there has everything.
            marks.removeLast();
        }
        marks.addLast(new Mark(at, end));
        while (marks.size() > FINE && Duration.between(marks.getFirst().at, at).compareTo(KEPT) > 0) {
            marks.removeFirst();
        }
    }

    /** Whether it is known when the log ended at a position, or before. */
    public boolean covers(long next) {
        return !marks.isEmpty() && marks.getFirst().end <= next;
    }

    /** How long ago whoever is at a position had everything; if that is longer than is known, as long as is known. */
    public Duration behind(long next, Instant now) {
        Instant covered = marks.isEmpty() ? now : marks.getFirst().at;
        for (var it = marks.descendingIterator(); it.hasNext(); ) {
            Mark mark = it.next();
            if (mark.end <= next) {
                covered = mark.at;
                break;
            }
        }
        return Duration.between(covered, now);
    }
}
