package io.millrace.gateway.view;

import io.millrace.gateway.http.Problem;
import io.millrace.gateway.view.Relation.Column;
import io.millrace.platform.failure.Suggestion;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The columns of a relation. */
record Columns(String relation, List<Column> all) {
    private static final String SELECT =
            // format_type(…, -1) is the type without its modifier: a value that is compared must not be rounded or cut
            // to it.
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod), format_type(a.atttypid, -1), NOT a.attnotnull,"
                    + " coalesce(col_description(a.attrelid, a.attnum), '')"
                    + " FROM pg_attribute a WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

    static Columns of(Connection connection, Relation relation) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(SELECT)) {
            select.setLong(1, relation.oid());
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    columns.add(new Column(
                            row.getString(1), row.getString(2), row.getString(3), row.getBoolean(4), row.getString(5)));
                }
            }
        }
        return new Columns(relation.name(), List.copyOf(columns));
    }

    Optional<Column> find(String name) {
        return all.stream().filter(column -> column.name().equals(name)).findFirst();
    }

    /** @throws Problem if there is none of that name */
    Column require(String name) {
        return find(name)
                .orElseThrow(() -> new Problem(
                        Problem.Kind.BAD_PARAMETER,
                        relation + " has no column '" + name + "'" + Suggestion.of(name, names()),
                        "columns are " + String.join(", ", names())));
    }

    List<String> names() {
        return all.stream().map(Column::name).toList();
    }

    /** The column whose name, and a dot after it, a text begins with: the longest, since names may have dots. */
    Optional<Column> beginning(String text) {
        return all.stream()
                .filter(column -> text.startsWith(column.name() + "."))
                .max(Comparator.comparingInt(column -> column.name().length()));
    }

    /** Those that are named, each text a name or names with commas between; all if none is. */
    List<Column> chosen(List<String> texts) {
        List<Column> chosen = new ArrayList<>();
        for (String text : texts) {
            List<String> names = find(text).isPresent()
                    ? List.of(text)
                    : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
            for (String name : names) {
                Column column = require(name);
                if (chosen.contains(column)) {
                    throw new Problem(
                            Problem.Kind.BAD_PARAMETER, "column '" + name + "' is chosen twice", "name it once");
                }
                chosen.add(column);
            }
        }
        return chosen.isEmpty() ? all : chosen;
    }
}
