package io.millrace.views.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.catalog.ViewFiles;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.schemas.TableName;
import io.millrace.schemas.row.Clock;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.views.expression.Texts;
import io.millrace.views.plan.ViewPlan;
import io.millrace.views.planner.ViewPlanner;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** The oracle of a view is its own SQL on Postgres: after every epoch of random changes, both have the same rows. */
class OracleProperties {
    private static final int EPOCHS = 6;
    private static final int RANDOM_VIEWS = 25;
    private static final AtomicLong accepted = new AtomicLong();
    private static final AtomicLong refusals = new AtomicLong();
    private static final AtomicLong comparisons = new AtomicLong();
    private static final List<Column> A = List.of(
            new Column("id", PgType.INT4, false),
            new Column("g", PgType.INT4, true),
            new Column("big", PgType.INT8, true),
            new Column("n", PgType.NUMERIC, true),
            new Column("m", PgType.parse("numeric(10,2)"), false),
            new Column("t", PgType.TEXT, true),
            new Column("d", PgType.DATE, true),
            new Column("f", PgType.BOOL, true),
            new Column("ts", PgType.TIMESTAMP, true),
            new Column("dp", PgType.parse("double precision"), true),
            new Column("u", PgType.parse("uuid"), true));
    private static final List<Column> B = List.of(
            new Column("id", PgType.INT4, false),
            new Column("a_id", PgType.INT4, true),
            new Column("q", PgType.parse("numeric(8,3)"), true),
            new Column("t", PgType.TEXT, true));
    private static final RelationSchema A_TABLE = table("a", A);
    private static final RelationSchema B_TABLE = table("b", B);

