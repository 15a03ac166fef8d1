package io.millrace.views.planner;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.catalog.ViewFiles;
import io.millrace.schemas.TableName;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.views.plan.ViewPlan;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ViewPlannerTest {
    private static final RelationSchema ORDERS = table("sales_order", "customer_id");
    private static final RelationSchema CUSTOMERS = table("customer", "parent_id");

    private static RelationSchema table(String name, String reference) {
        return new RelationSchema(
                new TableName("public", name),
                List.of(
                        new Column("tenant_id", PgType.INT4, false),
                        new Column("id", PgType.INT8, false),
                        new Column(reference, PgType.INT8, true),
                        new Column("name", PgType.TEXT, true),
                        new Column(
                                "total",
                                PgType.parse("numeric(16,2)"),
                                false,
                                name.equals("sales_order") ? "what it comes to, without tax" : ""),
                        new Column("weight", PgType.parse("double precision"), true),
                        new Column("doc", PgType.parse("jsonb"), true)),
                List.of("tenant_id", "id"),
                "tenant_id",
                false);
    }

    private static ViewPlanner.Result plan(String sql) {
        return new ViewPlanner(List.of(ORDERS, CUSTOMERS), 2).plan(ViewFiles.parse("views/v.sql", sql));
    }

    private static ViewPlan planned(String sql) {
        return switch (plan(sql)) {
            case ViewPlanner.Result.Planned planned -> planned.plan();
            case ViewPlanner.Result.Refused refused -> throw new AssertionError(refused.problem());
        };
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            SELECT tenant_id, id FROM sales_ordr ~ 1:27 ~ there is no captured table 'sales_ordr'
            SELECT tenant_id, id, nme FROM sales_order ~ 1:23 ~ column nme does not exist
            SELECT tenant_id, id FROM sales_order WHERE ~ 1:44 ~ syntax error at the end of the file: an expression was expected
            SELECT tenant_id, id FROM sales_order ORDER BY id ~ 1:39 ~ ORDER BY, LIMIT or OFFSET is not supported
            SELECT tenant_id, id, foo(id) AS f FROM sales_order ~ 1:23 ~ function foo(bigint) is not supported
            SELECT tenant_id, id, now() AS n FROM sales_order ~ 1:23 ~ function now() is not supported
            SELECT tenant_id, id, current_date AS n FROM sales_order ~ 1:23 ~ current_date is not supported
            SELECT tenant_id, id FROM sales_order WHERE id IN (SELECT id FROM customer) ~ 1:45 ~ a join that does not equate the lane columns
            SELECT o.tenant_id, o.id FROM sales_order o WHERE o.total > 1 OR EXISTS (SELECT 1 FROM customer c WHERE c.tenant_id = o.tenant_id) ~ 1:66 ~ a subquery inside an expression is not supported
            SELECT o.tenant_id, o.id, (SELECT max(id) FROM customer) AS m FROM sales_order o ~ 1:27 ~ a subquery as a value is not supported
            SELECT o.tenant_id, o.id FROM sales_order o WHERE EXISTS (SELECT count(*) FROM customer c WHERE c.tenant_id = o.tenant_id) ~ 1:51 ~ a subquery that names a column of the outer query inside an aggregate
            SELECT tenant_id, id FROM sales_order INTERSECT SELECT tenant_id, id FROM customer ~ 1:39 ~ INTERSECT is not supported
            SELECT tenant_id, id, row_number() OVER (ORDER BY id) AS n FROM sales_order ~ 1:36 ~ a window function is not supported
            SELECT o.tenant_id, o.id FROM sales_order o FULL JOIN customer c ON c.tenant_id = o.tenant_id ~ 1:45 ~ FULL JOIN is not supported
            SELECT id FROM sales_order UNION SELECT id FROM customer ~ 1:28 ~ a group without the lane column
            SELECT tenant_id, sum(weight) AS w FROM sales_order GROUP BY tenant_id ~ 1:19 ~ SUM of floating point, which depends on the order of the rows
            SELECT tenant_id, min(name) AS n FROM sales_order GROUP BY tenant_id ~ 1:19 ~ MIN of text, which depends on the database's collation
            SELECT tenant_id, id FROM sales_order WHERE name < 'x' ~ 1:45 ~ the order of text, which depends on the database's collation
            SELECT tenant_id, name FROM sales_order ~ 1:8 ~ a view without a unique key is not supported
            SELECT tenant_id, id, total + 1 FROM sales_order ~ 1:23 ~ a column without a name of its own
            SELECT tenant_id, id, total FROM sales_order GROUP BY tenant_id, id ~ 1:23 ~ a column that is selected must appear in GROUP BY
            SELECT o.tenant_id, o.id, c.name FROM sales_order o JOIN customer c ON c.id = o.customer_id ~ 1:53 ~ a join that does not equate the lane columns
            SELECT name, count(*) AS c FROM sales_order GROUP BY name ~ 1:1 ~ a group without the lane column
            SELECT tenant_id, id, to_char(now, 'YYYY') AS y FROM sales_order ~ 1:31 ~ column now does not exist
            SELECT tenant_id, id, to_char(date '2026-01-01', 'TMDay') AS y FROM sales_order ~ 1:23 ~ to_char with 'TMDay'
            SELECT tenant_id, id, date_trunc(name, timestamp '2026-01-01 00:00:00') AS y FROM sales_order ~ 1:23 ~ date_trunc with a computed argument
            SELECT tenant_id, id, substring(name FROM 'a+') AS y FROM sales_order ~ 1:23 ~ function substring(text, text)
            SELECT tenant_id, id FROM sales_order WHERE name LIKE name ESCAPE '!' ~ 1:45 ~ LIKE with a computed pattern
            SELECT tenant_id, id, extract(hour FROM date '2026-01-01') AS y FROM sales_order ~ 1:23 ~ extract(hour from a date)
            SELECT tenant_id, weighted_average_cost(total, total) AS y FROM sales_order GROUP BY tenant_id ~ 1:19 ~ weighted_average_cost without an order
            SELECT tenant_id, group_concat(name) AS y FROM sales_order GROUP BY tenant_id ~ 1:19 ~ function group_concat
            SELECT tenant_id, id FROM sales_order LIMIT 5 ~ 1:39 ~ ORDER BY, LIMIT or OFFSET
            SELECT tenant_id, id FROM sales_order NATURAL JOIN customer ~ 1:39 ~ NATURAL JOIN
            SELECT tenant_id, id, doc FROM sales_order ~ 1:23 ~ column doc of type jsonb
            SELECT o.tenant_id, o.id FROM sales_order o JOIN customer c ON id = o.customer_id ~ 1:64 ~ column id is ambiguous
            SELECT tenant_id, id, id AS id FROM sales_order ~ 1:23 ~ a second column id
            """)
    void whatIsNotSupported_isRefusedWithItsPlace(String sql, String place, String message) {
        assertThat(plan(sql)).isInstanceOfSatisfying(ViewPlanner.Result.Refused.class, refused -> {
            assertThat(refused.problem().line() + ":" + refused.problem().column())
                    .isEqualTo(place);
            assertThat(refused.problem().message()).contains(message);
            assertThat(refused.problem().remedy()).isNotBlank();
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            SELECT tenant_id, id, total AS x FROM sales_order ~ what it comes to, without tax
            SELECT tenant_id, id, name AS x FROM sales_order ~ sales_order.name
            SELECT tenant_id, id, total - 1 AS x FROM sales_order ~ computed from sales_order.total
            SELECT tenant_id, sum(o.total) AS x FROM sales_order o WHERE id IN (SELECT c.parent_id FROM customer c WHERE c.tenant_id = o.tenant_id) GROUP BY tenant_id ~ computed from sales_order.total
            SELECT tenant_id, count(*) AS x FROM sales_order GROUP BY tenant_id ~ computed
            SELECT o.tenant_id, o.id, coalesce(c.name, o.name) AS x FROM sales_order o LEFT JOIN customer c ON c.tenant_id = o.tenant_id AND c.id = o.customer_id ~ computed from customer.name, sales_order.name
            SELECT tenant_id, name AS x FROM sales_order UNION SELECT tenant_id, name FROM customer ~ customer.name, sales_order.name
            -- column x: what the file says|SELECT tenant_id, id, total AS x FROM sales_order ~ what the file says
            """)
    void column_isDescribedByTheFile_orTheSource_orWhereItComesFrom(String sql, String description) {
        ViewPlan plan = planned(sql.replace('|', '\n'));
        assertThat(plan.columns())
                .filteredOn(column -> column.name().equals("x"))
                .extracting(Column::description)
                .containsExactly(description);
        assertThat(plan.columns()).extracting(Column::description).doesNotContain("");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            SELECT name, id, tenant_id FROM sales_order ~ [1, 2]
            SELECT tenant_id, name, count(*) AS c FROM sales_order GROUP BY tenant_id, name ~ [0, 1]
            SELECT o.tenant_id, o.id, c.name FROM sales_order o JOIN customer c ON c.tenant_id = o.tenant_id AND c.id = o.customer_id ~ [0, 1]
            """)
    void key_isDerived(String sql, String key) {
        assertThat(planned(sql).key()).hasToString(key);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            -- Orders.|-- key: tenant_id, number|SELECT tenant_id, id FROM sales_order ~ 2:1 ~ key column number, which the view does not have
            -- key: id|-- column nr: number|SELECT tenant_id, id FROM sales_order ~ 2:1 ~ a description of column nr, which the view does not have
            -- Names.|-- key: name|SELECT tenant_id, id, name FROM sales_order ~ 2:1 ~ a key without the lane column tenant_id, with more than one lane,
            """)
    void header_thatDoesNotFit_isRefusedWithItsPlace(String sql, String place, String message) {
        whatIsNotSupported_isRefusedWithItsPlace(sql.replace('|', '\n'), place, message);
    }

    private static ViewPlanner.Result planOfParts(String sql) {
        RelationSchema part = new RelationSchema(
                new TableName("public", "part"),
                List.of(new Column("id", PgType.INT8, false), new Column("name", PgType.TEXT, true)),
                List.of("id"),
                null,
                false,
                List.of("secret", "full_name"));
        return new ViewPlanner(List.of(part), 1).plan(ViewFiles.parse("views/v.sql", sql));
    }

    /** Postgres' query has columns that the hub does not: a query that depends on them is not taken for another one. */
    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            SELECT * FROM part ~ 1:8 ~ column secret is not captured
            SELECT p.* FROM part p ~ 1:8 ~ column secret is not captured
            SELECT x.id FROM (SELECT * FROM part) x ~ 1:26 ~ column secret is not captured
            SELECT id, full_name FROM part ~ 1:12 ~ column full_name is not captured
            SELECT id FROM part WHERE part.secret IS NULL ~ 1:27 ~ column secret is not captured
            SELECT a, b FROM part AS p (a, b) ~ 1:18 ~ a list of names for the columns of part, of which secret, full_name are not captured
            SELECT p.id FROM part p JOIN part o USING (id, secret) ~ 1:25 ~ column secret is not captured
            SELECT p.id FROM part p JOIN (SELECT id AS secret FROM part) o ON secret = p.id ~ 1:67 ~ column secret is ambiguous
            """)
    void whatDependsOnColumnsThatAreNotCaptured_isRefused(String sql, String place, String message) {
        assertThat(planOfParts(sql)).isInstanceOfSatisfying(ViewPlanner.Result.Refused.class, refused -> {
            assertThat(refused.problem().line() + ":" + refused.problem().column())
                    .isEqualTo(place);
            assertThat(refused.problem().message()).contains(message);
            assertThat(refused.problem().remedy()).isNotBlank();
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT id, name FROM part",
                "SELECT count(*) AS c FROM part",
                "SELECT id FROM part p WHERE EXISTS (SELECT * FROM part o WHERE o.id > p.id)"
            })
    void whatDoesNotDependOnColumnsThatAreNotCaptured_isPlanned(String sql) {
        assertThat(planOfParts(sql)).isInstanceOf(ViewPlanner.Result.Planned.class);
    }

    @Test
    void scan_readsTheColumnsThatTheViewWants_andTheKey() {
        assertThat(planned("SELECT tenant_id, sum(total) AS s FROM sales_order GROUP BY tenant_id")
                        .root()
                        .digest())
                .contains("scan public.sales_order[tenant_id, id, total]");
    }

    @Test
    void header_describesTheView() {
        ViewPlan plan = planned("""
                -- Orders by name.
                -- key: tenant_id, name
                -- column orders: how many
                SELECT tenant_id, name, count(*) AS orders FROM sales_order GROUP BY tenant_id, name
                """);
        assertThat(plan.description()).isEqualTo("Orders by name.");
        assertThat(plan.columns().get(2).description()).isEqualTo("how many");
        assertThat(plan.columns().get(2).type()).isEqualTo(PgType.INT8);
        assertThat(plan.columns().get(2).nullable()).isFalse();
    }
}
