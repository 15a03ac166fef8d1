package io.millrace.gateway.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.view.Relation.Column;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Postgres' own equality is the oracle. */
class KeySqlTest {
    private static final Map<String, List<String>> VALUES = Map.ofEntries(
            Map.entry("smallint", List.of("0", "-1", "32767")),
            Map.entry("integer", List.of("0", "-1", "12")),
            Map.entry("bigint", List.of("0", "9007199254740993", "9007199254740992")),
            Map.entry(
                    "numeric",
                    List.of(
                            "0",
                            "0.00",
                            "-0",
                            "1",
                            "1.0",
                            "1.00",
                            "10",
                            "1e1",
                            "NaN",
                            "Infinity",
                            "-Infinity",
                            "0.10")),
            Map.entry("real", List.of("0", "-0", "0.1", "1e-1", "NaN", "Infinity")),
            Map.entry("double precision", List.of("0", "-0", "0.1", "0.30000000000000004", "0.3", "NaN", "-Infinity")),
            Map.entry("money", List.of("0", "1.00", "1", "12.34")),
            Map.entry("boolean", List.of("true", "false", "t")),
            Map.entry("text", List.of("", " ", "a", "A", "a,b", "\"", "\"\"", "a\"b", ",", "a ", "null")),
            Map.entry("character varying", List.of("", "a", "a ", "a,b")),
            Map.entry("bpchar", List.of("", "a", "a ", "a  ", "b")),
            Map.entry("\"char\"", List.of("a", "b", ",")),
            Map.entry("name", List.of("a", "A", "a,b")),
            Map.entry(
                    "uuid",
                    List.of(
                            "00000000-0000-0000-0000-000000000000",
                            "A0EEBC999C0B4EF8BB6D6BB9BD380A11",
                            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
            Map.entry("bytea", List.of("", "\\x00", "\\x0000", "a")),
            Map.entry("date", List.of("2026-01-31", "20260131", "infinity", "0001-01-01 BC")),
            Map.entry(
                    "timestamp without time zone",
                    List.of("2026-01-31", "2026-01-31 00:00:00.000000", "2026-01-31 00:00:00.000001", "infinity")),
            Map.entry(
                    "timestamp with time zone",
                    List.of("2026-01-31 10:00+00", "2026-01-31 12:00+02", "2026-01-31 12:00+00", "-infinity")),
            Map.entry("time without time zone", List.of("00:00", "24:00", "23:59:59.999999")),
            Map.entry("time with time zone", List.of("10:00+00", "12:00+02", "10:00:00.0+00")));

    @TempDir
    static Path directory;

    @Test
    void keys_haveEqualTextsIfAndOnlyIfTheyAreEqual_whateverTheirType() throws Exception {
        try (EmbeddedPostgres postgres =
                        EmbeddedPostgres.start(directory.resolve("postgres"), 0, Map.of("fsync", "off"));
                Connection connection = DriverManager.getConnection(
                        postgres.jdbcUrl("postgres"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            for (Map.Entry<String, List<String>> type : VALUES.entrySet()) {
                compare(statement, type.getKey(), type.getValue());
            }
            pairs(statement);
        }
    }

    private static Column column(String name, String type) {
        return new Column(name, type, type, true, "");
    }

    private static void compare(Statement statement, String type, List<String> values) throws SQLException {
        Column column = column("v", type);
        KeySql.require(
                new Relation("x", Relation.Kind.VIEW, "", List.of("v"), "", 0, 0, "0/0", 0, null), List.of(column));
        List<String> rows = new ArrayList<>();
        values.forEach(value -> rows.add("(CAST('" + value + "' AS " + type + "))"));
        rows.add("(NULL)");
        String text = KeySql.of(List.of(column));
        String one = text.replace("t.", "a.");
        String other = text.replace("t.", "b.");
        String with = "WITH t (v) AS (VALUES " + String.join(", ", rows) + ") ";
        try (ResultSet wrong = statement.executeQuery(with + "SELECT a.v::text, b.v::text, " + one + ", " + other
                + " FROM t a, t b WHERE (a.v IS NOT DISTINCT FROM b.v) <> ((" + one + ") = (" + other + "))")) {
            assertThat(wrong.next()).as(type).isFalse();
        }
        try (ResultSet none = statement.executeQuery(with + "SELECT 1 FROM t WHERE (" + text + ") IS NULL")) {
            assertThat(none.next()).as(type).isFalse();
        }
    }

    /** Of several columns. */
    private static void pairs(Statement statement) throws SQLException {
        List<String> rows = new ArrayList<>();
        List<String> values = List.of("NULL", "''", "'a'", "'a,b'", "','", "'\"'", "'\",\"'", "'b'");
        for (String one : values) {
            for (String other : values) {
                rows.add("(" + one + "::text, " + other + "::text)");
            }
        }
        String text = KeySql.of(List.of(column("x", "text"), column("y", "text")));
        try (ResultSet row = statement.executeQuery("WITH t (x, y) AS (VALUES " + String.join(", ", rows)
                + ") SELECT count(*), count(DISTINCT " + text + ") FROM t")) {
            row.next();
            assertThat(row.getLong(2)).isEqualTo(row.getLong(1));
        }
    }

    @Test
    void keyOfATypeWithoutSuchATexts_isRefused() {
        Relation relation = new Relation("x", Relation.Kind.VIEW, "", List.of("v"), "", 0, 0, "0/0", 0, null);
        for (String type : List.of("interval", "jsonb", "numeric[]", "citext")) {
            assertThatThrownBy(() -> KeySql.require(relation, List.of(column("v", type))))
                    .isInstanceOf(Problem.class)
                    .hasMessageContaining(type);
        }
    }
}