    /** Each ends in what makes it a new kind of plan; the key is named where it cannot be derived. */
    private static final List<String> VIEWS = List.of(
            "SELECT id, g, n, t FROM a",
            "SELECT id, n + m AS s, n * m AS p, n - 1 AS d, m / 7 AS q, -n AS neg, big * 2 AS b2, g / 2 AS h, g % 2 AS r FROM a",
            "SELECT id, round(n, 1) AS r1, round(m) AS r0, n::numeric(12,3) AS c, m::int AS i, g::text || '-' || coalesce(t, '?') AS x FROM a",
            "SELECT id, CASE WHEN n > 0 THEN 'pos' WHEN n < 0 THEN 'neg' WHEN n IS NULL THEN 'null' ELSE 'zero' END AS sign FROM a",
            "SELECT id, date_trunc('month', d::timestamp)::date AS month, upper(t) AS u, nullif(t, 'x') AS nx FROM a WHERE d IS NOT NULL",
            "SELECT id FROM a WHERE f AND (g IN (1, 2) OR t = 'x') AND NOT (n > 5)",
            "SELECT id FROM a WHERE g BETWEEN 1 AND 3 OR t LIKE 'x%' OR f IS NOT TRUE AND n IS DISTINCT FROM 1.50",
            "SELECT g, count(*) AS c, count(n) AS cn, sum(n) AS s, sum(m) AS sm, sum(g) AS sg, sum(big) AS sb FROM a GROUP BY g",
            "SELECT g, avg(n) AS an, avg(m) AS am, avg(g) AS ag, min(n) AS mi, max(m) AS ma, min(d) AS md, max(big) AS mb FROM a GROUP BY g",
            "SELECT g, t, count(DISTINCT n) AS dn, sum(DISTINCT m) AS ds, count(*) FILTER (WHERE f) AS cf, sum(m) FILTER (WHERE n > 1) AS sf"
                    + " FROM a GROUP BY g, t",
            "SELECT g, sum(m) AS s FROM a GROUP BY g HAVING sum(m) > 10 AND count(*) > 1",
            "SELECT count(*) AS c, sum(n) AS s, max(d) AS d FROM a",
            "SELECT count(*) AS c, sum(m) AS s FROM a WHERE g = 1 HAVING count(*) <> 2",
            "SELECT b.id, a.g, a.t, b.q FROM b JOIN a ON a.id = b.a_id",
            "SELECT b.id, a.g, a.n FROM b LEFT JOIN a ON a.id = b.a_id",
            "SELECT a.id, b.id AS b_id, b.q FROM a LEFT JOIN b ON b.a_id = a.id AND b.q > a.m",
            "SELECT a.id, a2.id AS id2 FROM a JOIN a a2 ON a2.g = a.g AND a2.id > a.id AND a2.m <> a.m",
            "SELECT a.id, b.id AS b_id FROM a JOIN b ON a.t = b.t",
            "SELECT a.g, count(b.id) AS c, sum(b.q * a.m) AS s FROM a LEFT JOIN b ON b.a_id = a.id GROUP BY a.g",
            "SELECT x.g, x.c, y.s FROM (SELECT g, count(*) AS c FROM a GROUP BY g) x JOIN (SELECT a.g, sum(b.q) AS s FROM a JOIN b"
                    + " ON b.a_id = a.id GROUP BY a.g) y ON y.g = x.g",
            "-- key: kind, id\nSELECT 'a' AS kind, id, t FROM a WHERE g = 1 UNION ALL SELECT 'b', id, t FROM b",
            "WITH s AS (SELECT a_id, sum(q) AS q, count(*) AS c FROM b GROUP BY a_id) SELECT a.id, s.q, coalesce(s.c, 0) AS c FROM a"
                    + " LEFT JOIN s ON s.a_id = a.id WHERE a.m > 3 OR s.q IS NULL",
            "SELECT c, count(*) AS groups FROM (SELECT g, count(*) AS c FROM a GROUP BY g) x GROUP BY c",
            "SELECT id, trunc(n, 1) AS tr, trunc(n) AS t0, ceil(n) AS ce, floor(n) AS fl, sign(n) AS si, mod(g, 2) AS mo, round(n, -1) AS rn,"
                    + " trunc(n, -1) AS tn, abs(n) AS ab, greatest(n, m, 0) AS gr, least(g, 2) AS le FROM a",
            "SELECT id, d + 7 AS d7, 3 + d AS d3, d - 40 AS dm, d - DATE '2026-01-15' AS days, d + interval '1' month AS mon,"
                    + " d - interval '36' hour AS hrs, d + interval '1' year - interval '1' day AS yr FROM a",
            "SELECT id, extract(year FROM d) AS y, extract(quarter FROM d) AS q, extract(week FROM d) AS w, extract(dow FROM d) AS dow,"
                    + " extract(isodow FROM d) AS idow, extract(doy FROM d) AS doy, extract(epoch FROM d) AS e, extract(month FROM d) AS mo,"
                    + " extract(day FROM d) AS da, extract(isoyear FROM d) AS iy FROM a",
            "SELECT id, extract(hour FROM d + interval '90' minute) AS h, extract(second FROM d + interval '61' second) AS s,"
                    + " extract(epoch FROM d + interval '90' minute) AS e, extract(minute FROM d + interval '90' minute) AS mi,"
                    + " date_trunc('week', d::timestamp) AS w, date_trunc('quarter', d::timestamp) AS q,"
                    + " date_trunc('hour', d + interval '90' minute) AS th FROM a",
            "SELECT id, to_char(d, 'YYYY-MM') AS m, to_char(d + interval '90' minute, 'DD/MM/YYYY HH24:MI:SS') AS f,"
                    + " to_char(d, 'YYYY\"-Q\"Q') AS q, make_date(2026, g + 1, 28) AS md, timezone('UTC', d::timestamp) AS tz FROM a",
            "SELECT id, left(t, 1) AS l1, left(t, -1) AS lm, right(t, 1) AS r1, right(t, -1) AS rm, length(t) AS le, char_length(t) AS cl,"
                    + " strpos(t, 'y') AS sp, position('x' IN t) AS po, replace(t, 'x', 'zz') AS re, lpad(t, 4, 'ab') AS lp, rpad(t, 3) AS rp FROM a",
            "SELECT id, concat(t, g, d, n) AS co, split_part(concat(t, '-', g), '-', 2) AS s2, split_part('a-b-c', '-', -1) AS sm, trim(t) AS tr,"
                    + " trim(leading 'x' FROM t) AS tl, btrim(t, 'xy') AS bt, ltrim('  a ') AS lt, rtrim(t, 'y') AS rt,"
                    + " substring(t FROM 2) AS s, substring(t FROM 0 FOR 2) AS s0, substring(t, 1, 1) AS s1, lower(upper(t)) AS lu FROM a",
            "SELECT id, n FROM a WHERE id IN (SELECT a_id FROM b WHERE q > 1) AND g > 0",
            "SELECT id FROM a WHERE g NOT IN (SELECT a_id FROM b WHERE q > 2)",
            "SELECT id, t FROM a WHERE (id, t) NOT IN (SELECT a_id, t FROM b)",
            "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id AND b.q > a.m)",
            "SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.t = a.t AND b.a_id <> a.id) AND f",
            "SELECT id FROM b WHERE a_id IN (SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b b2 WHERE b2.a_id = a.g))",
            "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b JOIN a a2 ON a2.id = b.a_id WHERE a2.g = a.g AND b.id <> a.id)",
            "SELECT id FROM a WHERE g IN (SELECT g FROM a a2 GROUP BY g HAVING count(*) > 2)",
            "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE q > 3) AND n NOT IN (1, 2)",
            "SELECT DISTINCT g, t FROM a",
            "SELECT g FROM a UNION SELECT a_id FROM b",
            "SELECT count(*) AS c FROM (SELECT DISTINCT t FROM b) x",
            "SELECT a.id, a.d, clock.today - a.d AS age FROM a JOIN clock ON a.d < clock.today",
            "SELECT a.id, clock.today FROM a CROSS JOIN clock WHERE a.f",
            "SELECT today, today + 1 AS tomorrow FROM clock",
            "SELECT g, weighted_average_cost(n, m ORDER BY d, id) AS w, weighted_average_cost(m, n ORDER BY big DESC, id) AS v,"
                    + " weighted_average_cost(m, m ORDER BY id) FILTER (WHERE f) AS u, weighted_average_cost(g, m ORDER BY id) AS i FROM a GROUP BY g",
            "SELECT a.g, sum(b.q) AS s FROM a JOIN b ON b.a_id = a.id WHERE a.t IN (SELECT t FROM b b2 WHERE b2.id <> b.id)"
                    + " GROUP BY a.g");

