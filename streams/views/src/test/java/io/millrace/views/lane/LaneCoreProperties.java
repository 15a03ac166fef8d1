package io.millrace.views.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.schemas.Lane;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.ViewName;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.avro.TransactionKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Whatever comes in whatever order, those who read a lane's topics have what its views show of its rows: epochs in parts, snapshots in the
 * middle, after lost epochs too, restarts between any two records and failures within them, other catalogs, views that are asked for
 * again, rows that fail.
 */
class LaneCoreProperties {
    private static final SourceName SOURCE = new SourceName("erp");
    private static final Lane LANE = new Lane(0);

    /** What happens; the seed says the rest. */
    enum Kind {
        EPOCH,
        EMPTY_EPOCH,
        PARTS,
        SNAPSHOT,
        SNAPSHOT_AFTER_LOSS,
        LOSS,
        RESTART,
        FAILURE,
        CATALOG,
        AGAIN
    }

    record Action(Kind kind, int seed) {}

    @Provide
    Arbitrary<List<Action>> actions() {
        return Arbitraries.of(Kind.class)
                .flatMap(kind -> Arbitraries.integers().map(seed -> new Action(kind, seed)))
                .list()
                .ofMinSize(1)
                .ofMaxSize(25);
    }

    @Property(tries = 1000)
    void topicsOfALane_haveWhatItsViewsShow(@ForAll("actions") List<Action> actions) {
        World world = new World();
        actions.forEach(world::act);
        world.finish();
    }

    /** A lane with everything around it. */
    private static final class World {
        final LaneTables tables = new LaneTables();
        LaneReader reader = new LaneReader(tables.registry);

        /** Without what the record gives out that is being processed. */
        LaneReader committed = reader;

        LaneStores stores = new LaneStores(new TreeStore<>(), new TreeStore<>(), new TreeStore<>(), new TreeStore<>());
        List<LaneViewsOf> catalog = List.of(LaneViewsOf.ALL, LaneViewsOf.QUOTIENT, LaneViewsOf.TOTAL);
        final Map<String, Long> versions = new TreeMap<>();
        final Map<String, String> generations = new HashMap<>();
        long nextVersion = 1;
        LaneCore core;
        long epoch;
        boolean failNext;

        /** Whether epochs are missing, so that only a snapshot helps. */
        boolean lost;

        World() {
            define();
            core = start();
        }

        /** The topics of the lane, as a reader of committed records has them. */
        private final class Committed implements PublishedRecords {
            @Override
            public Set<Bytes> keys(String topic, Lane lane) {
                return committed.keys(topic, lane);
            }

            @Override
            public Collection<byte[]> values(String topic, Lane lane) {
                return committed.values(topic, lane);
            }
        }

        private void define() {
            for (LaneViewsOf view : catalog) {
                if (!view.plan.generation().equals(generations.put(view.view, view.plan.generation()))) {
                    versions.put(view.view, nextVersion++);
                }
            }
            Set<String> names = catalog.stream().map(view -> view.view).collect(Collectors.toSet());
            generations.keySet().retainAll(names);
        }

        private LaneCore start() {
            return new LaneCore(
                    new LaneViews(
                            SOURCE,
                            catalog.stream().map(view -> view.plan).toList(),
                            catalog.stream()
                                    .filter(view -> view.control)
                                    .map(view -> new ViewName(view.view))
                                    .collect(Collectors.toSet()),
                            tables.registry,
                            () -> versions.entrySet().stream()
                                    .collect(Collectors.toMap(of -> new ViewName(of.getKey()), Map.Entry::getValue))),
                    LANE,
                    stores,
                    new Committed(),
                    new LaneStatus(),
                    (key, outgoing) -> reader.take(key, outgoing));
        }

        void act(Action action) {
            Random random = new Random(action.seed);
            switch (action.kind) {
                case EPOCH -> commit(transactions(random), 1, random);
                case EMPTY_EPOCH -> commit(List.of(), 1, random);
                case PARTS -> commit(transactions(random), 2 + random.nextInt(4), random);
                case SNAPSHOT -> snapshot(random);
                case SNAPSHOT_AFTER_LOSS -> {
                    transactions(random);
                    epoch += 1 + random.nextInt(3);
                    snapshot(random);
                }
                case LOSS -> {
                    transactions(random);
                    epoch++;
                    lost = true;
                }
                case RESTART -> core = start();
                case FAILURE -> failNext = true;
                case CATALOG -> {
                    Map<String, LaneViewsOf> chosen = new TreeMap<>();
                    LaneViewsOf.all()
                            .filter(view -> random.nextInt(3) > 0)
                            .forEach(view -> chosen.put(view.view, view));
                    catalog = List.copyOf(chosen.values());
                    define();
                    core = start();
                }
                case AGAIN ->
                    versions.replaceAll(
                            (view, version) -> random.nextBoolean() ? version : Long.valueOf(nextVersion++));
            }
        }

        /** By transaction, its changes. */
        private List<List<Change>> transactions(Random random) {
            List<List<Change>> transactions = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                List<Change> changes = new ArrayList<>();
                for (int j = random.nextInt(5); j >= 0; j--) {
                    changes.add(change(random));
                }
                transactions.add(changes);
            }
            return transactions;
        }

