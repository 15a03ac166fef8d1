package io.millrace.monitoring.lag;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a part of a stage was at one moment.
 *
 * @param next what it has to process next, as an offset or a log position; null if it is not known
 * @param backlog what it has before it, in the unit of its stage; 0 if it has everything, negative if it is beyond the end
 * @param behind for how long the first of it has been waiting
 * @param active whether somebody is at work; null if that is not known
 */
public record Sample(
        Instant at,
        @Nullable Long next,
        long backlog,
        Duration behind,
        @Nullable Boolean active) {
    /** Its position could not be read. */
    public static Sample unknown(Instant at) {
        return new Sample(at, null, 0, Duration.ZERO, null);
    }
}