    private static @Nullable EmbeddedPostgres postgres;
    private static @Nullable Connection connection;

    private static RelationSchema table(String name, List<Column> columns) {
        return new RelationSchema(new TableName("public", name), columns, List.of("id"), null, false);
    }

    @BeforeContainer
    static void start() throws Exception {
        EmbeddedPostgres started = EmbeddedPostgres.untilExit(Map.of("fsync", "off"));
        postgres = started;
        connection =
                DriverManager.getConnection(started.jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE a (id int PRIMARY KEY, g int, big bigint, n numeric, m numeric(10,2) NOT NULL, t text,"
                            + " d date, f boolean, ts timestamp, dp double precision, u uuid)");
            statement.execute("SET timezone = 'UTC'");
            statement.execute("CREATE TABLE clock (today date PRIMARY KEY)");
            statement.execute(
                    Files.readString(Path.of("../../demo/src/main/resources/erp/V2__weighted_average_cost.sql")));
            statement.execute("CREATE TABLE b (id int PRIMARY KEY, a_id int, q numeric(8,3), t text)");
        }
    }

    @AfterContainer
    static void stop() throws SQLException {
        System.out.println(accepted + " random queries were taken, " + refusals + " refused; " + comparisons
                + " times a view was compared");
        if (connection != null) {
            connection.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }

    @Property(tries = 25, shrinking = ShrinkingMode.OFF)
    void everyView_equalsItsSql_afterEveryEpoch(@ForAll long seed) throws SQLException {
        compare(seed, plans());
    }

    /** Thousands of queries at random; what is refused may be refused, but what is taken is Postgres' to the last digit. */
    @Property(tries = 120, shrinking = ShrinkingMode.OFF)
    void everyRandomView_equalsItsSql_afterEveryEpoch(@ForAll long seed) throws SQLException {
        List<ViewPlan> plans = new ArrayList<>();
        ViewPlanner planner = new ViewPlanner(List.of(A_TABLE, B_TABLE), 1);
        for (String sql : new RandomQueries(new Random(seed)).queries(RANDOM_VIEWS)) {
            switch (planner.plan(ViewFiles.parse("views/r" + plans.size() + ".sql", sql))) {
                case ViewPlanner.Result.Planned planned -> {
                    requireSameColumns(seed, planned.plan());
                    plans.add(planned.plan());
                    accepted.incrementAndGet();
                }
                case ViewPlanner.Result.Refused refused -> {
                    assertThat(refused.problem().line()).as(sql).isPositive();
                    refusals.incrementAndGet();
                }
            }
        }
        compare(seed, plans);
    }

    private static void requireSameColumns(long seed, ViewPlan plan) throws SQLException {
        List<String> theirs = new Compared(java.util.Objects.requireNonNull(connection)).columns(plan.sql());
        assertThat(Compared.columns(plan)).as("seed %d: %s", seed, plan.sql()).isEqualTo(theirs);
    }

    private static void compare(long seed, List<ViewPlan> plans) throws SQLException {
        Random random = new Random(seed);
        try (Statement statement = java.util.Objects.requireNonNull(connection).createStatement()) {
            statement.execute("TRUNCATE a, b, clock");
        }
        Dataflow dataflow = new Dataflow(plans);
        Map<String, Map<Row, @Nullable Object[]>> views = new HashMap<>();
        Map<String, Long> failures = new HashMap<>();
        apply(dataflow.initial(), views, failures);
        Map<Integer, @Nullable Object[]> a = new HashMap<>();
        Map<Integer, @Nullable Object[]> b = new HashMap<>();
        @Nullable Object @Nullable [] today = null;
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            if (random.nextInt(2) == 0) {
                @Nullable Object[] next = {LocalDate.of(2026, 1 + random.nextInt(3), 1 + random.nextInt(28))};
                execute("DELETE FROM clock");
                execute("INSERT INTO clock VALUES (?)", next);
                dataflow.change(Clock.TABLE, today, next);
                today = next;
            }
            for (int i = random.nextInt(12); i >= 0; i--) {
                if (random.nextInt(3) > 0) {
                    change(random, dataflow, A_TABLE, a, OracleProperties::randomA);
                } else {
                    change(random, dataflow, B_TABLE, b, OracleProperties::randomB);
                }
            }
            apply(dataflow.step(), views, failures);
            for (ViewPlan plan : plans) {
                List<String> expected = expected(plan.sql());
                if (expected == null) {
                    // Some row fails, and with it all of Postgres' query: ours leaves out the row.
                    continue;
                }
                comparisons.incrementAndGet();
                String name = plan.name().toString();
                assertThat(failures.getOrDefault(name, 0L))
                        .as("failed rows in epoch %d of seed %d: %s", epoch, seed, plan.sql())
                        .isZero();
                assertThat(actual(views.getOrDefault(name, Map.of())))
                        .as("epoch %d of seed %d: %s", epoch, seed, plan.sql())
                        .isEqualTo(expected);
            }
        }
    }

