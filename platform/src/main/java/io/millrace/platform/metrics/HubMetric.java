package io.millrace.platform.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** The metrics that the hub has of its own. Each is made here, so that the list of them, docs/metrics.md, is whole. */
public enum HubMetric {
    SOURCE_TRANSACTIONS(Kind.COUNTER, "millrace.source.transactions", "source transactions that are in Kafka"),
    SOURCE_CHANGES(Kind.COUNTER, "millrace.source.changes", "row changes that are in Kafka"),
    SOURCE_DELAY(Kind.TIMER, "millrace.source.delay", "from a commit at the source until it is in Kafka"),
    SOURCE_SLOT_RETAINED(Kind.GAUGE, "millrace.source.slot.retained.bytes", "log that the replication slot keeps"),
    SINK_DELAY(Kind.TIMER, "millrace.sink.delay", "from a commit at the source until analysts see it"),
    ALERTS(Kind.COUNTER, "millrace.alerts", "changes of alerts", "control", "event"),
    MAIL_ATTEMPTS(Kind.TIMER, "millrace.mail.attempts", "tries to send a mail", "provider", "outcome"),
    MAIL_SWITCHES(Kind.COUNTER, "millrace.mail.switches", "mail went to another provider than before", "from", "to"),
    MAIL_BREAKER(
            Kind.COUNTER,
            "millrace.mail.breaker.transitions",
            "a provider's breaker changed its state",
            "provider",
            "to"),
    MAIL_UNADDRESSED(
            Kind.COUNTER,
            "millrace.mail.unaddressed",
            "alerts that a route matches and that lack the columns of its addresses",
            "route"),
    MAIL_UNSUBSCRIBED(Kind.COUNTER, "millrace.mail.unsubscribed", "recipients who unsubscribed from a route"),
    MAIL_NEWS(Kind.COUNTER, "millrace.mail.news", "events of providers", "provider", "kind", "taken"),
    ENRICHMENT_ANSWERS(
            Kind.COUNTER,
            "millrace.enrichment.answers",
            "questions to an LLM that were settled, or deferred",
            "recipe",
            "state",
            "cached"),
    ENRICHMENT_COST(Kind.COUNTER, "millrace.enrichment.cost", "what answers cost, in the budget's currency", "recipe"),
    DEAD_LETTERS(Kind.COUNTER, "millrace.dead.letters", "records that a stage could not take", "stage"),
    GATEWAY_CACHE(
            Kind.COUNTER,
            "millrace.gateway.cache",
            "pages that the gateway had, or had to read from the analytics database",
            "result"),
    GATEWAY_SOCKETS(Kind.GAUGE, "millrace.gateway.sockets", "open WebSockets", ""),
    SPANS(Kind.COUNTER, "millrace.spans", "spans: ended; taken by the collector, or lost since it was away", "result"),
    STAGE_BEHIND(
            Kind.GAUGE,
            "millrace.stage.behind.seconds",
            "for how long the first of a stage's work has been waiting",
            "stage"),
    STAGE_BACKLOG(Kind.GAUGE, "millrace.stage.backlog", "what a stage has before it, in its unit", "stage", "unit"),
    STAGE_UNWELL(
            Kind.GAUGE,
            "millrace.stage.unwell",
            "1 while a stage is not well: lagging, unknown, rewound, stalled or stopped",
            "stage"),
    PATH_BEHIND(
            Kind.GAUGE,
            "millrace.path.behind.seconds",
            "for how long the oldest commit has been waiting that is not seen as views, alerts or mail",
            "path");

    /** What can be done with a metric. */
    public enum Kind {
        COUNTER,
        GAUGE,
        TIMER
    }

    /** Buckets of timers: what objectives are made of. */
    private static final Duration[] OBJECTIVES = {
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2_500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5)
    };

    private static final Map<String, AtomicReference<Double>> GAUGES = new ConcurrentHashMap<>();

    private final Kind kind;
    private final String id;
    private final String meaning;
    private final String labels;

    HubMetric(Kind kind, String id, String meaning, String... labels) {
        this.kind = kind;
        this.id = id;
        this.meaning = meaning;
        this.labels = String.join(" ", labels);
    }

    public Kind kind() {
        return kind;
    }

    /** As Micrometer has it; Prometheus has underscores and a suffix. */
    public String id() {
        return id;
    }

    /** Name in Prometheus; of timers without the suffix of their buckets, count, sum and largest value. */
    public String prometheus() {
        return id.replace('.', '_')
                + switch (kind) {
                    case COUNTER -> "_total";
                    case TIMER -> "_seconds";
                    case GAUGE -> "";
                };
    }

    public String meaning() {
        return meaning;
    }

    /** Names, separated by blanks. */
    public String labels() {
        return labels;
    }

    /** @param values of the labels, in their order */
    public Counter counter(String... values) {
        require(Kind.COUNTER);
        return Counter.builder(id).description(meaning).tags(tags(values)).register(Metrics.globalRegistry);
    }

    /** @param values of the labels, in their order */
    public Timer timer(String... values) {
        require(Kind.TIMER);
        return Timer.builder(id)
                .description(meaning)
                .serviceLevelObjectives(OBJECTIVES)
                .tags(tags(values))
                .register(Metrics.globalRegistry);
    }

    /** @param values of the labels, in their order */
    public void gauge(double value, String... values) {
        require(Kind.GAUGE);
        GAUGES.computeIfAbsent(id + String.join("\0", values), first -> {
                    AtomicReference<Double> held = new AtomicReference<>(value);
                    Gauge.builder(id, held, AtomicReference::get)
                            .description(meaning)
                            .tags(tags(values))
                            .register(Metrics.globalRegistry);
                    return held;
                })
                .set(value);
    }

    private Tags tags(String... values) {
        String[] names = labels.isEmpty() ? new String[0] : labels.split(" ", -1);
        if (names.length != values.length) {
            throw new IllegalArgumentException(id + " has the labels " + labels);
        }
        Tags tags = Tags.empty();
        for (int i = 0; i < names.length; i++) {
            tags = tags.and(Tag.of(names[i], values[i]));
        }
        return tags;
    }

    private void require(Kind wanted) {
        if (kind != wanted) {
            throw new IllegalStateException(id + " is a " + kind);
        }
    }
}
