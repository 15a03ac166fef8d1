package io.millrace.monitoring.lag;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the samples of a part of a stage say.
 *
 * @param since when it came to this state
 * @param perSecond how fast it moves, in the unit of its stage
 * @param estimate until it has everything; null unless it is catching up
 */
public record Verdict(
        State state,
        Instant since,
        Duration behind,
        long backlog,
        double perSecond,
        @Nullable Duration estimate) {}
