package io.millrace.monitoring.collect;

import io.millrace.monitoring.LagReport;
import io.millrace.monitoring.lag.EndClock;
import io.millrace.monitoring.lag.Judge;
import io.millrace.monitoring.lag.Sample;
import io.millrace.monitoring.lag.Verdict;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.metrics.HubMetric;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Makes reports. For one thread; the more rounds, the more it knows of trends. */
public final class Collector implements AutoCloseable {
    /** Who is later than this may have nothing but markers before it: that is looked at. */
    private static final Duration LOOK_AFTER = Duration.ofMillis(1_500);

    private static final Set<String> LEDGERS = Set.of(Stages.MAIL, Stages.ANSWERS);

    /** An LLM takes its time, and nobody is to be called for that. */
    private static final Judge.Rules OF_ANSWERS = new Judge.Rules(Duration.ofMinutes(5), Duration.ofSeconds(45));

    private final Settings settings;
    private final Rounds rounds;
    private final FirstWaiting firstWaiting;
    private final EndClock log = new EndClock();
    private final Map<TopicPartition, EndClock> clocks = new HashMap<>();
    private final Map<String, Judge> judges = new HashMap<>();

    /**
     * @param slot of the source
     * @param expected stages that are to be there, also before they did anything
     * @param limit after which a server that does not answer is away
     * @param hints what the roles of this process say of themselves, by stage
     */
    public record Settings(
            SourceName sourceName,
            KafkaServers kafkaServers,
            SchemaRegistry registry,
            Database.Server source,
            String slot,
            Database.Server analytics,
            Set<String> expected,
            Judge.Rules rules,
            Duration limit,
            Supplier<Map<String, String>> hints) {}

    /** Where a part of a stage is in a topic; null if it is not known. */
    private record Place(
            String stage,
            String part,
            TopicPartition partition,
            @Nullable Long next,
            boolean active) {}

    public Collector(Settings settings) {
        this.settings = settings;
        this.rounds = new Rounds(settings);
        this.firstWaiting = new FirstWaiting(settings.kafkaServers(), settings.limit());
    }

    public LagReport round() throws InterruptedException {
        Facts facts = rounds.ask(settings.hints().get());
        Instant now = Instant.now();
        Causes causes = new Causes(facts, settings.slot());
        List<LagReport.Stage> stages = new ArrayList<>();
        capture(facts, now).ifPresent(sample -> stages.add(stage(Stages.CAPTURE, "", "bytes", sample, causes)));
        Map<String, List<LagReport.Stage>> topics = topics(facts, causes, now);
        for (String stage : Stages.IN_ORDER) {
            stages.addAll(Objects.requireNonNullElse(topics.remove(stage), List.of()));
        }
        AnalyticsPositions.Position analytics = facts.analytics();
        ledger(Stages.MAIL, analytics == null ? null : analytics.mail(), now)
                .ifPresent(sample -> stages.add(stage(Stages.MAIL, "", "mails", sample, causes)));
        ledger(Stages.ANSWERS, analytics == null ? null : analytics.questions(), now)
                .ifPresent(sample -> stages.add(stage(Stages.ANSWERS, "", "questions", sample, causes)));
        topics.values().forEach(stages::addAll);
        if (facts.source() != null) {
            HubMetric.SOURCE_SLOT_RETAINED.gauge((double) facts.source().retained());
        }
        LagReport report = Summary.of(now, stages, facts.idleSince());
        Gauges.set(report);
        return report;
    }

    private Optional<Sample> capture(Facts facts, Instant now) {
        SourceLog.Position source = facts.source();
        Long published = facts.published();
        if (source != null) {
            log.mark(now, source.end());
        }
        if (source == null || published == null) {
            return settings.expected().contains(Stages.CAPTURE) ? Optional.of(Sample.unknown(now)) : Optional.empty();
        }
        long backlog = Math.max(0, source.end() - published);
        return Optional.of(new Sample(
                now,
                published,
                backlog,
                backlog == 0 ? Duration.ZERO : log.behind(published, now),
                Boolean.TRUE.equals(source.active())));
    }

    private Map<String, List<LagReport.Stage>> topics(Facts facts, Causes causes, Instant now) {
        facts.ends()
                .forEach((partition, end) -> clocks.computeIfAbsent(partition, fresh -> new EndClock())
                        .mark(now, end));
        List<Place> places = places(facts);
        Map<FirstWaiting.From, FirstWaiting.First> first = look(places, facts.ends(), now);
        Map<String, List<LagReport.Stage>> stages = new TreeMap<>();
        for (Place place : places) {
            Sample sample = sample(place, facts.ends().get(place.partition), first, now);
            stages.computeIfAbsent(place.stage, fresh -> new ArrayList<>())
                    .add(stage(place.stage, place.part, "records", sample, causes));
        }
        for (String stage : settings.expected()) {
            boolean ofTopics = !stage.equals(Stages.CAPTURE) && !LEDGERS.contains(stage);
            if (ofTopics && !stages.containsKey(stage)) {
                stages.put(stage, List.of(stage(stage, "", "records", Sample.unknown(now), causes)));
            }
        }
        return stages;
    }

