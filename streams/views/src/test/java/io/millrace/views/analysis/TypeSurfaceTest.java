package io.millrace.views.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.views.Oracle;
import io.millrace.views.expression.ViewFunctions;
import io.millrace.views.plan.ExpressionFailure;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Refused;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Types and values are Postgres': every operator, function, cast and special form, for every combination of types and their edge
 * values, has Postgres' type and Postgres' text, fails where Postgres fails, or is refused. It is never accepted and different.
 */
class TypeSurfaceTest {
    private static final List<String> TYPES = List.copyOf(Edges.OF.keySet());
    private static final List<String> OPERATORS = List.of(
            "=",
            "<>",
            "<",
            "<=",
            ">",
            ">=",
            "+",
            "-",
            "*",
            "/",
            "%",
            "||",
            "LIKE",
            "NOT LIKE",
            "ILIKE",
            "IS DISTINCT FROM",
            "IS NOT DISTINCT FROM");
    private static final List<String> OF_THREE =
            List.of("text", "integer", "smallint", "bigint", "numeric", "boolean", "character(3)");

    private static final int MOST_SHOWN = 400;
    private static final int LONGEST_SHOWN = 300;

    private static @Nullable Connection connection;

    private final List<String> different = new ArrayList<>();
    private long differences;
    private long expressions;
    private long refused;
    private long values;

