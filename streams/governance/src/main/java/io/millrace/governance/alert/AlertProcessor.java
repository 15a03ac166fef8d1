package io.millrace.governance.alert;

import io.millrace.governance.audit.PublishedState;
import io.millrace.platform.metrics.HubMetric;
import io.millrace.platform.trace.Trace;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.AlertAction;
import io.millrace.schemas.avro.AlertState;
import io.millrace.schemas.avro.Violation;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.streams.Outgoing;
import io.millrace.streams.RecordReader;
import io.opentelemetry.api.trace.Span;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The alerts of one lane. */
final class AlertProcessor implements Processor<byte[], byte[], byte[], Outgoing> {
    private static final Logger LOG = LoggerFactory.getLogger(AlertProcessor.class);
    private static final Duration LOOK_AT_CLOCK = Duration.ofSeconds(5);

    private final AlertLife life;
    private final Topic<String, Alert> alerts;
    private final Topic<String, AlertAction> actions;
    private final RecordReader<Violation> violationReader;
    private final RecordReader<AlertAction> actionReader;
    private final PublishedState published;
    private final Deserializer<Alert> reader;
    private final Serializer<Alert> writer;
    private @Nullable Work work;

    AlertProcessor(AlertLife life, SchemaRegistry registry, PublishedState published) {
        this.published = published;
        this.life = life;
        Topics topics = new Topics(registry);
        this.alerts = topics.alerts();
        this.actions = topics.alertActions();
        this.violationReader = new RecordReader<>(topics.violations(), registry);
        this.actionReader = new RecordReader<>(actions, registry);
        this.reader = alerts.values().deserializer();
        this.writer = alerts.values().serializer();
    }

    @Override
    public void init(ProcessorContext<byte[], Outgoing> context) {
        Work fresh = new Work(context, context.getStateStore(GovernanceTopology.ALERTS));
        work = fresh;
        context.schedule(
                LOOK_AT_CLOCK, PunctuationType.WALL_CLOCK_TIME, now -> fresh.lookAtClock(Instant.ofEpochMilli(now)));
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Objects.requireNonNull(work).process(record);
    }

    private final class Work {
        private final ProcessorContext<byte[], Outgoing> context;
        private final KeyValueStore<String, byte[]> store;
        private final Set<String> suppressed = new HashSet<>();

        Work(ProcessorContext<byte[], Outgoing> context, KeyValueStore<String, byte[]> store) {
            this.context = context;
            this.store = store;
            boolean lost;
            try (KeyValueIterator<String, byte[]> any = store.all()) {
                lost = !any.hasNext();
            }
            if (lost) {
                published
                        .alerts(context.taskId().partition())
                        .forEach(alert -> store.put(alert.getId(), writer.serialize(alerts.name(), alert)));
            }
            try (KeyValueIterator<String, byte[]> all = store.all()) {
                while (all.hasNext()) {
                    watch(read(all.next().value));
                }
            }
        }

        private Alert read(byte[] value) {
            return Objects.requireNonNull(reader.deserialize(alerts.name(), value));
        }

        private @Nullable Alert find(String id) {
            byte[] value = store.get(id);
            return value == null ? null : read(value);
        }

        private void watch(Alert alert) {
            if (alert.getState() == AlertState.SUPPRESSED) {
                suppressed.add(alert.getId());
            } else {
                suppressed.remove(alert.getId());
            }
        }

        void process(Record<byte[], byte[]> record) {
            String topic = context.recordMetadata().orElseThrow().topic();
            if (record.key() == null) {
                violationReader.setAside(context, record, "it has no key");
                return;
            }
            String id = new String(record.key(), StandardCharsets.UTF_8);
            if (topic.equals(actions.name())) {
                AlertAction action = actionReader.read(context, record);
                if (action == null) {
                    return;
                }
                Optional<Alert> next = life.decided(find(id), action);
                if (next.isEmpty()) {
                    LOG.warn(
                            "alerts: {} of {} by {} changes nothing: there is no such alert, or it is in that state",
                            action.getAction(),
                            id,
                            action.getBy());
                }
                next.ifPresent(alert -> put(alert, record.headers()));
            } else if (record.value() == null) {
                // Kafka kept only the end of a violation.
                Alert alert = find(id);
                if (alert != null) {
                    life.told(alert, gone(alert, Instant.ofEpochMilli(record.timestamp())))
                            .ifPresent(told -> put(told, record.headers()));
                }
            } else {
                Violation violation = violationReader.read(context, record);
                if (violation != null) {
                    life.told(find(id), violation).ifPresent(told -> put(told, record.headers()));
                }
            }
        }

        private static Violation gone(Alert alert, Instant at) {
            return new Violation(
                    alert.getId(),
                    alert.getSource(),
                    alert.getLane(),
                    alert.getControl(),
                    0L,
                    at,
                    null,
                    List.of(),
                    null);
        }

        private void put(Alert alert, Headers cause) {
            Span span = Trace.next("alert", cause);
            String event = alert.getLastEvent().name().toLowerCase(Locale.ROOT);
            span.setAttribute("millrace.alert", alert.getId())
                    .setAttribute("millrace.control", alert.getControl())
                    .setAttribute("millrace.event", event);
            byte[] value = writer.serialize(alerts.name(), alert);
            store.put(alert.getId(), value);
            watch(alert);
            HubMetric.ALERTS.counter(alert.getControl(), event).increment();
            context.forward(new Record<>(
                    alert.getId().getBytes(StandardCharsets.UTF_8),
                    new Outgoing(alerts.name(), new Lane(alert.getLane()), value),
                    context.currentSystemTimeMs(),
                    new RecordHeaders(Trace.headers(span))));
            span.end();
        }

        void lookAtClock(Instant now) {
            for (String id : List.copyOf(suppressed)) {
                Alert alert = find(id);
                if (alert != null) {
                    AlertLife.passed(alert, now).ifPresent(passed -> put(passed, new RecordHeaders()));
                }
            }
        }
    }
}
