package io.millrace.views.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.views.Oracle;
import io.millrace.views.planner.ViewPlanner;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The view is the query: the smallest queries that once gave another result, or none. */
class ViewIsTheQueryTest {
    private static @Nullable Connection connection;
    private static @Nullable Compared compared;

    @BeforeAll
    static void start() throws Exception {
        connection = Oracle.connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS q, p");
            statement.execute(
                    "CREATE COLLATION IF NOT EXISTS ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
            statement.execute(
                    "CREATE TABLE q (id int PRIMARY KEY, a numeric, b numeric(10,2), m bigint, n int, g int, d date, ts timestamp,"
                            + " tz timestamptz, f boolean, t text, u uuid, r real, dp double precision, c char(3), j jsonb, iv interval, \"date\" date,"
                            + " \"time\" text, \"timestamp\" timestamp, \"row\" int, rows int, current int, day int, \"amount_$\" numeric, v varchar(5), ci text COLLATE ci)");
            statement.execute("CREATE TABLE p (id int PRIMARY KEY, q_id bigint, n numeric, t text)");
            statement.execute(
                    "INSERT INTO q SELECT i, i / 3.0, 10 - i, i * 1000000000::bigint, i, i % 3, date '2026-01-14' + i,"
                            + " timestamp '2026-01-14 10:00' + i * interval '1 day 1 second', timestamptz '2026-01-31 10:00:00Z' + i * interval '1 hour',"
                            + " i % 2 = 0, CASE WHEN i % 2 = 0 THEN 'x😀y' ELSE 'true' END, ('550e8400-e29b-41d4-a716-44665544000' || i)::uuid, i * 0.1, i * 0.5, 'a',"
                            + " '{\"b\": 1}', i * interval '1 day', date '2026-02-01' + i, 'noon', timestamp '2026-01-01', i, i, i, i, i * 1.50, 'v' || i"
                            + " FROM generate_series(1, 7) i");
            statement.execute("INSERT INTO q (id) VALUES (8)");
            statement.execute("INSERT INTO p SELECT i, i % 4, i * 1.0, 'p' || i FROM generate_series(1, 9) i");
        }
        compared = new Compared(connection);
        compared.add("q", "id");
        compared.add("p", "id");
    }

