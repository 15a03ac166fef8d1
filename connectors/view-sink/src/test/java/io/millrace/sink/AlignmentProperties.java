package io.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewChanges;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.avro.ViewRow;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/**
 * Whatever lanes publish in whatever order, whatever of it is lost, and whenever the sink is started again: each state of the tables is the
 * one that the views had at one epoch, in all lanes; and if views are published again where it is asked for, the newest one is reached.
 */
class AlignmentProperties {
    private static final List<String> VIEWS = List.of("u", "v", "w");

    @Property(tries = 2000)
    void tables_areAlwaysAStateOfTheViews_andComeToTheNewest(@ForAll long seed) {
        World world = new World(new Random(seed));
        world.run();
    }

    /** Rows by view. */
    private static final class Rows extends TreeMap<String, Map<String, String>> {
        private static final long serialVersionUID = 1L;

        Rows copy() {
            Rows copy = new Rows();
            forEach((view, rows) -> copy.put(view, new TreeMap<>(rows)));
            return copy;
        }
    }

    private static final class LaneModel {
        final int lane;
        Map<String, Edition> catalog = Map.of();
        Rows rows = new Rows();

        /** By epoch. */
        final Map<Long, Rows> states = new HashMap<>();

        final Map<Long, Map<String, Edition>> catalogs = new HashMap<>();

        /** What is in the topic; null where it is lost. */
        final List<@Nullable ViewBatch> topic = new ArrayList<>();

        long epoch;

        LaneModel(int lane) {
            this.lane = lane;
            states.put(0L, new Rows());
            catalogs.put(0L, Map.of());
        }

        void epoch(Map<String, Edition> next, Random random) {
            List<ViewChanges> changes = new ArrayList<>();
            Set<String> whole = new TreeSet<>();
            next.forEach((view, edition) -> {
                if (!edition.equals(catalog.get(view))) {
                    whole.add(view);
                }
            });
            catalog.keySet().stream().filter(view -> !next.containsKey(view)).forEach(gone -> {
                rows.remove(gone);
                changes.add(new ViewChanges(gone, "", List.of(), List.of(), null, epoch, true, null));
            });
            catalog = next;
            for (Map.Entry<String, Edition> view : next.entrySet()) {
                Map<String, String> of = rows.computeIfAbsent(view.getKey(), unseen -> new TreeMap<>());
                Map<String, @Nullable String> changed = new TreeMap<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    changed.put(
                            "l" + lane + "k" + random.nextInt(4), random.nextBoolean() ? null : "" + random.nextInt());
                }
                changed.forEach((key, value) -> {
                    if (value == null) {
                        of.remove(key);
                    } else {
                        of.put(key, value);
                    }
                });
                if (whole.contains(view.getKey())) {
                    changed.clear();
                    changed.putAll(of);
                }
                if (!changed.isEmpty() || whole.contains(view.getKey())) {
                    changes.add(changes(view.getKey(), view.getValue(), changed, whole.contains(view.getKey())));
                }
            }
            long previous = epoch++;
            states.put(epoch, rows.copy());
            catalogs.put(epoch, Map.copyOf(next));
            int parts = Math.max(1, Math.min(changes.size(), 1 + random.nextInt(3)));
            for (int part = 0; part < parts; part++) {
                boolean last = part == parts - 1;
                topic.add(new ViewBatch(
                        "erp",
                        lane,
                        epoch,
                        epoch,
                        Instant.EPOCH,
                        0L,
                        part,
                        last,
                        previous,
                        last
                                ? changes.subList(part, Math.max(part, changes.size()))
                                : changes.subList(part, part + 1)));
            }
        }

        private ViewChanges changes(
                String view, Edition edition, Map<String, @Nullable String> changed, boolean whole) {
            List<ViewRow> upserts = new ArrayList<>();
            List<ByteBuffer> deletes = new ArrayList<>();
            changed.forEach((key, value) -> {
                if (value == null) {
                    deletes.add(bytes(key));
                } else {
                    upserts.add(new ViewRow(bytes(key), bytes(value)));
                }
            });
            ViewDefinition definition = new ViewDefinition(
                    view, edition.generation(), "", "", List.of(), List.of(), "erp", edition.version());
            return new ViewChanges(
                    view,
                    edition.generation(),
                    upserts,
                    deletes,
                    null,
                    edition.version(),
                    whole,
                    whole ? definition : null);
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    private static final class World {
        final Random random;
        final List<LaneModel> lanes = new ArrayList<>();
        final int[] read;
        Map<String, Edition> catalog = new TreeMap<>();
        long nextVersion = 1;

        // The database.
        final Rows tables = new Rows();
        final Map<String, Edition> editions = new HashMap<>();
        final int[] offsets;
        long epoch;

        Alignment alignment;

        World(Random random) {
            this.random = random;
            int count = 1 + random.nextInt(3);
            for (int lane = 0; lane < count; lane++) {
                lanes.add(new LaneModel(lane));
            }
            offsets = new int[count];
            read = new int[count];
            alignment = new Alignment(count, 0, editions);
        }

        void run() {
            for (int i = random.nextInt(40); i >= 0; i--) {
                act();
            }
            settle();
        }

        private void act() {
            switch (random.nextInt(10)) {
                case 0 -> changeCatalog();
                case 1 -> restart();
                case 2 -> lose();
                case 3, 4, 5 -> {
                    LaneModel lane = lanes.get(random.nextInt(lanes.size()));
                    // Each lane comes to a changed catalog in its own time.
                    lane.epoch(random.nextInt(4) == 0 ? Map.copyOf(catalog) : lane.catalog, random);
                }
                default -> readSome();
            }
        }

        private void changeCatalog() {
            Map<String, Edition> next = new TreeMap<>();
            for (String view : VIEWS) {
                Edition before = catalog.get(view);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        // Not in it.
                    }
                    case 1 -> next.put(view, new Edition("g" + random.nextInt(2), nextVersion++));
                    default -> next.put(view, before == null ? new Edition("g0", nextVersion++) : before);
                }
            }
            catalog = next;
        }