    @BeforeAll
    static void start() throws Exception {
        connection = Oracle.connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE edges (type text, n int, v text)");
            statement.execute("CREATE FUNCTION pg_temp.type_of(expression text) RETURNS text LANGUAGE plpgsql AS $$"
                    + " DECLARE t text; BEGIN EXECUTE 'SELECT pg_typeof(' || expression || ')' INTO t; RETURN t;"
                    + " EXCEPTION WHEN OTHERS THEN RETURN '!' || SQLERRM; END $$");
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO edges VALUES (?, ?, ?)")) {
            for (String type : TYPES) {
                List<String> edges = Objects.requireNonNull(Edges.OF.get(type));
                for (int i = 0; i < edges.size(); i++) {
                    insert.setString(1, type);
                    insert.setInt(2, i);
                    insert.setString(3, edges.get(i));
                    insert.addBatch();
                }
            }
            insert.executeBatch();
        }
    }

    @AfterAll
    static void stop() throws SQLException {
        Objects.requireNonNull(connection).close();
    }

    @Test
    void everyOperator_ofEveryTwoTypes_isPostgres() throws SQLException {
        for (String operator : OPERATORS) {
            for (String left : TYPES) {
                for (String right : TYPES) {
                    compare("a " + operator + " b", List.of(left, right));
                }
            }
        }
        for (String operator : List.of("-", "+", "NOT")) {
            for (String type : TYPES) {
                compare(operator + " a", List.of(type));
            }
        }
        for (String test : List.of("NULL", "TRUE", "NOT FALSE", "UNKNOWN", "NOT NULL")) {
            for (String type : TYPES) {
                compare("a IS " + test, List.of(type));
            }
        }
        finish();
    }

    @Test
    void everyLiteral_besideEveryType_isPostgres() throws SQLException {
        for (String operator : List.of("=", "<", "+", "-", "*", "/", "||", "LIKE", "IS DISTINCT FROM")) {
            for (String type : TYPES) {
                for (String literal : literals()) {
                    compare("a " + operator + " " + literal, List.of(type));
                    compare(literal + " " + operator + " a", List.of(type));
                }
            }
        }
        finish();
    }

    private static List<String> literals() {
        List<String> literals = new ArrayList<>(List.of(
                "1",
                "-1",
                "0",
                "2.50",
                "1e-2",
                "3000000000",
                "9223372036854775808",
                "NULL",
                "TRUE",
                "'x'",
                "''",
                "'true'",
                "' t '",
                "'1'",
                "'-1.5'",
                "'1e2'",
                "'2026-01-15'",
                "'20260115'",
                "'2026-1-5'",
                "'2026-01-15 10:00'",
                "'2026-01-15T10:00:00.5Z'",
                "'2026-01-15 10:00:00+02'",
                "'infinity'",
                "'NaN'",
                "'1 day'",
                "'1 mon -1 day'",
                "'550E8400-E29B-41D4-A716-446655440000'",
                "'{550e8400e29b41d4a716446655440000}'",
                "date '2026-01-31'",
                "timestamp '2026-01-15 10:00:00'",
                "timestamptz '2026-01-15 10:00:00+02'",
                "interval '1 month'",
                "interval '1' day",
                "interval '0.000001' second",
                "'a_%'",
                "'😀'",
                "'0044-03-15 BC'",
                "'24:00'"));
        return literals;
    }

    @Test
    void everyFunction_ofEveryTypes_isPostgres() throws SQLException {
        TreeSet<String> names = new TreeSet<>();
        ViewFunctions.BY_TOPIC
                .values()
                .forEach(functions -> functions.forEach(function -> names.addAll(function.names())));
        for (String name : names) {
            if (!List.of("extract", "date_part", "date_trunc", "timezone", "to_char", "position")
                    .contains(name)) {
                for (String first : TYPES) {
                    compare(name + "(a)", List.of(first));
                    for (String second : TYPES) {
                        compare(name + "(a, b)", List.of(first, second));
                    }
                }
                for (String first : OF_THREE) {
                    for (String second : OF_THREE) {
                        for (String third : List.of("text", "integer", "bigint")) {
                            compare(name + "(a, b, c)", List.of(first, second, third));
                        }
                    }
                }
            }
        }
        finish();
    }

    @Test
    void everyField_ofEveryTime_isPostgres() throws SQLException {
        List<String> fields = List.of(
                "millennium",
                "century",
                "decade",
                "year",
                "quarter",
                "month",
                "week",
                "day",
                "hour",
                "minute",
                "second",
                "milliseconds",
                "microseconds",
                "dow",
                "isodow",
                "doy",
                "isoyear",
                "epoch",
                "julian",
                "timezone",
                "foo");
        for (String type : List.of("date", "timestamp", "timestamptz", "interval", "text", "integer")) {
            for (String field : fields) {
                compare("extract(" + field + " FROM a)", List.of(type));
                compare("date_part('" + field + "', a)", List.of(type));
                compare("date_trunc('" + field + "', a)", List.of(type));
            }
            compare("timezone('UTC', a)", List.of(type));
            compare("a AT TIME ZONE 'UTC'", List.of(type));
            for (String pattern : List.of("YYYY-MM-DD", "YYYY\"-Q\"Q", "HH24:MI:SS", "DD.MM.YYYY", "")) {
                compare("to_char(a, '" + pattern + "')", List.of(type));
            }
        }
        finish();
    }

    @Test
    void everyCast_isPostgres() throws SQLException {
        List<String> targets = new ArrayList<>(TYPES);
        targets.addAll(List.of(
                "numeric(5,2)",
                "numeric(5)",
                "decimal(12)",
                "numeric(3,-1)",
                "numeric(2,4)",
                "varchar",
                "varchar(2)",
                "char",
                "char(2)",
                "timestamp(0)",
                "timestamp(3)",
                "timestamptz(1)",
                "float(10)",
                "float(30)",
                "int2",
                "float8",
                "bpchar",
                "time",
                "json"));
        for (String from : TYPES) {
            for (String to : targets) {
                compare("a::" + to, List.of(from));
                compare("CAST(a AS " + to + ")", List.of(from));
            }
        }
        for (String to : targets) {
            for (String literal : literals()) {
                compare(literal + "::" + to, List.of());
            }
        }
        finish();
    }

    @Test
    void everySpecialForm_ofEveryTwoTypes_isPostgres() throws SQLException {
        for (String left : TYPES) {
            for (String right : TYPES) {
                for (String form : List.of(
                        "coalesce(a, b)",
                        "nullif(a, b)",
                        "greatest(a, b)",
                        "least(a, b)",
                        "CASE WHEN a IS NULL THEN a ELSE b END",
                        "CASE a WHEN b THEN 1 END",
                        "a IN (b)",
                        "a NOT IN (b, NULL)",
                        "a BETWEEN b AND b",
                        "a NOT BETWEEN b AND a",
                        "a BETWEEN SYMMETRIC a AND b",
                        "concat(a, b)",
                        "CASE WHEN TRUE THEN a ELSE b END",
                        "NOT a OR b",
                        "a AND b")) {
                    compare(form, List.of(left, right));
                }
            }
            for (String literal : literals()) {
                for (String form : List.of(
                        "coalesce(a, %s)",
                        "nullif(%s, a)",
                        "greatest(a, %s)",
                        "a IN (%s, %s)",
                        "a IN (1, %s, 2.5)",
                        "CASE WHEN a IS NULL THEN %s ELSE a END",
                        "a NOT BETWEEN %s AND %s",
                        "CASE a WHEN %s THEN 'x' ELSE %s END")) {
                    compare(form.replace("%s", literal), List.of(left));
                }
            }
        }
        finish();
    }

    /** The first ones, as far as they can be read. */
    private void differs(String difference) {
        differences++;
        if (different.size() < MOST_SHOWN) {
            different.add(difference.substring(0, Math.min(difference.length(), LONGEST_SHOWN)));
        }
    }

    private void finish() {
        System.out.println(
                expressions + " expressions with " + values + " values compared, " + refused + " expressions refused");
        assertThat(different).as("%d differences", differences).isEmpty();
    }

    private void compare(String expression, List<String> types) throws SQLException {
        Evaluated ours;
        Evaluated text;
        try {
            ours = Evaluated.of(expression, types);
            text = Evaluated.of("(" + expression + ")::text", types);
        } catch (Refused refusal) {
            refused++;
            if (refusal.position().line() == 0) {
                differs(expression + " of " + types + ": refused without a place: " + refusal.getMessage());
            }
            return;
        }
        expressions++;
        String theirType = theirType(expression, types);
        String ourType = withoutModifiers(ours.type().toString());
        if (!ourType.equals(theirType.equals("character varying") ? "text" : theirType)) {
            differs(expression + " of " + types + ": our type " + ourType + ", theirs " + theirType);
            return;
        }
        compareValues(expression, types, text);
    }

    private static String withoutModifiers(String type) {
        return type.replaceFirst("\\([0-9,-]+\\)", "");
    }

    private static String theirType(String expression, List<String> types) throws SQLException {
        String typed = expression;
        for (int i = 0; i < types.size(); i++) {
            typed = typed.replaceAll("\\b" + (char) ('a' + i) + "\\b(?!')", "(NULL::" + types.get(i) + ")");
        }
        try (PreparedStatement statement =
                Objects.requireNonNull(connection).prepareStatement("SELECT pg_temp.type_of(?)")) {
            statement.setString(1, typed);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getString(1);
            }
        }
    }

    private void compareValues(String expression, List<String> types, Evaluated ours) throws SQLException {
        try (Statement statement = Objects.requireNonNull(connection).createStatement()) {
            statement.execute("DROP FUNCTION IF EXISTS pg_temp.f");
            statement.execute(function(expression, types));
            try (ResultSet rows = statement.executeQuery(call(types))) {
                while (rows.next()) {
                    List<@Nullable String> arguments = new ArrayList<>();
                    for (int i = 0; i < types.size(); i++) {
                        arguments.add(rows.getString(i + 2));
                    }
                    compareValue(expression, types, ours, arguments, rows.getString(1));
                }
            }
        }
    }

    /** The arguments are columns, as in views: constants and parameters have rules of their own. */
    private static String function(String expression, List<String> types) {
        StringBuilder parameters = new StringBuilder();
        StringBuilder columns = new StringBuilder("1 AS one");
        for (int i = 0; i < types.size(); i++) {
            parameters
                    .append(i > 0 ? ", " : "")
                    .append("p")
                    .append(i)
                    .append(' ')
                    .append(types.get(i));
            columns.append(", p").append(i).append(" AS ").append((char) ('a' + i));
        }
        return "CREATE FUNCTION pg_temp.f(" + parameters + ") RETURNS text LANGUAGE plpgsql AS $f$ DECLARE r text;"
                + " BEGIN SELECT (" + expression + ")::text INTO r FROM (SELECT " + columns + " OFFSET 0) x;"
                + " RETURN CASE WHEN length(r) > " + LONGEST_SHOWN + " THEN length(r) || ' ' || md5(r) ELSE r END;"
                + " EXCEPTION WHEN OTHERS THEN RETURN '!' || SQLERRM; END $f$";
    }

    /** All combinations of edges and null; of a third argument some. */
    private static String call(List<String> types) {
        StringBuilder from = new StringBuilder();
        StringBuilder columns = new StringBuilder("SELECT pg_temp.f(");
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < types.size(); i++) {
            char name = (char) ('a' + i);
            columns.append(i > 0 ? ", " : "").append(name).append(".v::").append(types.get(i));
            shown.append(", ").append(name).append(".v::").append(types.get(i)).append("::text");
            from.append(i > 0 ? ", " : " FROM ")
                    .append("(SELECT v FROM edges WHERE type = '")
                    .append(types.get(i))
                    .append(i == 2 || types.size() > 2 && i == 0 ? "' AND n % 3 = 0" : "'")
                    .append(" UNION ALL SELECT NULL) ")
                    .append(name);
        }
        return columns.append(")").append(shown).append(from).toString();
    }

    private void compareValue(
            String expression,
            List<String> types,
            Evaluated ours,
            List<@Nullable String> arguments,
            @Nullable String theirs) {
        String mine;
        values++;
        try {
            Object value = ours.value(arguments);
            mine = value == null ? null : shortened(value.toString());
        } catch (ExpressionFailure failed) {
            mine = "!" + failed.getMessage();
        } catch (RuntimeException failed) {
            differs(expression + " of " + types + arguments + ": exception " + failed);
            return;
        }
        boolean bothFail = mine != null && mine.startsWith("!") && theirs != null && theirs.startsWith("!");
        if (!bothFail && !Objects.equals(mine, theirs)) {
            differs(expression + " of " + types + arguments + ": ours " + mine + ", theirs " + theirs);
        }
    }

    /** As the function of {@link #function} has it. */
    private static String shortened(String text) {
        int length = text.codePointCount(0, text.length());
        if (length <= LONGEST_SHOWN) {
            return text;
        }
        try {
            byte[] hash = MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
            return length + " " + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** So that the reader sees which types there are. */
    @Test
    void edges_areValuesOfTheirTypes() {
        for (String type : TYPES) {
            assertThat(Evaluated.of("a IS NULL", List.of(type)).type()).isEqualTo(ValueType.BOOL);
        }
    }
}