    @AfterAll
    static void stop() throws SQLException {
        Objects.requireNonNull(connection).close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT id, a / b::numeric AS x, m - n::int AS y, 100 * g / 7::numeric AS z FROM q WHERE b <> 0",
                "SELECT id FROM q WHERE d >= '2026-01-17'::date",
                "SELECT id FROM q WHERE d BETWEEN '2026-01-17'::date AND '2026-01-19'::date",
                "SELECT id, greatest(n, m) AS x, least(n, a, m) AS y FROM q",
                "SELECT id FROM q WHERE ts < tz",
                "SELECT id, t::text AS x, (n::text || '.5')::double precision AS y FROM q",
                "SELECT id FROM q WHERE a > '0.5'",
                "-- key: x\nSELECT ts AS x FROM q WHERE id = 1 UNION SELECT tz FROM q WHERE id = 2",
                "SELECT id FROM q WHERE ts >= '2026-01-17'",
                "SELECT id FROM q WHERE f = 'true'",
                "SELECT id FROM q WHERE (CASE WHEN f THEN 'yes' ELSE 'off' END)::boolean",
                "SELECT id, '20260115'::date AS x FROM q WHERE d >= '2026-1-17'",
                "SELECT id, (ts - timestamp '2026-01-10')::text AS x, extract(epoch FROM ts - d) AS y FROM q",
                "SELECT id, round(n) AS r, trunc(n) AS t, sign(n) AS s, round(dp) AS d, n / r AS q, r = 0.1 AS e FROM q",
                "SELECT id, coalesce(ts, '2026-01-01') AS c, date_trunc('month', d) AS m, mod(m, 2) AS o FROM q",
                "SELECT id, g::numeric(5) AS x, a::decimal(12) AS y, t::char(2) AS z, dp::numeric AS w FROM q",
                "SELECT id, ts + interval '0.000001' second AS x FROM q",
                "SELECT id FROM q WHERE u = '550E8400-E29B-41D4-A716-446655440001'",
                "SELECT id, u FROM q WHERE t LIKE 'x_y' OR t LIKE '%😀%'",
                "SELECT id, date, time, timestamp, \"row\", rows, current, day FROM q",
                "SELECT q.id, q.date, q.time, q.timestamp, q.row, q.rows, q.current, q.day FROM q",
                "SELECT id, d AS date, n AS time, \"amount_$\" FROM public.q;",
                "SELECT id, ts + interval '1 month' AS x, tz AT TIME ZONE 'UTC' AS y FROM q WHERE tz > TIMESTAMPTZ '2026-01-31 12:00+00'",
                "SELECT id, 1e-2 AS x, 1e3 AS y FROM q",
                "SELECT id, n, p.t FROM q LEFT JOIN (SELECT id, t FROM p) p USING (id)",
                "SELECT id, q.t, p.t AS pt FROM q JOIN p USING (id)",
                "SELECT id FROM q WHERE c = 'a'",
                "SELECT id, c, c::text AS ct, length(c) AS l FROM q",
                "SELECT id, j::text AS j, iv::text AS iv, d + iv AS later FROM q",
                "SELECT id FROM q WHERE r IN (0.1, 0.2)",
                "SELECT q.id, p.id AS pid FROM q JOIN p ON p.q_id = q.id",
                "SELECT g, count(*) FROM q GROUP BY g",
                "SELECT id, v FROM q WHERE v = 'v3'",
                "SELECT ci COLLATE \"C\" AS ci, count(*) AS c FROM q WHERE ci COLLATE \"C\" <> 'x' GROUP BY ci COLLATE \"C\"",
                "SELECT id, - - n AS x, -n::text::int AS y, +n AS z FROM q",
                "SELECT id FROM q WHERE n IS NULL = f IS NULL",
                "SELECT id FROM q WHERE NOT n = 1 AND NOT n BETWEEN 3 AND 4",
                "SELECT id, CASE n WHEN 1 THEN 'one' WHEN 2 THEN 'two' END AS w FROM q",
                "SELECT id, E'tab\\there' AS e, $$dollar$$ AS d, 'it''s' AS i FROM q",
                "SELECT q.* FROM (SELECT id, n FROM q) q",
                "SELECT x.k, x.w FROM (SELECT id, n FROM q) AS x (k, w)",
                "WITH x (k, w) AS (SELECT id, n FROM q) SELECT k, w FROM x WHERE w IN (SELECT w FROM x WHERE w > 3)",
                "SELECT id FROM q WHERE (g, n) IN ((1, 1), (2, 2))",
                "SELECT g % 2 AS h, sum(n) AS s FROM q GROUP BY g % 2",
                "SELECT id FROM q WHERE t LIKE 'x!_y' ESCAPE '!' OR t ILIKE 'TR%'",
                "SELECT id, dp::text AS x, r::text AS y, concat(dp, f) AS z FROM q",
                "SELECT x.* FROM (SELECT * FROM p) x",
                "SELECT x.id, y.n FROM ((SELECT id FROM q) x JOIN (SELECT id AS i, n FROM p) y ON y.i = x.id)",
                "SELECT x.id FROM (((SELECT id FROM q)) x CROSS JOIN ((SELECT max(id) AS m FROM p)) y) WHERE x.id < y.m",
                "SELECT id FROM ((SELECT id FROM q) UNION (SELECT id FROM p)) x",
                "SELECT id FROM q WHERE id IN ((SELECT q_id FROM p))",
                "SELECT * FROM p",
                "SELECT a, c FROM p AS x (a, b, c, e)",
                "SELECT one, iv FROM (SELECT id, iv::text FROM q) AS x (one, iv)",
                "SELECT x1, x23 FROM q AS x (x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, x17, x18, x19, x20, x21, x22, x23)",
                "SELECT id FROM p WHERE EXISTS (SELECT * FROM q WHERE q.id = p.q_id)",
                "SELECT id FROM p WHERE NOT EXISTS (SELECT q.* FROM q WHERE q.id = p.q_id AND q.f)",
                "SELECT count(*) AS c, sum(100 / g) FILTER (WHERE g > 0) AS s, count(DISTINCT 10 / g) FILTER (WHERE g <> 0) AS d FROM q",
                "SELECT f, max(100 / g) FILTER (WHERE g > 0) AS m, count(1 / g) FILTER (WHERE g > 0) AS c FROM q GROUP BY f",
                "SELECT count(*) AS c FROM q HAVING count(*) > 100",
                "SELECT 1 AS one FROM q HAVING 1 < 2",
                "SELECT 1 AS one FROM (SELECT count(*) AS c FROM q) x",
                "SELECT p.id FROM p CROSS JOIN (SELECT sum(n) AS s, max(g) AS m FROM q) x",
                "SELECT 1 AS one FROM q HAVING 1 > 2",
                "SELECT 1 AS one FROM q WHERE 1 / g = 1 AND g = 1 HAVING count(*) > 0",
                "SELECT id, to_char(ts, 'YYYY-MM-DD SSSS') AS a, to_char(ts, 'yyyymmdd') AS b, to_char(d, 'FMDD Mon, Day') AS c FROM q"
            })
    void query_givesTheRowsAndTypesOfPostgres(String sql) throws SQLException {
        Compared.Result result = Objects.requireNonNull(compared).compare(sql);
        assertThat(result.ours()).isEqualTo(result.theirs());
        assertThat(result.failures()).isZero();
        assertThat(Compared.columns(result.plan()))
                .isEqualTo(Objects.requireNonNull(compared).columns(sql.replace(";", "")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            SELECT id FROM q WHERE t = 12 ~ 1:24 ~ operator does not exist: text = integer
            SELECT id, d + m AS x FROM q ~ 1:12 ~ operator does not exist: date + bigint
            SELECT id, ts + interval '1' week AS x FROM q ~ 1:35 ~ syntax error
            SELECT id FROM q WHERE d >= '2026-01-32' ~ 1:29 ~ date/time field value out of range: "2026-01-32"
            SELECT id FROM q WHERE n = 'x' ~ 1:28 ~ invalid input syntax for type integer: "x"
            SELECT id FROM q WHERE u = 'x' ~ 1:28 ~ invalid input syntax for type uuid: "x"
            SELECT q.id FROM q FULL JOIN p ON p.id = q.id ~ 1:20 ~ FULL JOIN is not supported
            SELECT id, j FROM q ~ 1:12 ~ column j of type jsonb is not supported
            SELECT id FROM q WHERE j = '{}' ~ 1:24 ~ operator = of jsonb, jsonb is not supported
            SELECT id, iv FROM q ~ 1:12 ~ column iv of type interval is not supported
            SELECT id FROM q WHERE ci = 'name' ~ 1:24 ~ text with a collation that is not deterministic
            SELECT id, ci::text AS c FROM q ~ 1:12 ~ text with a collation that is not deterministic
            SELECT ci, count(*) AS c FROM q GROUP BY ci ~ 1:42 ~ GROUP BY of text COLLATE ci
            SELECT * FROM q ~ 1:8 ~ column j of type jsonb
            SELECT q.* FROM q ~ 1:8 ~ column
            SELECT id, q AS r FROM q ~ 1:12 ~ a row as a value (q)
            SELECT id, xmin AS x FROM q ~ 1:12 ~ the system column xmin
            SELECT id, t::json AS x FROM q ~ 1:15 ~ json is not supported
            SELECT id FROM q WHERE j -> 'b' = '1' ~ 1:24 ~ operator -> of jsonb, unknown is not supported
            SELECT max(j) AS m FROM q ~ 1:8 ~ max of jsonb is not supported
            SELECT id, jsonb_typeof(j) AS m FROM q ~ 1:12 ~ function jsonb_typeof(jsonb) is not supported
            SELECT id, length(j) AS m FROM q ~ 1:12 ~ function length(jsonb) is not supported
            SELECT id, ci FROM q ~ 1:12 ~ column ci of type text COLLATE ci
            SELECT 1 AS x ~ 1:1 ~ a query without FROM
            SELECT id FROM q, q ~ 1:19 ~ table name q is given more than once
            SELECT id FROM q WHERE sum(n) > 1 ~ 1:24 ~ aggregate functions are not allowed in WHERE
            SELECT id FROM q WHERE n ~ 1:24 ~ argument of WHERE must be type boolean, not type integer
            SELECT id, CASE WHEN f THEN 1 ELSE t END AS x FROM q ~ 1:12 ~ CASE types text and integer cannot be matched
            """)
    void whatPostgresRefuses_orViewsDoNotHave_isRefusedAtItsPlace(String sql, String place, String message) {
        assertThat(Objects.requireNonNull(compared).plan(sql))
                .isInstanceOfSatisfying(ViewPlanner.Result.Refused.class, refused -> {
                    assertThat(refused.problem().line() + ":"
                                    + refused.problem().column())
                            .isEqualTo(place);
                    assertThat(refused.problem().message()).contains(message);
                    assertThat(refused.problem().remedy()).isNotBlank();
                });
    }
}
