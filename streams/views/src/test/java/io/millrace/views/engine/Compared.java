package io.millrace.views.engine;

import io.millrace.catalog.ViewFiles;
import io.millrace.schemas.TableName;
import io.millrace.schemas.row.Clock;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.views.expression.Inputs;
import io.millrace.views.expression.Texts;
import io.millrace.views.plan.ViewPlan;
import io.millrace.views.planner.ViewPlanner;
import io.millrace.views.postgres.ValueType;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Tables that are in Postgres and in a data flow alike, and views over them compared with their own SQL. */
final class Compared {
    private final Connection connection;
    private final List<RelationSchema> relations = new ArrayList<>();

    Compared(Connection connection) {
        this.connection = connection;
    }

    /** What a view is here and there; failures are rows that are kept out of it here. */
    record Result(ViewPlan plan, List<String> ours, List<String> theirs, long failures) {}

    /** A table that is there, with what it holds now. */
    void add(String table, String key) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT attname, format_type(atttypid, atttypmod)"
                        + " || CASE WHEN NOT collisdeterministic THEN ' COLLATE ' || collname ELSE '' END, NOT attnotnull FROM pg_attribute"
                        + " LEFT JOIN pg_collation c ON c.oid = attcollation"
                        + " WHERE attrelid = '" + table
                        + "'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum")) {
            while (rows.next()) {
                columns.add(new Column(rows.getString(1), PgType.parse(rows.getString(2)), rows.getBoolean(3)));
            }
        }
        relations.add(
                new RelationSchema(new TableName("public", table), columns, List.of(key.split(",")), null, false));
    }

    ViewPlanner.Result plan(String sql) {
        return new ViewPlanner(relations, 1).plan(ViewFiles.parse("views/v.sql", sql));
    }

    /** @throws AssertionError if it is refused */
    Result compare(String sql) throws SQLException {
        return switch (plan(sql)) {
            case ViewPlanner.Result.Planned planned -> compare(planned.plan());
            case ViewPlanner.Result.Refused refused -> throw new AssertionError(sql + ": " + refused.problem());
        };
    }

    Result compare(ViewPlan plan) throws SQLException {
        Dataflow dataflow = new Dataflow(List.of(plan));
        Map<Row, @Nullable Object[]> view = new HashMap<>();
        long failures = apply(dataflow.initial(), view, 0);
        for (RelationSchema relation : relations) {
            if (!relation.name().equals(Clock.TABLE)) {
                List<Column> wanted = dataflow.tables().get(relation.name());
                if (wanted != null) {
                    List<String> names = wanted.stream().map(Column::name).toList();
                    for (@Nullable Object[] row : rows(relation, names)) {
                        dataflow.change(relation.name(), null, row);
                    }
                }
            }
        }
        failures = apply(dataflow.step(), view, failures);
        return new Result(plan, ours(view), theirs(plan.sql()), failures);
    }

    private static long apply(List<ViewChanges> changes, Map<Row, @Nullable Object[]> view, long before) {
        long failures = before;
        for (ViewChanges of : changes) {
            int[] key = Row.indexes(of.view().key());
            of.deletes().forEach(row -> view.remove(Row.key(row, key)));
            of.upserts().forEach(row -> view.put(Row.key(row, key), row));
            failures = of.excludedRows();
        }
        return failures;
    }

    private List<@Nullable Object[]> rows(RelationSchema relation, List<String> wanted) throws SQLException {
        List<@Nullable Object[]> rows = new ArrayList<>();
        String names = String.join(
                ", ", wanted.stream().map(name -> '"' + name + "\"::text").toList());
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT " + names + " FROM " + relation.name().table())) {
            while (result.next()) {
                @Nullable Object[] row = new @Nullable Object[wanted.size()];
                for (int i = 0; i < row.length; i++) {
                    String text = result.getString(i + 1);
                    ValueType type = ValueType.of(relation.columns()
                            .get(relation.indexOf(wanted.get(i)))
                            .type());
                    row[i] = text == null || !type.isInViews() ? text : Inputs.read(Objects.requireNonNull(text), type);
                }
                rows.add(row);
            }
        }
        return rows;
    }

    private static List<String> ours(Map<Row, @Nullable Object[]> view) {
        List<String> rows = new ArrayList<>();
        for (@Nullable Object[] values : view.values()) {
            List<String> row = new ArrayList<>();
            for (Object value : values) {
                row.add(value == null ? "null" : value instanceof Boolean flag ? (flag ? "t" : "f") : Texts.of(value));
            }
            rows.add(row.toString());
        }
        rows.sort(null);
        return rows;
    }

    private List<String> theirs(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int width = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= width; i++) {
                    row.add(String.valueOf(result.getString(i)));
                }
                rows.add(row.toString());
            }
        }
        rows.sort(null);
        return rows;
    }

    /** Names and types of a query's columns, as Postgres has them. */
    List<String> columns(String sql) throws SQLException {
        List<String> columns = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP VIEW IF EXISTS pg_temp.compared");
            statement.execute("CREATE TEMP VIEW compared AS " + sql);
            try (ResultSet rows =
                    statement.executeQuery("SELECT attname || ' ' || format_type(atttypid, NULL) FROM pg_attribute"
                            + " WHERE attrelid = 'pg_temp.compared'::regclass AND attnum > 0 ORDER BY attnum")) {
                while (rows.next()) {
                    columns.add(rows.getString(1).replace("character varying", "text"));
                }
            }
        }
        return columns;
    }

    static List<String> columns(ViewPlan plan) {
        return plan.columns().stream()
                .map(column -> column.name() + " " + column.type().name().replaceFirst("\\([0-9,-]+\\)", ""))
                .toList();
    }
}
