package io.millrace.source.server;

import io.millrace.schemas.TableName;
import io.millrace.source.SourceDefinition;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The publication: all rows and operations of the captured tables, with all columns. Where the administrator has made it for all tables,
 * or for those of a schema, it stays so, and what else it tells is not captured. It has no column lists unless the administrator
 * made them: with one, Postgres refuses the application's updates once the table's replica identity has a column that is not listed.
 */
final class Publication {
    private static final String EVERYTHING =
            "publish = 'insert, update, delete, truncate', publish_via_partition_root = true";

    private static final Map<String, String> OPERATIONS = Map.of(
            "pubinsert", "inserts",
            "pubupdate", "updates",
            "pubdelete", "deletes",
            "pubtruncate", "truncates",
            "pubviaroot", "the names of partitioned tables (publish_via_partition_root)");

    private static final String TABLES = """
            SELECT schemaname, tablename, to_jsonb(p) ->> 'rowfilter' AS filter,
              (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
                JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = schemaname AND c.relname = tablename
                  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                  AND to_jsonb(p) -> 'attnames' IS NOT NULL AND NOT jsonb_exists(to_jsonb(p) -> 'attnames', a.attname::text)) AS missing
            FROM pg_publication_tables p WHERE pubname = ?""";

    /** Who may make it, or make it right. */
    private static final String RIGHTS = """
            SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
              OR (coalesce((SELECT pg_has_role(pubowner, 'USAGE') FROM pg_publication WHERE pubname = ?),
                    has_database_privilege(current_database(), 'CREATE'))
                AND NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname || '.' || c.relname = ANY (?::text[]) AND NOT pg_has_role(c.relowner, 'USAGE')))""";

    /** The version of Postgres that has publications of schemas. */
    private static final int SCHEMAS_SINCE = 15;

    private final String name;
    private final SourceDefinition definition;

    Publication(SourceDefinition definition) {
        this.definition = definition;
        this.name = definition.publication();
    }

    /** Leaves one alone that is right already: the administrator may have made it. */
    void make(Connection source) throws SQLException {
        if (isRight(source)) {
            return;
        }
        List<String> statements = statements(source);
        try (Statement statement = source.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private boolean isRight(Connection source) throws SQLException {
        return exists(source)
                && wrongTables(source).isEmpty()
                && leavesOut(source).isEmpty();
    }

    private List<String> statements(Connection source) throws SQLException {
        String tables = list(definition.tables());
        String quoted = '"' + name.replace("\"", "\"\"") + '"';
        if (!exists(source)) {
            return List.of("CREATE PUBLICATION " + quoted + " FOR TABLE " + tables + " WITH (" + EVERYTHING + ")");
        }
        List<String> statements = new ArrayList<>();
        if (isOpen(source)) {
            Set<TableName> limited = limits(source).keySet();
            if (!limited.isEmpty()) {
                statements.add("ALTER PUBLICATION " + quoted + " DROP TABLE " + list(limited));
            }
            Set<String> published = tables(source);
            List<TableName> missing = definition.tables().stream()
                    .filter(table -> limited.contains(table) || !published.contains(table.toString()))
                    .toList();
            if (!missing.isEmpty()) {
                statements.add("ALTER PUBLICATION " + quoted + " ADD TABLE " + list(missing));
            }
        } else {
            statements.add("ALTER PUBLICATION " + quoted + " SET TABLE " + tables);
        }
        statements.add("ALTER PUBLICATION " + quoted + " SET (" + EVERYTHING + ")");
        return statements;
    }

    private static String list(Collection<TableName> tables) {
        return tables.stream().map(TableName::quoted).collect(Collectors.joining(", "));
    }

    /** The problem, with the statements by which somebody else makes it, if the hub's role may not. */
    Optional<String> cannotBeMade(Connection source) throws SQLException {
        if (isRight(source)) {
            return Optional.empty();
        }
        try (PreparedStatement statement = source.prepareStatement(RIGHTS)) {
            statement.setString(1, name);
            statement.setArray(
                    2,
                    source.createArrayOf(
                            "text",
                            definition.tables().stream()
                                    .map(TableName::toString)
                                    .toArray()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1)
                        ? Optional.empty()
                        : Optional.of("publication " + name
                                + " is not there as it must be, and the hub's role may not make it; let the owner of the tables,"
                                + " or a superuser, run: "
                                + String.join("; ", statements(source)));
            }
        }
    }

    /** The problem with its tables, if it has other ones than it must have. */
    Optional<String> wrongTables(Connection source) throws SQLException {
        Set<String> published = tables(source);
        if (isOpen(source) ? published.containsAll(names()) : published.equals(names())) {
            return Optional.empty();
        }
        return Optional.of("publication " + name + " has the tables " + published + " instead of " + names());
    }

    /** Whether its tables are not listed, but all that there are, or all of a schema. */
    private boolean isOpen(Connection source) throws SQLException {
        boolean schemas = source.getMetaData().getDatabaseMajorVersion() >= SCHEMAS_SINCE;
        try (PreparedStatement statement = source.prepareStatement("SELECT puballtables"
                + (schemas ? " OR EXISTS (SELECT FROM pg_publication_namespace WHERE pnpubid = p.oid)" : "")
                + " FROM pg_publication p WHERE pubname = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private Set<String> names() {
        return definition.tables().stream().map(TableName::toString).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The tables that are in it. */
    private Set<String> tables(Connection source) throws SQLException {
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
        limits(source).values().forEach(left::addAll);
        return left;
    }

    /** By table, what of its changes a filter or a list of columns leaves out. */
    private Map<TableName, List<String>> limits(Connection source) throws SQLException {
        Map<TableName, List<String>> limits = new TreeMap<>(Comparator.comparing(TableName::toString));
        try (PreparedStatement statement = source.prepareStatement(TABLES)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    TableName table = new TableName(row.getString("schemaname"), row.getString("tablename"));
                    List<String> left = left(table, row.getString("filter"), row.getArray("missing"));
                    if (!left.isEmpty() && definition.tables().contains(table)) {
                        limits.put(table, left);
                    }
                }
            }
        }
        return limits;
    }

    private List<String> left(TableName table, @Nullable String filter, @Nullable Array missing) throws SQLException {
        List<String> left = new ArrayList<>();
        if (filter != null) {
            left.add("rows of " + table + " (WHERE " + filter + ")");
        }
        List<String> columns = missing == null
                ? List.of()
                : Arrays.stream((String[]) missing.getArray())
                        .filter(column -> definition.columns().has(table, column))
                        .toList();
        if (!columns.isEmpty()) {
            left.add("columns of " + table + " (" + String.join(", ", columns) + ")");
        }
        return left;
    }
}
