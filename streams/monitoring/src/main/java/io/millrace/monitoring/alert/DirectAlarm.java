package io.millrace.monitoring.alert;

import io.millrace.monitoring.LagReport;
import io.millrace.monitoring.collect.Stages;
import io.millrace.monitoring.lag.State;
import io.millrace.schemas.SourceName;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people past the pipeline that alerts do not reach them through it: once when the way of alerts has not moved for a while, with
 * the cause, and once when it moves again. Not thread-safe.
 */
public final class DirectAlarm {
    /** How the id of a mail begins that tells of it. */
    public static final String MAIL = "alarm-";

    private static final Logger LOG = LoggerFactory.getLogger(DirectAlarm.class);
    private static final Duration AGAIN = Duration.ofSeconds(30);

    /** Through them an alert of the pipeline reaches people. */
    private static final Set<String> WAY = Set.of(Stages.ALERTS, Stages.MAIL_INTAKE, Stages.MAIL);

    private static final Set<State> STUCK = EnumSet.of(State.UNKNOWN, State.STALLED, State.STOPPED);

    private final SourceName source;
    private final Duration after;
    private final Way way;
    private @Nullable Instant stuckSince;
    private boolean told;
    private @Nullable Instant failedAt;

    /** To people, not through Kafka. */
    public interface Way {
        /** Returns whether somebody was told. */
        boolean tell(Message message);
    }

    /** @param stuck whether alerts do not move; else they do again */
    public record Message(SourceName source, boolean stuck, String subject, String text) {}

    /** @param after so long the way has to be stuck; longer than a stage has to be unwell before an alert tells of it */
    public DirectAlarm(SourceName source, Duration after, Way way) {
        this.source = source;
        this.after = after;
        this.way = way;
    }

    /**
     * Looks at a report; what nobody could be told is told later.
     *
     * @return whether people know that the way is stuck: alerts of the pipeline would tell them again, once it moves
     */
    public boolean look(LagReport report) {
        List<LagReport.Stage> stuck = report.stages().stream()
                .filter(stage -> WAY.contains(stage.stage()) && STUCK.contains(stage.state()))
                .toList();
        Instant since = stuckSince;
        if (stuck.isEmpty()) {
            if (told && tell(report.at(), again(report, since == null ? report.at() : since))) {
                told = false;
            }
            stuckSince = told ? since : null;
            return told;
        }
        if (since == null) {
            since = report.at();
            stuckSince = since;
        }
        if (!told && Duration.between(since, report.at()).compareTo(after) >= 0) {
            told = tell(report.at(), alarm(report, stuck, since));
        }
        return told;
    }

    private boolean tell(Instant now, Message message) {
        if (failedAt != null && Duration.between(failedAt, now).compareTo(AGAIN) < 0) {
            return false;
        }
        boolean done = way.tell(message);
        failedAt = done ? null : now;
        if (done) {
            LOG.warn("told past the pipeline: {}", message.subject());
        } else {
            LOG.error("nobody can be told past the pipeline: {}", message.subject());
        }
        return done;
    }

    private Message alarm(LagReport report, List<LagReport.Stage> stuck, Instant since) {
        String cause = cause(stuck);
        String rows = report.stages().stream()
                .filter(stage -> stage.state() != State.OK)
                .map(stage -> String.format(
                        Locale.ROOT,
                        "%-14s %-12s since %s  %s",
                        stage.stage(),
                        stage.state().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        stage.since().truncatedTo(ChronoUnit.SECONDS),
                        stage.cause()))
                .collect(Collectors.joining("\n"));
        return new Message(
                source,
                true,
                "[high] Millrace: alerts of source " + source + " do not move: " + cause,
                "Alerts and mails about source " + source + " do not move since "
                        + since.truncatedTo(ChronoUnit.SECONDS)
                        + ". The monitoring role sends this by itself, once.\n\nCause: " + cause + "\n\n" + rows
                        + "\n\nNothing is lost: it goes on where it stopped. See 'millrace lag', and docs/lag.md for what each state"
                        + " means and what to do.\n");
    }

    private Message again(LagReport report, Instant since) {
        long minutes = Duration.between(since, report.at()).toMinutes();
        return new Message(
                source,
                false,
                "[well] Millrace: alerts of source " + source + " move again",
                "Alerts and mails about source " + source + " move again, after " + minutes
                        + " minutes. Those of meanwhile are on" + " their way.\n\n" + report.verdict() + "\n");
    }

    /** That which most of the stages have. */
    private static String cause(List<LagReport.Stage> stuck) {
        return stuck.stream()
                .map(LagReport.Stage::cause)
                .filter(cause -> !cause.isEmpty())
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()))
                .entrySet()
                .stream()
                .max(Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .orElse("the cause is not known");
    }
}
