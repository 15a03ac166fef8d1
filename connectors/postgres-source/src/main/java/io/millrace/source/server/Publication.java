package io.millrace.source.server;

import io.millrace.schemas.TableName;
import io.millrace.schemas.failure.Category;
import io.millrace.schemas.failure.MillraceException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The publication: all rows, columns and operations of the captured tables. Whatever it leaves out would be lost silently. */
final class Publication {
    private static final String NO_RIGHT = "42501";
    private static final String EVERYTHING =
            "publish = 'insert, update, delete, truncate', publish_via_partition_root = true";

    private static final Map<String, String> OPERATIONS = Map.of(
            "pubinsert", "inserts",
            "pubupdate", "updates",
            "pubdelete", "deletes",
            "pubtruncate", "truncates",
            "pubviaroot", "the names of partitioned tables (publish_via_partition_root)");

    private static final String TABLES = """
            SELECT schemaname || '.' || tablename AS table, to_jsonb(p) ->> 'rowfilter' AS filter,
              (SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute a
                WHERE a.attrelid = format('%I.%I', schemaname, tablename)::regclass
                  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                  AND to_jsonb(p) -> 'attnames' IS NOT NULL AND NOT jsonb_exists(to_jsonb(p) -> 'attnames', a.attname::text)) AS missing
            FROM pg_publication_tables p WHERE pubname = ?""";

    private final String name;

    Publication(String name) {
        this.name = name;
    }

    /** Leaves one alone that is right already: the administrator may have made it. */
    void make(Connection source, List<TableName> captured) throws SQLException {
        String tables = captured.stream().map(TableName::quoted).collect(Collectors.joining(", "));
        String quoted = '"' + name.replace("\"", "\"\"") + '"';
        List<String> statements =
                List.of("CREATE PUBLICATION " + quoted + " FOR TABLE " + tables + " WITH (" + EVERYTHING + ")");
        if (exists(source)) {
            if (tables(source).equals(names(captured)) && leavesOut(source).isEmpty()) {
                return;
            }
            statements = List.of(
                    "ALTER PUBLICATION " + quoted + " SET TABLE " + tables,
                    "ALTER PUBLICATION " + quoted + " SET (" + EVERYTHING + ")");
        }
        try (Statement statement = source.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException refused) {
            if (!NO_RIGHT.equals(refused.getSQLState())) {
                throw refused;
            }
            throw new MillraceException(
                    Category.USER,
                    "the hub's role may not make publication " + name + " (" + refused.getMessage() + ")",
                    "let the owner of the tables, or a superuser, run: " + String.join("; ", statements),
                    refused);
        }
    }

    static Set<String> names(List<TableName> tables) {
        return tables.stream().map(TableName::toString).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The tables that are in it. */
    Set<String> tables(Connection source) throws SQLException {
        Set<String> tables = new TreeSet<>();
        try (PreparedStatement statement = source.prepareStatement(
                "SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = ?")) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    tables.add(rows.getString(1));
                }
            }
        }
        return tables;
    }

    private boolean exists(Connection source) throws SQLException {
        try (PreparedStatement statement = source.prepareStatement("SELECT 1 FROM pg_publication WHERE pubname = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /** What of the tables' changes it does not tell; empty if it tells everything. */
    List<String> leavesOut(Connection source) throws SQLException {
        List<String> left = new ArrayList<>();
        try (PreparedStatement statement = source.prepareStatement("SELECT * FROM pg_publication WHERE pubname = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    for (Map.Entry<String, String> operation : OPERATIONS.entrySet()) {
                        if (!row.getBoolean(operation.getKey())) {
                            left.add(operation.getValue());
                        }
                    }
                }
            }
        }
        try (PreparedStatement statement = source.prepareStatement(TABLES)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    if (row.getString("filter") != null) {
                        left.add("rows of " + row.getString("table") + " (WHERE " + row.getString("filter") + ")");
                    }
                    if (row.getString("missing") != null) {
                        left.add("columns of " + row.getString("table") + " (" + row.getString("missing") + ")");
                    }
                }
            }
        }
        return left;
    }
}
