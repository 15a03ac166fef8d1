package io.millrace.monitoring.alert;

import io.millrace.governance.catalog.Control;
import io.millrace.monitoring.LagReport;
import io.millrace.monitoring.lag.State;
import io.millrace.platform.kafka.HubProducer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Lane;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Severity;
import io.millrace.schemas.avro.Violation;
import io.millrace.schemas.avro.ViolationColumn;
import io.millrace.schemas.registry.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of stages that are not well for a while, and when they are well again: as rows of a control, so that alerts of the pipeline
 * have the life, the routes and the mails of all alerts.
 */
public final class PipelineAlerts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PipelineAlerts.class);

    /** The built-in control. */
    public static final Control CONTROL = new Control(
            "pipeline",
            "{stage} is {state}: {cause}",
            Severity.HIGH,
            "operations",
            "See './millrace lag' and docs/lag.md for what the state means and what brings it about.",
            "Stages of the pipeline that are not well.");

    /** In the place of stages that have one cause. */
    private static final String TOGETHER = "several stages";

    private static final int SEVERAL = 3;
    private static final Lane FIRST = new Lane(0);
    private static final long LIMIT_MS = 5_000;

    private final SourceName source;
    private final Duration after;
    private final Topic<String, Violation> topic;
    private final HubProducer<String, Violation> producer;
    /** What was told of each stage: its state and cause, or null if it is well. */
    private final Map<String, @Nullable String> told = new HashMap<>();

    private final Map<String, Instant> unwellSince = new HashMap<>();
    private boolean away;

    /** @param after so long a stage has to be unwell before it is told */
    public PipelineAlerts(SourceName source, Duration after, KafkaServers kafkaServers, SchemaRegistry registry) {
        this.source = source;
        this.after = after;
        this.topic = new Topics(registry).violations();
        this.producer = new HubProducer<>(
                kafkaServers,
                Map.of(
                        "max.block.ms",
                        LIMIT_MS,
                        "delivery.timeout.ms",
                        (int) LIMIT_MS,
                        "request.timeout.ms",
                        (int) LIMIT_MS - 1_000,
                        "linger.ms",
                        0),
                new StringSerializer(),
                topic.values().serializer());
    }

    /** Looks at a report; what cannot be told now is told by the next one. */
    public void look(LagReport report) throws InterruptedException {
        Map<String, LagReport.Stage> worst = new LinkedHashMap<>();
        report.stages()
                .forEach(stage -> worst.merge(
                        stage.stage(), stage, (one, other) -> one.state().compareTo(other.state()) >= 0 ? one : other));
        gather(worst, report.at());
        away = false;
        for (LagReport.Stage stage : worst.values()) {
            if (stage.state() == State.OK) {
                unwellSince.remove(stage.stage());
                // Also what an earlier run of this process may have told.
                if (!away && (!told.containsKey(stage.stage()) || told.get(stage.stage()) != null)) {
                    tell(stage, report.at(), null);
                }
            } else if (stage.state() != State.CATCHING_UP) {
                Instant since = unwellSince.computeIfAbsent(stage.stage(), first -> report.at());
                String words = word(stage) + ": " + withoutNumbers(stage.cause());
                if (!away
                        && Duration.between(since, report.at()).compareTo(after) >= 0
                        && !words.equals(told.get(stage.stage()))) {
                    tell(stage, report.at(), words);
                }
            }
        }
    }

    /** Stages that one cause holds up are one thing to tell, in the place of each; when that ends, each has its time to recover. */
    private void gather(Map<String, LagReport.Stage> worst, Instant now) {
        List<LagReport.Stage> common = worst.values().stream()
                .filter(stage -> stage.state().compareTo(State.CATCHING_UP) > 0
                        && !stage.cause().isEmpty())
                .collect(Collectors.groupingBy(stage -> withoutNumbers(stage.cause())))
                .values()
                .stream()
                .filter(stages -> stages.size() >= SEVERAL)
                .max(Comparator.comparingInt(List::size))
                .orElse(List.of());
        common.forEach(stage -> {
            worst.remove(stage.stage());
            unwellSince.remove(stage.stage());
        });
        worst.put(TOGETHER, together(common, now));
    }

    private static LagReport.Stage together(List<LagReport.Stage> common, Instant now) {
        State state = common.stream().map(LagReport.Stage::state).reduce(State.OK, State::or);
        String names = common.stream().map(LagReport.Stage::stage).collect(Collectors.joining(", "));
        return new LagReport.Stage(
                TOGETHER,
                "",
                state,
                common.stream().mapToLong(LagReport.Stage::behindMillis).max().orElse(0),
                0,
                "",
                0,
                null,
                common.stream()
                        .map(LagReport.Stage::since)
                        .min(Comparator.naturalOrder())
                        .orElse(now),
                common.isEmpty() ? "" : common.getFirst().cause() + " (" + names + ")");
    }

    /** @param words null if it is well */
    private void tell(LagReport.Stage stage, Instant at, @Nullable String words) throws InterruptedException {
        String id = UUID.nameUUIDFromBytes(
                        (source + "\0" + CONTROL.name() + "\0" + stage.stage()).getBytes(StandardCharsets.UTF_8))
                .toString();
        Violation violation = new Violation(
                id,
                source.toString(),
                FIRST.index(),
                CONTROL.name(),
                0L,
                at,
                null,
                List.of("stage"),
                words == null ? null : row(stage));
        try {
            send(topic.record(FIRST, id, violation));
            if (words == null) {
                send(new ProducerRecord<>(topic.name(), FIRST.index(), id, null));
            } else {
                LOG.warn("{} is {}: {}", stage.stage(), word(stage), stage.cause());
            }
            told.put(stage.stage(), words);
        } catch (ExecutionException | TimeoutException | KafkaException failed) {
            // The others would wait as long: they are told with the next report.
            away = true;
            LOG.warn("that {} is {} cannot be told now: {}", stage.stage(), word(stage), failed.getMessage());
        }
    }

    private void send(ProducerRecord<String, Violation> record)
            throws ExecutionException, TimeoutException, InterruptedException {
        producer.send(record).get(2 * LIMIT_MS, TimeUnit.MILLISECONDS);
    }

    private static List<ViolationColumn> row(LagReport.Stage stage) {
        return List.of(
                new ViolationColumn("stage", "text", stage.stage()),
                new ViolationColumn("part", "text", stage.part()),
                new ViolationColumn("state", "text", word(stage)),
                new ViolationColumn(
                        "since", "timestamp with time zone", stage.since().toString()),
                new ViolationColumn(
                        "cause", "text", stage.cause().isEmpty() ? "the cause is not known" : stage.cause()));
    }

    private static String word(LagReport.Stage stage) {
        return stage.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Figures move every second; a cause that only differs by them is the same. */
    private static String withoutNumbers(String cause) {
        return cause.replaceAll("[+-]?\\d+([.,:]\\d+)*", "#");
    }

    @Override
    public void close() {
        producer.close(Duration.ofMillis(LIMIT_MS));
    }
}
