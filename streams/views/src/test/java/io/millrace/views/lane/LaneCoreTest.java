package io.millrace.views.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.catalog.ViewFiles;
import io.millrace.schemas.Lane;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.avro.TransactionKind;
import io.millrace.views.plan.ViewPlan;
import io.millrace.views.planner.ViewPlanner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaneCoreTest {
    private static final SourceName SOURCE = new SourceName("erp");
    private static final int ROWS = 120_000;

    private final LaneTables tables = new LaneTables();
    private final LaneReader reader = new LaneReader(tables.registry);
    private final LaneStatus status = new LaneStatus();
    private final LaneStores stores =
            new LaneStores(new TreeStore<>(), new TreeStore<>(), new TreeStore<>(), new TreeStore<>());
    private LaneCore core = start();

    private LaneCore start() {
        return start(LaneViewsOf.ALL.plan);
    }

    private LaneCore start(ViewPlan plan) {
        return new LaneCore(
                new LaneViews(SOURCE, List.of(plan), Set.of(), tables.registry, () -> Map.of(plan.name(), 1L)),
                new Lane(0),
                stores,
                reader,
                status,
                reader::take);
    }

    private void send(long epoch, int part, boolean last, List<Change> changes) {
        SourceTransaction transaction = new SourceTransaction(
                1L, last ? epoch : 0L, Instant.EPOCH, null, TransactionKind.COMMIT, last, List.copyOf(changes));
        Epoch record = new Epoch(SOURCE.toString(), 0, epoch, part, last, epoch, Instant.EPOCH, List.of(transaction));
        if (core.takes(record)) {
            core.process(
                    record,
                    new Topics(tables.registry)
                            .transactions(SOURCE)
                            .values()
                            .serializer()
                            .serialize("", record));
        }
    }

    private List<Change> manyRows() {
        List<Change> changes = new ArrayList<>();
        for (int id = 0; id < ROWS; id++) {
            changes.add(tables.put(LaneTables.A, id, id, id));
        }
        return changes;
    }

    /** The reader checks that no record is larger than it may be. */
    @Test
    void allRowsAtOnce_comeAndGo_inRecordsOfBoundedSize() {
        send(1, 0, true, manyRows());
        assertThat(reader.ofBatches().get("all_rows")).hasSize(ROWS);
        send(2, 0, true, List.of(tables.truncate(LaneTables.A)));
        assertThat(reader.ofBatches().get("all_rows")).isEmpty();
        assertThat(reader.ofTopics().get("all_rows")).isEmpty();
    }

    private static ViewPlan plan(String name, String sql) {
        return ((ViewPlanner.Result.Planned) new ViewPlanner(List.of(LaneTables.TABLE_A, LaneTables.TABLE_B), 1)
                        .plan(ViewFiles.parse("views/" + name + ".sql", sql)))
                .plan();
    }

    /** A value that no record can carry, or that no index takes, is kept out by itself, and comes when it is shorter. */
    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            SELECT id, rpad(name, 8000000, 'x') AS t FROM b WHERE id = 1 UNION ALL SELECT id, name FROM b WHERE id > 1 ~ a view's row may have 6291456
            SELECT DISTINCT rpad(name, 2501, 'ä') AS t FROM b WHERE id = 1 UNION ALL SELECT name FROM b WHERE id > 1 ~ its key has 5001 bytes, and a view's key may have 2500
            """)
    void rowThatIsTooLarge_isKeptOut_andTheOthersGoOn(String sql, String reason) {
        core = start(plan("texts", (sql.contains("DISTINCT") ? "-- key: t\n" : "-- key: id\n") + sql));
        send(1, 0, true, List.of(tables.put(LaneTables.B, 1, "a"), tables.put(LaneTables.B, 2, "two")));
        assertThat(reader.ofBatches().get("texts")).singleElement().asString().contains("two");
        assertThat(reader.letters().get("texts")).hasSize(1);
        assertThat(reader.reasons().get("texts")).singleElement().asString().contains(reason);
        send(2, 0, true, List.of(tables.delete(LaneTables.B, 1), tables.put(LaneTables.B, 3, "three")));
        assertThat(reader.ofBatches().get("texts")).hasSize(2);
        assertThat(reader.letters().getOrDefault("texts", Set.of())).isEmpty();
    }

    /** The rows of transactions are kept by the view's filter, whichever columns it wants. */
    @Test
    void viewOfTransactions_hasThoseThatItsFilterLetsThrough() {
        core = start(plan("deleted", """
                -- key: table_name, commit_lsn
                SELECT table_name, deletes, commit_lsn FROM source_transaction WHERE deletes >= 2
                """));
        send(
                1,
                0,
                true,
                List.of(
                        tables.put(LaneTables.A, 1, 1, 1),
                        tables.put(LaneTables.A, 2, 2, 2),
                        tables.put(LaneTables.A, 3, 3, 3)));
        send(2, 0, true, List.of(tables.delete(LaneTables.A, 1)));
        send(3, 0, true, List.of(tables.delete(LaneTables.A, 2), tables.delete(LaneTables.A, 3)));
        assertThat(reader.ofBatches().get("deleted")).containsExactly("[public.a, 2, 3]");
    }

    @Test
    void epochOfWhichAPartIsMissing_isNotApplied_andThatIsTold() {
        send(1, 0, true, List.of(tables.put(LaneTables.A, 1, 1, 1)));
        send(2, 0, false, List.of(tables.put(LaneTables.A, 2, 2, 2)));
        send(2, 2, true, List.of(tables.put(LaneTables.A, 3, 3, 3)));
        assertThat(reader.epoch()).isEqualTo(1);
        assertThat(status.waiting())
                .singleElement()
                .asString()
                .contains("of epoch 2 of lane 0 not all 2 parts", "cdc.erp.transactions", "'millrace snapshot'");
        send(3, 0, true, List.of());
        assertThat(reader.epoch()).isEqualTo(1);
        core = start();
        assertThat(reader.ofBatches().get("all_rows")).containsExactly("[1, 1, 1]");
    }

    @Test
    void epochThatIsMissing_isNotPassedOver() {
        send(1, 0, true, List.of(tables.put(LaneTables.A, 1, 1, 1)));
        send(3, 0, true, List.of(tables.put(LaneTables.A, 3, 3, 3)));
        assertThat(reader.epoch()).isEqualTo(1);
        assertThat(status.waiting())
                .singleElement()
                .asString()
                .contains("epochs 2 to 2 of lane 0 are not in topic cdc.erp.transactions any more");
    }
}
