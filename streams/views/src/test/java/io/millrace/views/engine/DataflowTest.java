package io.millrace.views.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.catalog.ViewFiles;
import io.millrace.schemas.TableName;
import io.millrace.schemas.ViewName;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.SpecialNumeric;
import io.millrace.views.plan.Node;
import io.millrace.views.plan.ViewPlan;
import io.millrace.views.planner.ViewPlanner;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataflowTest {
    private static final TableName T = new TableName("public", "t");
    private static final RelationSchema TABLE = new RelationSchema(
            T,
            List.of(new Column("id", PgType.INT4, false), new Column("n", PgType.INT4, true)),
            List.of("id"),
            null,
            false);

    private static Dataflow dataflow(String... views) {
        ViewPlanner planner = new ViewPlanner(List.of(TABLE), 1);
        List<ViewPlan> plans = java.util.stream.IntStream.range(0, views.length)
                .mapToObj(i ->
                        ((ViewPlanner.Result.Planned) planner.plan(ViewFiles.parse("v" + i + ".sql", views[i]))).plan())
                .toList();
        Dataflow dataflow = new Dataflow(plans);
        assertThat(dataflow.initial()).isEmpty();
        return dataflow;
    }

    private static @Nullable Object[] row(int id, int n) {
        return new @Nullable Object[] {id, n};
    }

    @Test
    void rowWhoseExpressionFails_isKeptOutOfItsViewAlone_andHeals() {
        Dataflow dataflow = dataflow("SELECT id, 100 / n AS q FROM t", "SELECT id, n FROM t");
        dataflow.change(T, null, row(1, 0));
        dataflow.change(T, null, row(2, 5));
        List<ViewChanges> first = dataflow.step();
        assertThat(first).hasSize(2);
        assertThat(first.get(0).upserts()).containsExactly(row(2, 20));
        assertThat(first.get(0).excludedRows()).isEqualTo(1);
        assertThat(first.get(0).failures())
                .containsExactly(new ViewChanges.FailedRow("Project", "[1, 0]", "division by zero", true));
        assertThat(first.get(1).upserts()).containsExactlyInAnyOrder(row(1, 0), row(2, 5));
        assertThat(first.get(1).failures()).isEmpty();

        dataflow.change(T, row(1, 0), row(1, 4));
        List<ViewChanges> second = dataflow.step();
        assertThat(second.get(0).upserts()).containsExactly(row(1, 25));
        assertThat(second.get(0).excludedRows()).isZero();
        assertThat(second.get(0).failures())
                .containsExactly(new ViewChanges.FailedRow("Project", "[1, 0]", "division by zero", false));
    }

    @Test
    void rowsThatShareADeclaredKey_areKeptOut_untilItIsOfOneAgain() {
        Dataflow dataflow = dataflow("-- key: n\nSELECT n, id FROM t");
        dataflow.change(T, null, row(1, 7));
        dataflow.change(T, null, row(2, 8));
        assertThat(dataflow.step().getFirst().upserts()).containsExactlyInAnyOrder(row(7, 1), row(8, 2));

        dataflow.change(T, null, row(3, 7));
        ViewChanges shared = dataflow.step().getFirst();
        assertThat(shared.upserts()).isEmpty();
        assertThat(shared.deletes()).containsExactly(row(7, 1));
        assertThat(shared.excludedRows()).isEqualTo(1);
        assertThat(shared.failures())
                .containsExactly(new ViewChanges.FailedRow("Key", "[7]", "more than one row has this key", true));

        dataflow.change(T, row(1, 7), null);
        ViewChanges healed = dataflow.step().getFirst();
        assertThat(healed.upserts()).containsExactly(row(7, 3));
        assertThat(healed.excludedRows()).isZero();
        assertThat(healed.failures())
                .containsExactly(new ViewChanges.FailedRow("Key", "[7]", "more than one row has this key", false));
    }

    @Test
    void changesThatCancel_giveNothing() {
        Dataflow dataflow = dataflow("SELECT n, count(*) AS c FROM t GROUP BY n");
        dataflow.change(T, null, row(1, 7));
        assertThat(dataflow.step()).hasSize(1);
        dataflow.change(T, row(1, 7), null);
        dataflow.change(T, null, row(2, 7));
        assertThat(dataflow.step()).isEmpty();
    }

    @Test
    void lastRowOfAGroup_takesTheGroupWithIt() {
        Dataflow dataflow = dataflow("SELECT n, sum(id) AS s FROM t GROUP BY n");
        dataflow.change(T, null, row(1, 7));
        dataflow.step();
        dataflow.change(T, row(1, 7), null);
        List<ViewChanges> changes = dataflow.step();
        assertThat(changes.getFirst().deletes()).hasSize(1);
        assertThat(changes.getFirst().upserts()).isEmpty();
        assertThat(dataflow.stateSize()).isZero();
    }

    @Test
    void equalPartsOfViews_areThereOnce() {
        Dataflow one = dataflow("SELECT n, count(*) AS c FROM t GROUP BY n");
        Dataflow two =
                dataflow("SELECT n, count(*) AS c FROM t GROUP BY n", "SELECT n, count(*) AS c FROM t GROUP BY n");
        for (Dataflow dataflow : List.of(one, two)) {
            dataflow.change(T, null, row(1, 7));
            dataflow.step();
        }
        assertThat(two.stateSize()).isEqualTo(one.stateSize());
    }

    /** Whatever goes wrong in one row's expression is that row's failure in that view. */
    @Test
    void anyExceptionOfAnExpression_isTheFailureOfItsRow() {
        Node.Scan scan = new Node.Scan(TABLE, TABLE.columns(), "scan");
        Node failing = new Node.Project(
                scan,
                List.of(row -> row[0], row -> {
                    if (Integer.valueOf(7).equals(row[1])) {
                        throw new ClassCastException("seven");
                    }
                    return row[1];
                }),
                TABLE.columns(),
                "failing");
        Node filtered = new Node.Filter(
                scan,
                row -> {
                    if (Integer.valueOf(8).equals(row[1])) {
                        throw new IllegalStateException("eight");
                    }
                    return true;
                },
                "filtered");
        Dataflow dataflow = new Dataflow(List.of(
                new ViewPlan(new ViewName("p"), failing, failing.columns(), List.of(0), true, "", "", "1"),
                new ViewPlan(new ViewName("f"), filtered, filtered.columns(), List.of(0), true, "", "", "1")));
        dataflow.initial();
        dataflow.change(T, null, row(1, 7));
        dataflow.change(T, null, row(2, 8));
        List<ViewChanges> changes = dataflow.step();
        assertThat(changes.get(0).upserts()).containsExactly(row(2, 8));
        assertThat(changes.get(0).failures())
                .singleElement()
                .satisfies(failed -> assertThat(failed.reason()).contains("seven"));
        assertThat(changes.get(1).upserts()).containsExactly(row(1, 7));
        assertThat(changes.get(1).failures())
                .singleElement()
                .satisfies(failed -> assertThat(failed.reason()).contains("eight"));
    }

    private static final TableName N = new TableName("public", "n");
    private static final RelationSchema NUMERICS = new RelationSchema(
            N,
            List.of(new Column("id", PgType.INT4, false), new Column("x", PgType.NUMERIC, true)),
            List.of("id"),
            null,
            false);

    private static @Nullable Object[] number(int id, Object x) {
        return new @Nullable Object[] {id, x};
    }

    private static Dataflow numerics(String sql) {
        Dataflow dataflow = new Dataflow(List.of(
                ((ViewPlanner.Result.Planned) new ViewPlanner(List.of(NUMERICS), 1).plan(ViewFiles.parse("v.sql", sql)))
                        .plan()));
        dataflow.initial();
        return dataflow;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT x, count(*) AS c FROM n GROUP BY x",
                "SELECT DISTINCT x FROM n",
                "SELECT x FROM n UNION SELECT x FROM n",
                "SELECT min(x) AS x FROM n",
                "SELECT sum(DISTINCT x) AS x FROM n"
            })
    void whatAGroupShows_isThere(String sql) {
        Dataflow dataflow = numerics(sql);
        dataflow.change(N, null, number(1, new BigDecimal("1.0")));
        dataflow.change(N, null, number(2, new BigDecimal("1.000")));
        assertThat(dataflow.step().getFirst().upserts().getFirst()[0]).isEqualTo(new BigDecimal("1.0"));
        dataflow.change(N, number(1, new BigDecimal("1.0")), null);
        assertThat(dataflow.step().getFirst().upserts().getFirst()[0]).isEqualTo(new BigDecimal("1.000"));
    }

    @Test
    void notANumber_isInEveryAggregate() {
        Dataflow dataflow = numerics("SELECT count(*) AS c, sum(x) AS s, avg(x) AS a, max(x) AS m, min(x) AS i FROM n");
        dataflow.change(N, null, number(1, new BigDecimal("2.5")));
        dataflow.change(N, null, number(2, SpecialNumeric.NAN));
        SpecialNumeric nan = SpecialNumeric.NAN;
        assertThat(dataflow.step().getFirst().upserts())
                .containsExactly(new @Nullable Object[] {2L, nan, nan, nan, new BigDecimal("2.5")});
        dataflow.change(N, number(2, nan), number(2, SpecialNumeric.NEGATIVE_INFINITY));
        SpecialNumeric least = SpecialNumeric.NEGATIVE_INFINITY;
        assertThat(dataflow.step().getFirst().upserts())
                .containsExactly(new @Nullable Object[] {2L, least, least, new BigDecimal("2.5"), least});
        dataflow.change(N, number(2, least), null);
        assertThat(dataflow.step().getFirst().upserts().getFirst()[1]).isEqualTo(new BigDecimal("2.5"));
    }
}
