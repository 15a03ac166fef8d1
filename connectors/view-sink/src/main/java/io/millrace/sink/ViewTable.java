package io.millrace.sink;

import io.millrace.schemas.avro.ViewColumn;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.PgText;
import io.millrace.schemas.row.RowDecoder;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The table of one view. Rows are written in bulk: one array a column. */
final class ViewTable {
    private static final Logger LOG = LoggerFactory.getLogger(ViewTable.class);

    private final ViewDefinition definition;
    private final String name;
    private final RowDecoder rows;
    private final RowDecoder keys;
    private final List<ViewColumn> keyColumns;
    private final @Nullable String tenantColumn;

    /** @param tenantColumn see {@link Tenancy} */
    ViewTable(ViewDefinition definition, SchemaRegistry registry, @Nullable String tenantColumn) {
        this.definition = definition;
        this.tenantColumn = definition.getColumns().stream()
                        .anyMatch(column -> column.getName().equals(tenantColumn))
                ? tenantColumn
                : null;
        this.name = "analytics." + Sql.name(definition.getView());
        this.rows = new RowDecoder(
                registry,
                definition.getColumns().stream().map(ViewColumn::getName).toList());
        this.keys = new RowDecoder(registry, definition.getKey());
        this.keyColumns = definition.getKey().stream()
                .map(key -> definition.getColumns().stream()
                        .filter(column -> column.getName().equals(key))
                        .findFirst()
                        .orElseThrow())
                .toList();
    }

    Edition edition() {
        return new Edition(definition.getGeneration(), definition.getVersion());
    }

    /** Of a view that was removed. */
    static void drop(Connection connection, String view) throws SQLException {
        try (Statement statement = connection.createStatement();
                PreparedStatement delete = connection.prepareStatement("DELETE FROM analytics.view WHERE view = ?")) {
            drop(statement, "analytics." + Sql.name(view));
            delete.setString(1, view);
            delete.execute();
        }
    }

    private static void drop(Statement statement, String name) throws SQLException {
        statement.execute("DROP TABLE IF EXISTS " + name + " CASCADE");
        for (SQLWarning notice = statement.getWarnings(); notice != null; notice = notice.getNextWarning()) {
            String message = String.valueOf(notice.getMessage());
            if (message.contains("cascades")) {
                LOG.warn("{} goes or is made again, and what others built on it goes: {}", name, message);
            }
        }
    }

    /**
     * Makes the table empty.
     *
     * @param before edition that is there; null if none is
     * @param framed the definition, as it is kept
     */
    void begin(Connection connection, @Nullable Edition before, byte[] framed) throws SQLException {
        if (before != null && before.generation().equals(definition.getGeneration())) {
            // Not a truncation: who reads meanwhile keeps what there was.
            try (Statement statement = connection.createStatement()) {
                statement.execute("DELETE FROM " + name);
            }
        } else {
            create(connection);
        }
        record(connection, framed);
    }

    private void create(Connection connection) throws SQLException {
        boolean nullableKey = keyColumns.stream().anyMatch(ViewColumn::getNullable);
        String columns = definition.getColumns().stream()
                .map(column ->
                        Sql.name(column.getName()) + " " + column.getType() + (column.getNullable() ? "" : " NOT NULL"))
                .collect(Collectors.joining(", "));
        String key = definition.getKey().stream().map(Sql::name).collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement()) {
            drop(statement, name);
            statement.execute("CREATE TABLE " + name + " (" + columns + ", "
                    + (nullableKey ? "UNIQUE NULLS NOT DISTINCT (" : "PRIMARY KEY (") + key
                    + ")) WITH (fillfactor = 90)");
            if (!definition.getDescription().isEmpty()) {
                statement.execute("COMMENT ON TABLE " + name + " IS " + Sql.literal(definition.getDescription()));
            }
            for (ViewColumn column : definition.getColumns()) {
                if (!column.getDescription().isEmpty()) {
                    statement.execute("COMMENT ON COLUMN " + name + "." + Sql.name(column.getName()) + " IS "
                            + Sql.literal(column.getDescription()));
                }
            }
            Tenancy.protectView(statement, name, tenantColumn);
            statement.execute(Sql.grantToAnalyst(name));
        }
    }

    private void record(Connection connection, byte[] framed) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO analytics.view (view, generation, description, sql, key, version, definition)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (view) DO UPDATE SET generation = EXCLUDED.generation, description = EXCLUDED.description,"
                        + " sql = EXCLUDED.sql, key = EXCLUDED.key, version = EXCLUDED.version, definition = EXCLUDED.definition,"
                        + " created_at = now()")) {
            insert.setString(1, definition.getView());
            insert.setString(2, definition.getGeneration());
            insert.setString(3, definition.getDescription());
            insert.setString(4, definition.getSql());
            insert.setArray(
                    5, connection.createArrayOf("text", definition.getKey().toArray()));
            insert.setLong(6, definition.getVersion());
            insert.setBytes(7, framed);
            insert.execute();
        }
    }

    /** @param framed view rows, of different keys */
    void upsert(Connection connection, Collection<byte[]> framed) throws SQLException {
        if (framed.isEmpty()) {
            return;
        }
        List<ViewColumn> columns = definition.getColumns();
        String names =
                columns.stream().map(column -> Sql.name(column.getName())).collect(Collectors.joining(", "));
        Set<String> keyNames = new HashSet<>(definition.getKey());
        String changes = columns.stream()
                .filter(column -> !keyNames.contains(column.getName()))
                .map(column -> Sql.name(column.getName()) + " = EXCLUDED." + Sql.name(column.getName()))
                .collect(Collectors.joining(", "));
        String sql = "INSERT INTO " + name + " (" + names + ") SELECT * FROM unnest(" + arrays(columns)
                + ") ON CONFLICT ("
                + definition.getKey().stream().map(Sql::name).collect(Collectors.joining(", "))
                + ") DO " + (changes.isEmpty() ? "NOTHING" : "UPDATE SET " + changes);
        execute(connection, sql, columns, framed.stream().map(rows::decode).toList());
    }

    /** @param framed keys of view rows */
    void delete(Connection connection, Collection<byte[]> framed) throws SQLException {
        if (framed.isEmpty()) {
            return;
        }
        List<String> conditions = new ArrayList<>();
        List<String> aliases = new ArrayList<>();
        for (int i = 0; i < keyColumns.size(); i++) {
            String column = "t." + Sql.name(keyColumns.get(i).getName());
            aliases.add("k" + i);
            conditions.add(column + (keyColumns.get(i).getNullable() ? " IS NOT DISTINCT FROM k.k" : " = k.k") + i);
        }
        String sql = "DELETE FROM " + name + " t USING unnest(" + arrays(keyColumns) + ") AS k ("
                + String.join(", ", aliases) + ") WHERE " + String.join(" AND ", conditions);
        execute(connection, sql, keyColumns, framed.stream().map(keys::decode).toList());
    }

    private static String arrays(List<ViewColumn> columns) {
        return columns.stream()
                .map(column -> "(?::text[])::" + column.getType() + "[]")
                .collect(Collectors.joining(", "));
    }

    private static void execute(
            Connection connection, String sql, List<ViewColumn> columns, List<@Nullable Object[]> values)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < columns.size(); i++) {
                @Nullable String[] column = new @Nullable String[values.size()];
                for (int j = 0; j < column.length; j++) {
                    Object value = values.get(j)[i];
                    column[j] = value == null ? null : PgText.of(value);
                }
                Array array = connection.createArrayOf("text", column);
                statement.setArray(i + 1, array);
            }
            statement.execute();
        }
    }
}