    private List<Place> places(Facts facts) {
        List<Place> places = new ArrayList<>();
        facts.groups()
                .forEach((id, group) -> new TreeMap<>(byName(group.next())).forEach((name, next) -> {
                    TopicPartition partition = next.getKey();
                    places.add(
                            new Place(name(id), part(name(id), partition), partition, next.getValue(), group.active()));
                }));
        AnalyticsPositions.Position analytics = facts.analytics();
        if (analytics != null) {
            byName(analytics.next())
                    .forEach((name, next) -> places.add(new Place(
                            next.getKey().topic().equals("views.updates") ? Stages.SINK : Stages.TABLES,
                            part(
                                    next.getKey().topic().equals("views.updates") ? Stages.SINK : Stages.TABLES,
                                    next.getKey()),
                            next.getKey(),
                            next.getValue(),
                            analytics.sinks())));
        }
        return places;
    }

    private static Map<String, Map.Entry<TopicPartition, @Nullable Long>> byName(
            Map<TopicPartition, @Nullable Long> offsets) {
        Map<String, Map.Entry<TopicPartition, @Nullable Long>> sorted = new TreeMap<>();
        offsets.entrySet().forEach(each -> sorted.put(each.getKey().toString(), each));
        return sorted;
    }

    private String name(String group) {
        if (group.equals(Stages.viewsGroup(settings.sourceName()))) {
            return Stages.VIEWS;
        }
        if (group.equals(Stages.alertsGroup(settings.sourceName()))) {
            return Stages.ALERTS;
        }
        if (group.equals(Stages.metricsGroup(settings.sourceName()))) {
            return Stages.METRICS;
        }
        if (group.equals(Stages.enrichmentGroup())) {
            return Stages.ENRICHMENT;
        }
        return group.equals(Stages.mailGroup()) ? Stages.MAIL_INTAKE : group;
    }

    private static String part(String stage, TopicPartition partition) {
        return stage.equals(Stages.VIEWS) || stage.equals(Stages.SINK)
                ? "lane " + partition.partition()
                : partition.topic() + " " + partition.partition();
    }

    private Map<FirstWaiting.From, FirstWaiting.First> look(
            List<Place> places, Map<TopicPartition, Long> ends, Instant now) {
        Map<FirstWaiting.From, Long> behind = new HashMap<>();
        for (Place place : places) {
            Long end = ends.get(place.partition);
            if (end != null && place.next != null && place.next < end) {
                behind.put(new FirstWaiting.From(place.partition, place.next), end);
            }
        }
        return firstWaiting.look(behind, from -> surelyRecent(from, now));
    }

    private boolean surelyRecent(FirstWaiting.From from, Instant now) {
        EndClock clock = clocks.get(from.partition());
        return clock != null
                && clock.covers(from.next())
                && clock.behind(from.next(), now).compareTo(LOOK_AFTER) <= 0;
    }

    private Sample sample(
            Place place, @Nullable Long end, Map<FirstWaiting.From, FirstWaiting.First> known, Instant now) {
        Long next = place.next;
        if (end == null || next == null) {
            // An empty topic leaves nothing to commit.
            return end != null && end == 0 ? new Sample(now, 0L, 0, Duration.ZERO, place.active) : Sample.unknown(now);
        }
        FirstWaiting.First first =
                known.getOrDefault(new FirstWaiting.From(place.partition, next), new FirstWaiting.First(next, null));
        if (first.offset() >= end) {
            // Whoever reads what is not committed may well be beyond the end of what is.
            long beyond = Stages.IN_ORDER.contains(place.stage) ? Math.max(0, next - end) : 0;
            return new Sample(now, next, -beyond, Duration.ZERO, place.active);
        }
        EndClock clock = clocks.get(place.partition);
        Duration behind = clock == null ? Duration.ZERO : clock.behind(first.offset(), now);
        if (first.came() != null && clock != null && !clock.covers(first.offset())) {
            Duration since = Duration.between(first.came(), now);
            behind = since.compareTo(behind) > 0 ? since : behind;
        }
        return new Sample(now, next, end - next, behind, place.active);
    }

    private Optional<Sample> ledger(String stage, AnalyticsPositions.@Nullable Ledger ledger, Instant now) {
        if (ledger == null) {
            return settings.expected().contains(stage) ? Optional.of(Sample.unknown(now)) : Optional.empty();
        }
        Instant oldest = ledger.oldest();
        // When the last one was done with tells whether they move.
        return Optional.of(new Sample(
                now,
                ledger.settled() == null ? 0L : ledger.settled().toEpochMilli(),
                ledger.waiting(),
                oldest == null ? Duration.ZERO : Duration.between(oldest, now),
                ledger.workers()));
    }

    private LagReport.Stage stage(String stage, String part, String unit, Sample sample, Causes causes) {
        Verdict verdict = judges.computeIfAbsent(
                        stage + "\0" + part,
                        fresh -> new Judge(stage.equals(Stages.ANSWERS) ? OF_ANSWERS : settings.rules()))
                .next(sample);
        boolean ok = verdict.state() == io.millrace.monitoring.lag.State.OK;
        return new LagReport.Stage(
                stage,
                part,
                verdict.state(),
                verdict.behind().toMillis(),
                Math.max(0, verdict.backlog()),
                unit,
                LEDGERS.contains(stage) ? 0 : verdict.perSecond(),
                verdict.estimate() == null
                        ? null
                        : Math.max(1, verdict.estimate().toSeconds()),
                verdict.since(),
                ok ? "" : causes.of(stage, verdict));
    }

    @Override
    public void close() {
        rounds.close();
        firstWaiting.close();
    }
}
