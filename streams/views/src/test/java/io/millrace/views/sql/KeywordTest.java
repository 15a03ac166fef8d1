package io.millrace.views.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.views.Oracle;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every keyword of Postgres is a name to us where it is one to Postgres. */
class KeywordTest {
    /** Understood, and refused on purpose: the session's user and time. */
    private static final Set<String> NOT_IN_VIEWS = Set.of(
            "current_catalog",
            "current_date",
            "current_role",
            "current_time",
            "current_timestamp",
            "current_user",
            "localtime",
            "localtimestamp",
            "session_user",
            "system_user",
            "user",
            "current_schema");

    /** With us they name a column only behind AS: read as operators otherwise, which is an error with a place. */
    private static final Set<String> OPERATORS = Set.of(
            "and",
            "at",
            "between",
            "collate",
            "ilike",
            "in",
            "is",
            "isnull",
            "like",
            "notnull",
            "operator",
            "or",
            "similar");

    @Test
    void everyKeyword_isANameWherePostgresTakesItForOne() throws Exception {
        try (Connection connection = Oracle.connect()) {
            compare(connection);
        }
    }

    private static void compare(Connection connection) throws SQLException {
        List<String> different = new ArrayList<>();
        for (String word : Oracle.column(connection, "SELECT word FROM pg_get_keywords()")) {
            execute(connection, "CREATE TEMP TABLE IF NOT EXISTS words (id int)");
            execute(connection, "ALTER TABLE words ADD COLUMN \"" + word + "\" int");
            for (String sql : List.of(
                    "SELECT %s FROM words",
                    "SELECT w.%s FROM words w",
                    "SELECT id AS %s FROM words",
                    "SELECT id %s FROM words",
                    "SELECT id FROM words %s",
                    "SELECT id FROM words AS %s WHERE %s.id > 1",
                    "SELECT id FROM words ORDER BY id, %s",
                    "SELECT words.id + %s * 2 AS x FROM words",
                    "SELECT id FROM words WHERE %s = 1 OR %s IS NULL",
                    "WITH %s AS (SELECT 1 AS one) SELECT one FROM %s",
                    "SELECT id FROM words GROUP BY %s, id",
                    "SELECT x.%s FROM (SELECT 1) AS x (%s)")) {
                String text = sql.replace("%s", word);
                boolean known = NOT_IN_VIEWS.contains(word)
                        || OPERATORS.contains(word) && sql.equals("SELECT id %s FROM words")
                        // An empty list, and a constant to group by, which the analyser refuses.
                        || List.of("all", "distinct", "true", "false", "null").contains(word);
                if (!known && !text.contains("ORDER BY") && isQuery(connection, text) != isOurs(text)) {
                    different.add(text + (isOurs(text) ? " is a query to us only" : " is a query to Postgres only"));
                }
            }
            execute(connection, "ALTER TABLE words DROP COLUMN \"" + word + '"');
        }
        assertThat(different).isEmpty();
    }

    private static boolean isQuery(Connection connection, String sql) {
        try {
            execute(connection, "PREPARE p AS " + sql);
            execute(connection, "DEALLOCATE p");
            return true;
        } catch (SQLException refused) {
            return !Objects.equals(refused.getSQLState(), "42601");
        }
    }

    private static boolean isOurs(String sql) {
        try {
            QueryParser.parse(sql);
            return true;
        } catch (Refused refused) {
            return false;
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