    private static List<ViewPlan> plans() {
        ViewPlanner planner = new ViewPlanner(List.of(A_TABLE, B_TABLE), 1);
        List<ViewPlan> plans = new ArrayList<>();
        for (int i = 0; i < VIEWS.size(); i++) {
            switch (planner.plan(ViewFiles.parse("views/v" + i + ".sql", VIEWS.get(i)))) {
                case ViewPlanner.Result.Planned planned -> plans.add(planned.plan());
                case ViewPlanner.Result.Refused refused ->
                    throw new AssertionError(VIEWS.get(i) + ": " + refused.problem());
            }
        }
        return plans;
    }

    private static void apply(
            List<ViewChanges> changes, Map<String, Map<Row, @Nullable Object[]>> views, Map<String, Long> failures) {
        for (ViewChanges of : changes) {
            String name = of.view().name().toString();
            Map<Row, @Nullable Object[]> rows = views.computeIfAbsent(name, unseen -> new HashMap<>());
            int[] key = Row.indexes(of.view().key());
            of.deletes()
                    .forEach(row -> assertThat(rows.remove(Row.key(row, key))).isNotNull());
            of.upserts().forEach(row -> rows.put(Row.key(row, key), row));
            failures.put(name, of.excludedRows());
        }
    }

    private interface RandomRow {
        @Nullable Object[] make(Random random, int id);
    }

