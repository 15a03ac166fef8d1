package io.millrace.monitoring.metrics;

import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Metric;
import io.millrace.schemas.registry.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** The windows of one lane: in the store until they are over, then told and forgotten. */
final class MetricsProcessor implements Processor<byte[], byte[], byte[], MetricsProcessor.InLane> {
    static final String STORE = "windows";
    static final Duration WINDOW = Duration.ofSeconds(10);
    /** What comes so much later is told apart. */
    static final Duration GRACE = Duration.ofSeconds(5);

    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Figures figures;
    private final Topic<byte[], Metric> topic;
    private final Serializer<Metric> writer;
    private final Deserializer<Metric> reader;
    private @Nullable ProcessorContext<byte[], InLane> context;
    private @Nullable KeyValueStore<String, byte[]> store;

    /** A metric on its way to the partition of its lane. */
    record InLane(int lane, byte[] metric) {}

    MetricsProcessor(Figures figures, SchemaRegistry registry) {
        this.figures = figures;
        this.topic = new Topics(registry).metrics();
        this.writer = topic.values().serializer();
        this.reader = topic.values().deserializer();
    }

    @Override
    public void init(ProcessorContext<byte[], InLane> fresh) {
        context = fresh;
        store = fresh.getStateStore(STORE);
        fresh.schedule(LOOK, PunctuationType.WALL_CLOCK_TIME, now -> tell(Instant.ofEpochMilli(now)));
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        ProcessorContext<byte[], InLane> here = Objects.requireNonNull(context);
        String from = here.recordMetadata().orElseThrow().topic();
        Instant at = Instant.ofEpochMilli(record.timestamp());
        for (Figure figure : figures.of(from, record.value(), at)) {
            add(figure, at, here.taskId().partition());
        }
    }

    private void add(Figure figure, Instant at, int lane) {
        KeyValueStore<String, byte[]> windows = Objects.requireNonNull(store);
        long seconds = at.getEpochSecond() - Math.floorMod(at.getEpochSecond(), WINDOW.toSeconds());
        String key = seconds + " " + figure.series();
        byte[] kept = windows.get(key);
        Metric before = kept == null ? null : reader.deserialize(topic.name(), kept);
        Metric after = before == null
                ? new Metric(
                        figure.name(),
                        lane,
                        figure.labels(),
                        Instant.ofEpochSecond(seconds),
                        Instant.ofEpochSecond(seconds).plus(WINDOW),
                        1L,
                        figure.value(),
                        figure.value())
                : new Metric(
                        figure.name(),
                        lane,
                        figure.labels(),
                        before.getFrom(),
                        before.getTo(),
                        before.getCount() + 1,
                        before.getSum() + figure.value(),
                        Math.max(before.getMax(), figure.value()));
        windows.put(key, writer.serialize(topic.name(), after));
    }

    private void tell(Instant now) {
        ProcessorContext<byte[], InLane> here = Objects.requireNonNull(context);
        KeyValueStore<String, byte[]> windows = Objects.requireNonNull(store);
        List<String> over = new ArrayList<>();
        try (KeyValueIterator<String, byte[]> all = windows.all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> each = all.next();
                int blank = each.key.indexOf(' ');
                Instant end = Instant.ofEpochSecond(Long.parseLong(each.key.substring(0, blank)))
                        .plus(WINDOW);
                if (!end.plus(GRACE).isAfter(now)) {
                    over.add(each.key);
                    here.forward(new Record<>(
                            each.key.substring(blank + 1).getBytes(StandardCharsets.UTF_8),
                            new InLane(here.taskId().partition(), each.value),
                            end.toEpochMilli()));
                }
            }
        }
        over.forEach(windows::delete);
    }
}
