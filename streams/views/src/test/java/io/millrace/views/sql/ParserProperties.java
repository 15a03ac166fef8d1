package io.millrace.views.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.views.Oracle;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/**
 * A text means to us what it means to Postgres: random expressions without parentheses, and the same with the parentheses that we
 * see, are one expression to Postgres.
 */
class ParserProperties {
    private static final List<String> OPERANDS = List.of(
            "a",
            "b",
            "t",
            "d",
            "f",
            "1",
            "2.5",
            "'x'",
            "NULL",
            "TRUE",
            "a::text",
            "b::int",
            "-a",
            "- 1",
            "'2026-01-15'::date",
            "date '2026-01-15'",
            "CASE WHEN f THEN a ELSE b END",
            "abs(a)",
            "x.date",
            "coalesce(a, b)",
            "extract(year FROM d)",
            "substring(t FROM 1 FOR 2)",
            "trim(both 'x' from t)",
            "position('x' in t)",
            "interval '1' day",
            "interval '1 month'",
            "NOT f",
            "a::numeric(5, 1)::text",
            "1e-2",
            "(a + b)",
            "CAST(a AS varchar(3))");
    private static final List<String> BETWEEN = List.of(
            "+",
            "-",
            "*",
            "/",
            "%",
            "^",
            "||",
            "=",
            "<",
            ">=",
            "<>",
            "!=",
            "AND",
            "OR",
            "IS DISTINCT FROM",
            "IS NOT DISTINCT FROM",
            "LIKE",
            "NOT LIKE",
            "AND NOT",
            "OR NOT",
            "AT TIME ZONE",
            "~~");
    private static final List<String> BEHIND = List.of(
            "::int",
            "::text",
            "::numeric",
            " IS NULL",
            " IS NOT NULL",
            " IS TRUE",
            " ISNULL",
            " IS NOT UNKNOWN",
            " IN (1, 2)",
            " NOT IN ('x', t)",
            " BETWEEN 1 AND b",
            " NOT BETWEEN a AND 3",
            " BETWEEN SYMMETRIC a AND b",
            " LIKE 'x%' ESCAPE '!'",
            "::double precision",
            " COLLATE \"C\"",
            "::timestamp with time zone");

    private static @Nullable Connection connection;

    @BeforeContainer
    static void start() throws Exception {
        connection = Oracle.connect();
        execute("CREATE TEMP TABLE x (a int, b numeric, t text, d date, f boolean, date date)");
    }

    @AfterContainer
    static void stop() throws SQLException {
        Objects.requireNonNull(connection).close();
    }

    private static void execute(String sql) throws SQLException {
        try (Statement statement = Objects.requireNonNull(connection).createStatement()) {
            statement.execute(sql);
        }
    }

    /** How Postgres understands an expression; null if it does not. */
    private static @Nullable String understood(String expression) {
        try {
            execute("CREATE OR REPLACE TEMP VIEW v AS SELECT (" + expression + ") IS NULL AS c FROM x");
            return Oracle.column(Objects.requireNonNull(connection), "SELECT pg_get_viewdef('v'::regclass)")
                    .getFirst();
        } catch (SQLException refused) {
            return null;
        }
    }

    @Property(tries = 10_000, shrinking = ShrinkingMode.OFF)
    void expression_isUnderstoodAsPostgresDoes(@ForAll long seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder(pick(random, OPERANDS));
        for (int i = random.nextInt(5); i >= 0; i--) {
            if (random.nextInt(3) == 0) {
                text.append(pick(random, BEHIND));
            } else {
                text.append(' ').append(pick(random, BETWEEN)).append(' ').append(pick(random, OPERANDS));
            }
        }
        String theirs = understood(text.toString());
        if (theirs == null) {
            return; // A type error, most often; what else Postgres refuses is the analyser's business.
        }
        Query.Select parsed = (Query.Select) QueryParser.parse("SELECT " + text + " AS c FROM x");
        String ours = Parenthesised.of(((Query.Item.Value) parsed.items().getFirst()).expression());
        assertThat(understood(ours))
                .as("seed %d: %s, to us %s", seed, text, ours)
                .isEqualTo(theirs);
    }

    private static String pick(Random random, List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