    private static void change(
            Random random,
            Dataflow dataflow,
            RelationSchema table,
            Map<Integer, @Nullable Object[]> rows,
            RandomRow make)
            throws SQLException {
        int id = random.nextInt(14);
        @Nullable Object[] before = rows.get(id);
        @Nullable Object @Nullable [] after = before != null && random.nextInt(3) == 0 ? null : make.make(random, id);
        execute("DELETE FROM " + table.name().table() + " WHERE id = ?", id);
        if (after == null) {
            rows.remove(id);
        } else {
            rows.put(id, after);
            execute(
                    "INSERT INTO " + table.name().table() + " VALUES ("
                            + String.join(", ", java.util.Collections.nCopies(after.length, "?")) + ")",
                    after);
        }
        List<String> wanted = java.util.Objects.requireNonNull(dataflow.tables().get(table.name())).stream()
                .map(Column::name)
                .toList();
        dataflow.change(table.name(), pick(table, wanted, before), pick(table, wanted, after));
    }

    private static @Nullable Object @Nullable [] pick(
            RelationSchema table, List<String> wanted, @Nullable Object @Nullable [] row) {
        return row == null
                ? null
                : wanted.stream().map(column -> row[table.indexOf(column)]).toArray();
    }

    private static void execute(String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement =
                java.util.Objects.requireNonNull(connection).prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                if (values[i] instanceof String text && text.length() == 36) {
                    statement.setObject(i + 1, java.util.UUID.fromString(text));
                } else {
                    statement.setObject(i + 1, values[i]);
                }
            }
            statement.execute();
        }
    }

    private static @Nullable Object[] randomA(Random random, int id) {
        return new @Nullable Object[] {
            id,
            maybe(random, random.nextInt(4)),
            maybe(random, (long) random.nextInt(-3, 3) * 1_000_000_007L),
            maybe(random, decimal(random, random.nextInt(5))),
            decimal(random, 2),
            maybe(random, List.of("x", "xy", "é", "").get(random.nextInt(4))),
            maybe(random, LocalDate.of(2026, 1 + random.nextInt(3), 1 + random.nextInt(28))),
            maybe(random, random.nextBoolean()),
            maybe(
                    random,
                    LocalDateTime.of(
                            2026,
                            1 + random.nextInt(3),
                            1 + random.nextInt(28),
                            random.nextInt(24),
                            30,
                            0,
                            500_000_000)),
            maybe(random, random.nextInt(-20, 20) * 0.3),
            maybe(random, "550e8400-e29b-41d4-a716-44665544000" + random.nextInt(4))
        };
    }

    private static @Nullable Object[] randomB(Random random, int id) {
        return new @Nullable Object[] {
            id,
            maybe(random, random.nextInt(14)),
            maybe(random, decimal(random, 3)),
            maybe(random, List.of("x", "xy", "").get(random.nextInt(3)))
        };
    }

    private static BigDecimal decimal(Random random, int scale) {
        return BigDecimal.valueOf(random.nextInt(-2_000, 4_000), scale);
    }

    private static <T> @Nullable T maybe(Random random, T value) {
        return random.nextInt(5) == 0 ? null : value;
    }

    /** Null where the query fails on some row. */
    private static @Nullable List<String> expected(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = java.util.Objects.requireNonNull(connection).createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int width = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= width; i++) {
                    row.add(String.valueOf(result.getString(i)));
                }
                rows.add(row.toString());
            }
        } catch (SQLException failed) {
            if (String.valueOf(failed.getSQLState()).startsWith("22")) {
                return null;
            }
            throw new SQLException(sql, failed);
        }
        rows.sort(null);
        return rows;
    }

    private static List<String> actual(Map<Row, @Nullable Object[]> view) {
        List<String> rows = new ArrayList<>();
        for (@Nullable Object[] values : view.values()) {
            List<String> row = new ArrayList<>();
            for (Object value : values) {
                row.add(text(value));
            }
            rows.add(row.toString());
        }
        rows.sort(null);
        return rows;
    }

    private static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Boolean flag -> flag ? "t" : "f";
            default -> Texts.of(value);
        };
    }
}
