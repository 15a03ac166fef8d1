package io.millrace.views.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Queries at random over the tables a and b of {@link OracleProperties}: nested expressions of every type, in every place of a query.
 * Now and then parentheses are left out, so that precedence matters. Groups are of types whose equal values look the same.
 */
final class RandomQueries {
    private static final int DEPTH = 3;

    private final Random random;
    private String prefix = "a.";
    private boolean withB;

    RandomQueries(Random random) {
        this.random = random;
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    @SafeVarargs
    private String one(Supplier<String>... choices) {
        return choices[random.nextInt(choices.length)].get();
    }

    private String of(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** Mostly in parentheses. */
    private String in(String expression) {
        return chance(88) ? "(" + expression + ")" : expression;
    }

    String query() {
        prefix = "a.";
        withB = false;
        return switch (random.nextInt(9)) {
            case 0 -> "SELECT a.id, " + columns() + " FROM a" + where();
            case 1 -> join();
            case 2, 3 -> grouped();
            case 4 -> "SELECT DISTINCT " + key() + " AS k, " + key() + " AS l FROM a" + where();
            case 5 -> union();
            case 6 -> derived();
            case 7 -> exists();
            default -> groupedTwice();
        };
    }

    private String columns() {
        return any() + " AS x, " + any() + " AS y, " + any() + " AS z";
    }

    private String where() {
        return chance(70) ? " WHERE " + bool(DEPTH) : "";
    }

    private String join() {
        String kind = of(" JOIN b ON ", " LEFT JOIN b ON ");
        withB = true;
        String on = of(
                "b.a_id = a.id",
                "a.id = b.a_id AND " + in(bool(1)),
                "b.a_id = a.g AND b.q > a.m",
                "b.a_id::bigint = a.big / 1000000007");
        return "SELECT a.id, b.id AS b_id, " + columns() + " FROM a" + kind + on + where();
    }

    private String grouped() {
        String from = " FROM a";
        if (chance(40)) {
            from = of(" FROM a JOIN b ON b.a_id = a.id", " FROM a LEFT JOIN b ON b.a_id = a.id");
            withB = true;
        }
        String k = key();
        String having = chance(40)
                ? " HAVING "
                        + of("count(*) > 1", "sum(a.m) > 3 OR count(a.g) = 0", "max(a.d) IS NOT NULL", "avg(a.m) < 10")
                : "";
        String select = "SELECT " + k + " AS k, " + aggregate() + " AS s, " + aggregate() + " AS u, "
                + in(aggregate() + " IS NULL") + " AS v";
        return select + from + where() + " GROUP BY " + of("k", "1", k) + having;
    }

    private String groupedTwice() {
        return "SELECT s.k, count(*) AS c, sum(s.m) AS m, min(s.l) AS l FROM (SELECT " + key() + " AS k, " + number()
                + " AS m, " + date(2) + " AS l FROM a" + where() + ") s GROUP BY s.k";
    }

    private String union() {
        if (chance(50)) {
            String left = one(() -> prefix + "t", () -> integer(2), () -> text(2), () -> prefix + "g");
            prefix = "b.";
            return "SELECT " + left + " AS k FROM a UNION SELECT " + of("b.a_id", "b.t", "b.id % 3", "NULL")
                    + " FROM b";
        }
        String left = "SELECT 1 AS kind, a.id, " + of("a.n", "a.g", "a.big", "a.m + 1", "NULL", "7")
                + " AS x, a.t AS y FROM a" + where();
        return "-- key: kind, id\n" + left + " UNION ALL SELECT 2, b.id, " + of("b.q", "b.a_id", "0", "1.50") + ", "
                + of("b.t", "'z'", "NULL") + " FROM b";
    }

    private String derived() {
        String inner = "SELECT a.id, " + integer(2) + " AS g, " + numeric(2) + " AS n, " + text(2) + " AS t, " + bool(2)
                + " AS f, " + date(2) + " AS d, " + timestamp(1) + " AS ts, " + decimal()
                + " AS m, a.big, a.dp, a.u FROM a" + where();
        return "SELECT a.id, " + columns() + " FROM (" + inner + ") a" + where();
    }

    private String exists() {
        String query = one(
                () -> "EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id AND " + in("b.q > " + numeric(1)) + ")",
                () -> "NOT EXISTS (SELECT 1 FROM b WHERE b.t = a.t AND b.id <> " + in(integer(1)) + ")",
                () -> in(integer(1)) + " IN (SELECT b.a_id FROM b WHERE b.q > 1)",
                () -> in(integer(1)) + " NOT IN (SELECT b.a_id FROM b WHERE b.q > 2)",
                () -> "a.big IN (SELECT b.a_id FROM b)",
                () -> "(a.id, a.t) IN (SELECT b.a_id, b.t FROM b)");
        return "SELECT a.id, " + columns() + " FROM a WHERE " + (chance(50) ? in(bool(2)) + " AND " : "") + query;
    }

    private String aggregate() {
        String filter = chance(25) ? " FILTER (WHERE " + bool(1) + ")" : "";
        String distinct = chance(20) ? "DISTINCT " : "";
        return one(
                () -> "count(*)" + filter,
                () -> "count(" + distinct + key() + ")" + filter,
                () -> "sum(" + integer(2) + ")" + filter,
                () -> "sum(" + distinct + decimal() + ")" + filter,
                () -> "avg(" + in(number()) + ")" + filter,
                () -> "min(" + date(2) + ")" + filter,
                () -> "max(" + integer(2) + ")" + filter,
                () -> "max(" + timestamp(2) + ")" + filter,
                () -> "min(" + decimal() + ")" + filter);
    }

    private String any() {
        return one(
                () -> integer(DEPTH),
                () -> numeric(DEPTH),
                () -> text(DEPTH),
                () -> bool(DEPTH),
                () -> date(DEPTH),
                () -> timestamp(DEPTH),
                () -> big(DEPTH),
                () -> real(2),
                () -> prefix + "u");
    }

    /** Something to group by. */
    private String key() {
        return one(
                () -> prefix + "g",
                () -> prefix + "t",
                () -> integer(2),
                () -> text(2),
                () -> date(2),
                () -> bool(1),
                () -> "date_trunc('month', " + timestamp(1) + ")",
                () -> prefix + "u",
                this::decimal);
    }

    private String number() {
        return one(() -> integer(2), () -> decimal(), () -> numeric(2));
    }

    /** Always of two places. */
    private String decimal() {
        return one(() -> prefix + "m", () -> "round(" + numeric(2) + ", 2)", () -> in(prefix + "m + 1.00"));
    }

    private String integer(int depth) {
        if (depth == 0) {
            return of(prefix + "g", prefix + "id", "2", "-1", withB ? "b.a_id" : "3");
        }
        int next = depth - 1;
        return one(
                () -> integer(0),
                () -> in(integer(next) + of(" + ", " - ", " * ") + integer(next)),
                () -> in(integer(next) + of(" / ", " % ") + "nullif(" + integer(next) + ", 0)"),
                () -> "CASE WHEN " + bool(next) + " THEN " + integer(next) + " ELSE " + integer(next) + " END",
                () -> "coalesce(" + integer(next) + ", " + integer(next) + ")",
                () -> "length(" + text(next) + ")",
                () -> in(date(next) + " - " + date(next)),
                () -> in(prefix + "m") + "::int",
                () -> "extract(" + of("month", "day", "dow") + " FROM " + date(next) + ")::int",
                () -> "greatest(" + integer(next) + ", " + integer(next) + ")",
                () -> "-" + in(integer(next)),
                () -> in(bool(next)) + "::int",
                () -> "CASE " + integer(next) + " WHEN 1 THEN 10 WHEN " + integer(next) + " THEN 20 END");
    }

    private String big(int depth) {
        int next = Math.max(0, depth - 1);
        return one(
                () -> prefix + "big",
                () -> in(prefix + "big" + of(" + ", " - ") + integer(next)),
                () -> in(integer(next)) + "::bigint",
                () -> "least(" + prefix + "big, " + integer(next) + ")",
                () -> "mod(" + prefix + "big, 7)",
                () -> "coalesce(" + prefix + "big, " + integer(next) + ")");
    }

    private String numeric(int depth) {
        if (depth == 0) {
            return of(prefix + "n", prefix + "m", "1.50", "0.25", withB ? "b.q" : "1e-2");
        }
        int next = depth - 1;
        return one(
                () -> numeric(0),
                () -> in(numeric(next) + of(" + ", " - ", " * ") + numeric(next)),
                () -> in(integer(next) + of(" + ", " * ") + numeric(next)),
                () -> in(numeric(next) + " / nullif(" + numeric(next) + ", 0)"),
                () -> in(numeric(next) + " / nullif(" + in(integer(next)) + "::numeric, 0)"),
                () -> "round(" + numeric(next) + ", " + of("0", "1", "3") + ")",
                () -> "trunc(" + numeric(next) + ", 1)",
                () -> "abs(" + numeric(next) + ")",
                () -> in(numeric(next)) + "::numeric(20,3)",
                () -> "coalesce(" + numeric(next) + ", " + integer(next) + ")",
                () -> "CASE WHEN " + bool(next) + " THEN " + numeric(next) + " END",
                () -> "extract(epoch FROM " + timestamp(next) + ")",
                () -> in(integer(next)) + "::numeric",
                () -> "nullif(" + numeric(next) + ", " + integer(next) + ")");
    }

    private String real(int depth) {
        int next = Math.max(0, depth - 1);
        return one(
                () -> prefix + "dp",
                () -> in(prefix + "dp * " + numeric(0)),
                () -> in(integer(next) + " + " + prefix + "dp"),
                () -> "round(" + in(integer(next)) + ")",
                () -> in(numeric(next)) + "::double precision",
                () -> in(integer(0)) + "::real");
    }

    private String text(int depth) {
        if (depth == 0) {
            return of(prefix + "t", "'x'", "'é😀'", withB ? "b.t" : "''");
        }
        int next = depth - 1;
        return one(
                () -> text(0),
                () -> in(text(next) + " || " + text(next)),
                () -> in(text(next) + " || " + integer(next)),
                () -> of("upper", "lower", "trim") + "(" + text(next) + ")",
                () -> of("left", "right") + "(" + text(next) + ", " + of("1", "-1") + ")",
                () -> "substring(" + text(next) + " FROM 2 FOR 1)",
                () -> "coalesce(" + text(next) + ", 'none')",
                () -> in(integer(next)) + "::text",
                () -> in(numeric(next)) + "::text",
                () -> in(date(next)) + "::text",
                () -> in(bool(next)) + "::text",
                () -> "concat(" + text(next) + ", " + numeric(next) + ", " + bool(0) + ")",
                () -> "to_char(" + date(next) + ", 'YYYY-MM')",
                () -> "replace(" + text(next) + ", 'x', 'yy')",
                () -> in(real(0)) + "::text",
                () -> in(in(timestamp(next) + " - " + timestamp(next)) + "::text"),
                () -> "nullif(" + text(next) + ", 'x')");
    }

    private String date(int depth) {
        if (depth == 0) {
            return of(prefix + "d", "'2026-02-10'::date", "date '2026-01-31'");
        }
        int next = depth - 1;
        return one(
                () -> date(0),
                () -> in(date(next) + of(" + ", " - ") + in(of(prefix + "g", "7", prefix + "id"))),
                () -> in(timestamp(next)) + "::date",
                () -> "coalesce(" + date(next) + ", '2026-01-01')",
                () -> "date_trunc('month', " + date(next) + ")::date",
                () -> "CASE WHEN " + bool(next) + " THEN " + date(next) + " ELSE " + date(next) + " END",
                () -> "greatest(" + date(next) + ", '2026-2-1')");
    }

    private String timestamp(int depth) {
        if (depth == 0) {
            return of(prefix + "ts", "timestamp '2026-01-31 23:59:59.5'", in(prefix + "d") + "::timestamp");
        }
        int next = depth - 1;
        return one(
                () -> timestamp(0),
                () -> in(timestamp(next) + of(" + ", " - ") + "interval "
                        + of("'1 month'", "'1' day", "'36 hours'", "'-1 mon 2 days'")),
                () -> in(date(next) + " + interval '90 minutes'"),
                () -> "date_trunc('" + of("week", "hour", "quarter") + "', " + timestamp(next) + ")",
                () -> "coalesce(" + timestamp(next) + ", '2026-01-01')");
    }

    private String bool(int depth) {
        if (depth == 0) {
            return of(prefix + "f", prefix + "g = 1", prefix + "t IS NULL", "TRUE", prefix + "n > 0");
        }
        int next = depth - 1;
        return one(
                () -> bool(0),
                () -> in(integer(next) + comparison() + integer(next)),
                () -> in(numeric(next) + comparison() + integer(next)),
                () -> in(big(next) + comparison() + numeric(next)),
                () -> in(real(next) + comparison() + numeric(next)),
                () -> in(text(next) + of(" = ", " <> ") + text(next)),
                () -> in(date(next) + comparison() + of("'2026-02-01'", date(next), timestamp(next))),
                () -> in(timestamp(next) + comparison() + of("'2026-02-01 12:00'", date(next))),
                () -> in(in(timestamp(next) + " - " + timestamp(next)) + comparison() + "interval '10 days'"),
                () -> in(bool(next) + of(" AND ", " OR ") + bool(next)),
                () -> "NOT " + in(bool(next)),
                () -> in(integer(next) + of(" BETWEEN ", " NOT BETWEEN ", " BETWEEN SYMMETRIC ") + integer(0) + " AND "
                        + integer(0)),
                () -> in(integer(next) + of(" IN ", " NOT IN ") + "(1, " + integer(0) + ", 2)"),
                () -> in(text(next) + of(" LIKE ", " NOT LIKE ") + of("'x%'", "'_'", "'%y'")),
                () -> in(numeric(next) + of(" IS DISTINCT FROM ", " IS NOT DISTINCT FROM ") + integer(next)),
                () -> in(in(bool(next)) + of(" IS TRUE", " IS NOT TRUE", " IS UNKNOWN", " IS NOT FALSE")),
                () -> in(one(() -> text(next), () -> numeric(next), () -> date(next)) + of(" IS NULL", " IS NOT NULL")),
                () -> in(prefix + "u = '550E8400-E29B-41D4-A716-44665544000" + random.nextInt(3) + "'"));
    }

    private String comparison() {
        return of(" = ", " <> ", " < ", " <= ", " > ", " >= ");
    }

    /** Some, each once. */
    List<String> queries(int count) {
        List<String> queries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            queries.add(query());
        }
        return queries;
    }
}
