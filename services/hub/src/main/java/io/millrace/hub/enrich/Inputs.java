package io.millrace.hub.enrich;

import io.millrace.enrichment.recipe.Recipe;
import io.millrace.hub.config.Database;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** What a recipe can be asked about, as the analytics database has it. */
final class Inputs {
    private static final String ALERT =
            "SELECT control, severity, owner, title, remedy, state, opened_at::text AS \"openedAt\", opened_by AS \"openedBy\","
                    + " (SELECT json_object_agg('evidence.' || e.key, e.value) FROM json_each_text(evidence) e)::text AS evidence"
                    + " FROM analytics.alert WHERE starts_with(id::text, ?) LIMIT 2";

    private final Database analytics;

    Inputs(Database analytics) {
        this.analytics = analytics;
    }

    /** @param key an alert's id, or its beginning; of a view, {@code column=value,…} */
    Map<String, String> read(Recipe recipe, String key) {
        try (Connection connection = analytics.connect()) {
            return recipe.input().equals("alerts") ? alert(connection, key) : row(connection, recipe.input(), key);
        } catch (SQLException failed) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot read the input of " + recipe.name() + " at " + analytics + ": " + failed.getMessage(),
                    "is the database running, and did a hub with role sink ever run on it?",
                    failed);
        }
    }

    private static Map<String, String> alert(Connection connection, String id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ALERT)) {
            statement.setString(1, id);
            Map<String, String> fields = one(statement, "alert " + id, "see ids with 'millrace alerts list'");
            String evidence = fields.remove("evidence");
            if (evidence != null) {
                fields.putAll(tools.jackson.databind.json.JsonMapper.builder()
                        .build()
                        .readValue(evidence, new tools.jackson.core.type.TypeReference<Map<String, String>>() {}));
            }
            fields.values().removeIf(Objects::isNull);
            return fields;
        }
    }

    private static Map<String, String> row(Connection connection, String view, String key) throws SQLException {
        Map<String, String> columns = new LinkedHashMap<>();
        for (String part : key.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 1
                    || !part.substring(0, equals).matches("[a-z_][a-z0-9_]*")
                    || !view.matches("[a-z_][a-z0-9_]*")) {
                throw new MillraceException(
                        Category.USER,
                        "'" + key + "' names no row of view " + view,
                        "say --on column=value,column=value");
            }
            columns.put(part.substring(0, equals), part.substring(equals + 1));
        }
        String condition =
                columns.keySet().stream().map(column -> column + "::text = ?").collect(Collectors.joining(" AND "));
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT * FROM analytics." + view + " WHERE " + condition + " LIMIT 2")) {
            int index = 1;
            for (String value : columns.values()) {
                statement.setString(index++, value);
            }
            return one(statement, "row " + key + " of view " + view, "name all columns of its key");
        }
    }

    private static Map<String, String> one(PreparedStatement statement, String what, String remedy)
            throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            if (!row.next()) {
                throw new MillraceException(Category.USER, "there is no " + what, remedy);
            }
            Map<String, String> fields = new LinkedHashMap<>();
            for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                String value = row.getString(i);
                if (value != null) {
                    fields.put(row.getMetaData().getColumnLabel(i), value);
                }
            }
            if (row.next()) {
                throw new MillraceException(Category.USER, "there is more than one " + what, remedy);
            }
            return fields;
        }
    }
}