        private void restart() {
            alignment = new Alignment(lanes.size(), epoch, editions);
            System.arraycopy(offsets, 0, read, 0, read.length);
        }

        /** What is not read yet, up to somewhere, is not there any more. */
        private void lose() {
            LaneModel lane = lanes.get(random.nextInt(lanes.size()));
            int from = read[lane.lane];
            if (from < lane.topic.size()) {
                int to = from + 1 + random.nextInt(lane.topic.size() - from);
                for (int i = from; i < to; i++) {
                    lane.topic.set(i, null);
                }
            }
        }

        private void readSome() {
            LaneModel lane = lanes.get(random.nextInt(lanes.size()));
            for (int i = random.nextInt(5); i >= 0 && read[lane.lane] < lane.topic.size(); i--) {
                ViewBatch part = lane.topic.get(read[lane.lane]);
                if (part != null) {
                    alignment.add(part, read[lane.lane], 1);
                }
                read[lane.lane]++;
            }
            apply();
        }

        private void apply() {
            Alignment.Step step = alignment.next();
            if (step == null) {
                return;
            }
            step.views().views().forEach((view, folded) -> {
                if (folded.edition.equals(Edition.REMOVED)) {
                    tables.remove(view);
                    editions.remove(view);
                    return;
                }
                if (folded.definition != null) {
                    tables.put(view, new TreeMap<>());
                    editions.put(view, folded.edition);
                }
                assertThat(folded.edition).isEqualTo(editions.get(view));
                folded.rows.forEach((key, row) -> {
                    Map<String, String> rows = java.util.Objects.requireNonNull(tables.get(view));
                    if (row == null) {
                        rows.remove(text(key));
                    } else {
                        rows.put(text(key), text(row));
                    }
                });
            });
            for (int lane = 0; lane < lanes.size(); lane++) {
                Long next = step.nextOffsets().get(lane);
                offsets[lane] = next == null ? offsets[lane] : next.intValue();
            }
            epoch = step.epoch();
            alignment.applied(step);
            check();
        }

        /** What there is, is what the views were at the epoch. A view of which nothing was ever seen may be missing. */
        private void check() {
            for (LaneModel lane : lanes) {
                editions.forEach((view, edition) -> {
                    assertThat(java.util.Objects.requireNonNull(lane.catalogs.get(epoch)))
                            .containsEntry(view, edition);
                    Map<String, String> ofLane = new TreeMap<>();
                    java.util.Objects.requireNonNull(tables.get(view)).forEach((key, value) -> {
                        if (key.startsWith("l" + lane.lane)) {
                            ofLane.put(key, value);
                        }
                    });
                    assertThat(ofLane)
                            .isEqualTo(java.util.Objects.requireNonNull(lane.states.get(epoch))
                                    .get(view));
                });
            }
        }

        /** All lanes come to one catalog and one epoch, everything is read, and what is asked for is published. */
        private void settle() {
            for (int round = 0; round < 4; round++) {
                long newest = lanes.stream().mapToLong(lane -> lane.epoch).max().orElseThrow() + 1;
                for (LaneModel lane : lanes) {
                    while (lane.epoch < newest) {
                        lane.epoch(Map.copyOf(catalog), random);
                    }
                }
                for (int i = 0; i < 1000; i++) {
                    readSome();
                }
                apply();
                Alignment.Missing missing = alignment.takeMissing();
                if (missing != null) {
                    catalog = new TreeMap<>(catalog);
                    catalog.replaceAll((view, edition) -> alignment.lacks(missing, view, edition)
                            ? new Edition(edition.generation(), nextVersion++)
                            : edition);
                    missing.views().stream()
                            .filter(view -> !catalog.containsKey(view))
                            .forEach(view -> alignment.drop(view));
                }
            }
            assertThat(alignment.waiting()).isEmpty();
            assertThat(epoch).isEqualTo(lanes.getFirst().epoch);
            assertThat(editions).isEqualTo(catalog);
        }
    }
}
