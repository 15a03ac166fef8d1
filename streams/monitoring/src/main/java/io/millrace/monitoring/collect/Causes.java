package io.millrace.monitoring.collect;

import io.millrace.monitoring.lag.Verdict;
import java.time.Duration;
import java.util.Locale;

/** Why a stage is as it is, where that can be known. */
final class Causes {
    private static final Duration SLOW = Duration.ofMillis(500);

    private final Facts facts;
    private final String slot;

    Causes(Facts facts, String slot) {
        this.facts = facts;
        this.slot = slot;
    }

    /** Empty if there is none to tell. */
    String of(String stage, Verdict verdict) {
        if (verdict.backlog() < 0) {
            return "its position is " + -verdict.backlog()
                    + " beyond the end of its topic: Kafka lost its data, or the topic was deleted; see docs/runbooks/kafka-lost.md";
        }
        String own = switch (stage) {
            case Stages.CAPTURE -> capture();
            case Stages.VIEWS -> group(stage, "views", verdict);
            case Stages.ALERTS -> group(stage, "governance", verdict);
            case Stages.ENRICHMENT -> group(stage, "enrichment", verdict);
            case Stages.METRICS -> group(stage, "monitoring", verdict);
            case Stages.MAIL_INTAKE -> group(stage, "notifications", verdict);
            case Stages.SINK, Stages.TABLES -> sink(stage);
            case Stages.MAIL -> mail();
            case Stages.ANSWERS -> answers();
            default -> active(stage) ? "" : "it has no members";
        };
        boolean needsKafka = !stage.equals(Stages.MAIL) && !stage.equals(Stages.ANSWERS);
        return needsKafka && !facts.kafkaProblem().isEmpty() ? "Kafka is unreachable: " + facts.kafkaProblem() : own;
    }

    private String capture() {
        SourceLog.Position source = facts.source();
        if (source == null) {
            return "the source's database is unreachable: " + facts.sourceProblem();
        }
        if (source.active() == null) {
            return "there is no replication slot " + slot + ": no hub with role source ran, or somebody dropped it";
        }
        String retained = String.format(
                Locale.ROOT,
                "slot %s keeps %.1f MB of log, %+.2f MB/s",
                slot,
                source.retained() / 1e6,
                facts.retainedPerSecond() / 1e6);
        if (!source.walStatus().equals("reserved") && !source.walStatus().equals("extended")) {
            return retained + "; its log is " + source.walStatus();
        }
        return source.active() ? hint(Stages.CAPTURE, retained) : "no hub with role source is at work; " + retained;
    }

    private String group(String stage, String role, Verdict verdict) {
        return switch (verdict.state()) {
            case STOPPED -> "no hub with role " + role + " is at work";
            case UNKNOWN -> "nothing is committed: no hub with role " + role + " ran yet";
            case OK, CATCHING_UP, LAGGING, REWOUND, STALLED -> hint(stage, "");
        };
    }

    private String sink(String stage) {
        AnalyticsPositions.Position analytics = facts.analytics();
        if (analytics == null) {
            return "the analytics database is unreachable: " + facts.analyticsProblem();
        }
        if (!analytics.sinks()) {
            return "no hub with role sink is at work";
        }
        if (!analytics.waits().isEmpty()) {
            return "the analytics database: " + analytics.waits();
        }
        return analytics.answered().compareTo(SLOW) > 0
                ? "the analytics database is slow: it answers in "
                        + analytics.answered().toMillis() + " ms"
                : hint(stage, "");
    }

    private String mail() {
        AnalyticsPositions.Position analytics = facts.analytics();
        if (analytics == null || analytics.mail() == null) {
            return facts.analyticsProblem().isEmpty()
                    ? "there is no ledger of mails: no hub with role notifications ran yet"
                    : "the analytics database is unreachable: " + facts.analyticsProblem();
        }
        if (!analytics.mail().workers()) {
            return "no hub with role notifications is at work";
        }
        String hint = hint(Stages.MAIL, "");
        String reason = analytics.mail().reason();
        return reason.isEmpty() ? hint : hint.isEmpty() ? reason : hint + "; " + reason;
    }

    private String answers() {
        AnalyticsPositions.Position analytics = facts.analytics();
        if (analytics == null || analytics.questions() == null) {
            return "the analytics database is unreachable: " + facts.analyticsProblem();
        }
        return analytics.questions().workers()
                ? analytics.questions().reason()
                : "no hub with role enrichment, and a key, is at work";
    }

    private String hint(String stage, String otherwise) {
        return facts.hints().getOrDefault(stage, otherwise);
    }

    private boolean active(String stage) {
        KafkaPositions.Group group = facts.groups().get(stage);
        return group == null || group.active();
    }
}