        private Change change(Random random) {
            TableName table = random.nextInt(4) == 0 ? LaneTables.B : LaneTables.A;
            int id = random.nextInt(5);
            return switch (random.nextInt(12)) {
                case 0 -> tables.truncate(table);
                case 1, 2, 3 -> tables.delete(table, id);
                default ->
                    table.equals(LaneTables.A)
                            ? tables.put(table, id, some(random), some(random))
                            : tables.put(table, id, "name" + random.nextInt(3));
            };
        }

        private static @Nullable Object some(Random random) {
            int value = random.nextInt(8);
            return value == 7 ? null : value - 1;
        }

        private void commit(List<List<Change>> transactions, int parts, Random random) {
            epoch++;
            List<SourceTransaction> all = new ArrayList<>();
            long xid = 100;
            for (List<Change> changes : transactions) {
                all.addAll(fragments(xid++, TransactionKind.COMMIT, changes, parts, random));
            }
            send(all, parts, random);
        }

        private void snapshot(Random random) {
            epoch++;
            lost = false;
            if (random.nextBoolean()) {
                // An attempt that was given up.
                List<SourceTransaction> some = fragments(0, TransactionKind.SNAPSHOT, tables.readAll(), 3, random);
                for (int part = 0; part < 1 + random.nextInt(3); part++) {
                    process(part(part, false, part < some.size() ? List.of(some.get(part)) : List.of()));
                }
                // What it saw is not all that there is.
                transactions(random);
            }
            int parts = 1 + random.nextInt(4);
            send(fragments(0, TransactionKind.SNAPSHOT, tables.readAll(), parts, random), parts, random);
        }

        private static List<SourceTransaction> fragments(
                long xid, TransactionKind kind, List<Change> changes, int parts, Random random) {
            List<SourceTransaction> fragments = new ArrayList<>();
            int at = 0;
            while (parts > 1 && at < changes.size() && random.nextBoolean()) {
                int to = at + 1 + random.nextInt(changes.size() - at);
                fragments.add(transaction(xid, kind, changes.subList(at, to), false));
                at = to;
            }
            fragments.add(transaction(xid, kind, changes.subList(at, changes.size()), true));
            return fragments;
        }

        private static SourceTransaction transaction(
                long xid, TransactionKind kind, List<Change> changes, boolean last) {
            return new SourceTransaction(xid, last ? 1L : 0L, Instant.EPOCH, null, kind, last, List.copyOf(changes));
        }

        /** The last fragment is in the last part: so it is with a snapshot. */
        private void send(List<SourceTransaction> transactions, int parts, Random random) {
            int at = 0;
            int part = 0;
            while (part < parts - 1 && at < transactions.size() - 1) {
                int to = at + 1 + random.nextInt(transactions.size() - 1 - at);
                process(part(part++, false, transactions.subList(at, to)));
                at = to;
            }
            process(part(part, true, transactions.subList(at, transactions.size())));
        }

        private Epoch part(int part, boolean last, List<SourceTransaction> transactions) {
            return new Epoch(
                    SOURCE.toString(),
                    0,
                    epoch,
                    part,
                    last,
                    last ? epoch : 0,
                    Instant.EPOCH,
                    List.copyOf(transactions));
        }

        /** As Kafka Streams does: a record is processed as a whole, or it was not. */
        private void process(Epoch part) {
            if (failNext) {
                failNext = false;
                LaneReader readerBefore = reader.copy();
                committed = readerBefore;
                LaneStores before = copy(stores);
                processOnce(part);
                reader = readerBefore;
                stores = before;
                core = start();
            }
            committed = reader.copy();
            processOnce(part);
            if (part.getLastPart() && !lost) {
                check();
            }
        }

        private void processOnce(Epoch part) {
            byte[] record = new Topics(tables.registry)
                    .transactions(SOURCE)
                    .values()
                    .serializer()
                    .serialize("", part);
            if (core.takes(part)) {
                core.process(part, record);
            }
        }

        private static LaneStores copy(LaneStores of) {
            return new LaneStores(
                    ((TreeStore<Bytes, byte[]>) of.rows()).copy(),
                    ((TreeStore<Bytes, byte[]>) of.parts()).copy(),
                    ((TreeStore<String, String>) of.published()).copy(),
                    ((TreeStore<String, Long>) of.applied()).copy());
        }

        /** What was changed last is published with the next epoch. */
        void finish() {
            if (lost) {
                snapshot(new Random(0));
            } else {
                commit(List.of(), 1, new Random(0));
            }
        }

        void check() {
            assertThat(reader.epoch()).isEqualTo(epoch);
            Map<String, List<String>> shown = new TreeMap<>();
            Map<String, Long> excluded = new TreeMap<>();
            Map<String, Set<String>> letters = new TreeMap<>();
            Map<String, List<String>> violations = new TreeMap<>();
            for (LaneViewsOf view : catalog) {
                shown.put(view.view, view.rows(tables));
                excluded.put(view.view, (long) view.failed(tables).size());
                if (!view.failed(tables).isEmpty()) {
                    letters.put(view.view, view.failed(tables));
                }
                if (view.control && !view.rows(tables).isEmpty()) {
                    violations.put(view.view, view.rows(tables));
                }
            }
            assertThat(reader.ofBatches()).isEqualTo(shown);
            assertThat(reader.ofTopics()).isEqualTo(shown);
            assertThat(reader.excluded()).isEqualTo(excluded);
            assertThat(reader.letters()).isEqualTo(letters);
            assertThat(reader.violations()).isEqualTo(violations);
            assertThat(reader.leftOver()).isEmpty();
        }
    }
}
