package io.millrace.views.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.schemas.Lane;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterState;
import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewChanges;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.avro.Violation;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.RowDecoder;
import io.millrace.streams.Outgoing;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** What a lane gives out, as those who read its topics have it. It is checked that batches follow on each other, and are bounded. */
final class LaneReader implements PublishedRecords {
    private static final int LARGEST_PART = 2 * 1024 * 1024;

    private final SchemaRegistry registry;
    private final Topics topics;

    /** By topic, compacted. */
    private final Map<String, Map<Bytes, byte[]>> records = new HashMap<>();

    private final Map<String, View> views = new TreeMap<>();
    private long epoch;
    private List<ViewBatch> parts = new ArrayList<>();

    private static final class View {
        final ViewDefinition definition;
        final Map<ByteBuffer, ByteBuffer> rows = new HashMap<>();
        long excluded;

        View(ViewDefinition definition) {
            this.definition = definition;
        }

        View(View other) {
            this(other.definition);
            rows.putAll(other.rows);
            excluded = other.excluded;
        }
    }

    LaneReader(SchemaRegistry registry) {
        this.registry = registry;
        this.topics = new Topics(registry);
    }

    LaneReader copy() {
        LaneReader copy = new LaneReader(registry);
        records.forEach((topic, of) -> copy.records.put(topic, new HashMap<>(of)));
        views.forEach((name, view) -> copy.views.put(name, new View(view)));
        copy.epoch = epoch;
        copy.parts = new ArrayList<>(parts);
        return copy;
    }

    void take(byte @Nullable [] key, Outgoing outgoing) {
        if (outgoing.topic().equals(topics.viewUpdates().name())) {
            byte[] value = Objects.requireNonNull(outgoing.value());
            assertThat(value.length).isLessThan(LARGEST_PART);
            take(Objects.requireNonNull(
                    topics.viewUpdates().values().deserializer().deserialize("", value)));
            return;
        }
        Map<Bytes, byte[]> topic = records.computeIfAbsent(outgoing.topic(), unseen -> new HashMap<>());
        byte[] value = outgoing.value();
        if (value == null) {
            topic.remove(Bytes.wrap(key));
        } else {
            topic.put(Bytes.wrap(key), value);
        }
    }

    private void take(ViewBatch part) {
        assertThat(part.getPart()).isEqualTo(parts.size());
        assertThat(part.getPrevious()).isEqualTo(epoch);
        assertThat(part.getEpoch()).isGreaterThan(epoch);
        parts.add(part);
        if (part.getLastPart()) {
            parts.forEach(each -> each.getViews().forEach(this::take));
            parts = new ArrayList<>();
            epoch = part.getEpoch();
        }
    }

    private void take(ViewChanges changes) {
        if (changes.getGeneration().isEmpty()) {
            views.remove(changes.getView());
            return;
        }
        if (changes.getWhole()) {
            ViewDefinition definition = Objects.requireNonNull(changes.getDefinition());
            View before = views.put(changes.getView(), new View(definition));
            assertThat(before == null || before.definition.getVersion() != definition.getVersion())
                    .as("a version is begun once")
                    .isTrue();
        }
        View view = Objects.requireNonNull(views.get(changes.getView()), changes.getView());
        assertThat(changes.getVersion()).isEqualTo(view.definition.getVersion());
        assertThat(changes.getGeneration()).isEqualTo(view.definition.getGeneration());
        changes.getUpserts().forEach(row -> view.rows.put(row.getKey(), row.getRow()));
        changes.getDeletes().forEach(view.rows::remove);
        if (changes.getExcludedRows() != null) {
            view.excluded = changes.getExcludedRows();
        }
    }

    @Override
    public Set<Bytes> keys(String topic, Lane lane) {
        return Set.copyOf(records.getOrDefault(topic, Map.of()).keySet());
    }

    @Override
    public Collection<byte[]> values(String topic, Lane lane) {
        return List.copyOf(records.getOrDefault(topic, Map.of()).values());
    }

    /** The epoch that is complete. */
    long epoch() {
        return epoch;
    }

    /** By view, its rows as texts, sorted, as the batches have them. */
    Map<String, List<String>> ofBatches() {
        Map<String, List<String>> all = new TreeMap<>();
        views.forEach((name, view) -> all.put(
                name, decoded(view.definition, view.rows.values().stream().toList())));
        return all;
    }

    /** The same, as each view's own topic has it. */
    Map<String, List<String>> ofTopics() {
        Map<String, List<String>> all = new TreeMap<>();
        views.forEach((name, view) -> all.put(
                name,
                decoded(
                        view.definition,
                        records.getOrDefault("views." + name, Map.of()).values().stream()
                                .map(ByteBuffer::wrap)
                                .toList())));
        return all;
    }

    /** Topics of views that are gone, with rows in them. */
    List<String> leftOver() {
        return records.entrySet().stream()
                .filter(topic -> topic.getKey().startsWith("views.")
                        && !topic.getValue().isEmpty()
                        && !views.containsKey(topic.getKey().substring("views.".length())))
                .map(Map.Entry::getKey)
                .toList();
    }

    private List<String> decoded(ViewDefinition definition, List<ByteBuffer> rows) {
        RowDecoder decoder = new RowDecoder(
                registry,
                definition.getColumns().stream().map(column -> column.getName()).toList());
        return rows.stream()
                .map(row -> {
                    byte[] bytes = new byte[row.remaining()];
                    row.get(row.position(), bytes);
                    return Arrays.toString(decoder.decode(bytes));
                })
                .sorted()
                .toList();
    }

    /** By view, how many rows it says that it keeps out. */
    Map<String, Long> excluded() {
        Map<String, Long> excluded = new TreeMap<>();
        views.forEach((name, view) -> excluded.put(name, view.excluded));
        return excluded;
    }

    /** By view, the subjects of its open dead letters. */
    Map<String, Set<String>> letters() {
        return openLetters(DeadLetter::getSubject);
    }

    /** By view, the reasons of its open dead letters. */
    Map<String, Set<String>> reasons() {
        return openLetters(DeadLetter::getReason);
    }

    private Map<String, Set<String>> openLetters(Function<DeadLetter, String> part) {
        Map<String, Set<String>> open = new TreeMap<>();
        records.getOrDefault(topics.deadLetters().name(), Map.of()).values().forEach(value -> {
            DeadLetter letter = Objects.requireNonNull(
                    topics.deadLetters().values().deserializer().deserialize("", value));
            if (letter.getState() == DeadLetterState.OPEN) {
                open.computeIfAbsent(letter.getOrigin().substring("view:".length()), unseen -> new TreeSet<>())
                        .add(part.apply(letter));
            }
        });
        return open;
    }

    /** By control, its violations as texts. */
    Map<String, List<String>> violations() {
        Map<String, List<String>> open = new TreeMap<>();
        records.getOrDefault(topics.violations().name(), Map.of()).values().forEach(value -> {
            Violation violation = Objects.requireNonNull(
                    topics.violations().values().deserializer().deserialize("", value));
            open.computeIfAbsent(violation.getControl(), unseen -> new ArrayList<>())
                    .add(Objects.requireNonNull(violation.getRow()).stream()
                            .map(column -> String.valueOf(column.getValue()))
                            .toList()
                            .toString());
        });
        open.values().forEach(rows -> rows.sort(null));
        return open;
    }
}
