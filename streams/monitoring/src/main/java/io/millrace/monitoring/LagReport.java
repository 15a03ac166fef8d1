package io.millrace.monitoring;

import io.millrace.monitoring.lag.State;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the pipeline is.
 *
 * @param at when it was sampled
 * @param verdict one line
 * @param paths from a commit at the source to what people see
 * @param stages in the order of the pipeline, then the groups of others
 */
public record LagReport(Instant at, String verdict, List<Path> paths, List<Stage> stages) {
    /**
     * @param name what is seen at its end: views, alerts, mail
     * @param state the worst of its stages'
     * @param behindMillis for how long the oldest commit has been waiting that is not seen
     * @param cause empty if there is none to tell
     */
    public record Path(String name, State state, long behindMillis, String cause) {}

    /**
     * @param part of it: a partition, or empty
     * @param backlog what it has before it
     * @param unit of backlog and speed: bytes, records, mails
     * @param estimateSeconds until it has everything, while it is catching up
     * @param since when it came to its state
     */
    public record Stage(
            String stage,
            String part,
            State state,
            long behindMillis,
            long backlog,
            String unit,
            double perSecond,
            @Nullable Long estimateSeconds,
            Instant since,
            String cause) {}
}
