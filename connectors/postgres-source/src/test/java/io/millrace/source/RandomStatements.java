package io.millrace.source;

import io.millrace.schemas.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Statements of an application and of who alters its tables, at random. Whatever they do, each table stays published and has a primary key. */
final class RandomStatements {
    private static final List<String> TYPES =
            List.of("int", "bigint", "text", "varchar(20)", "numeric", "numeric(12,2)", "smallint");

    private final Random random;
    private final String publication;
    private int made;

    RandomStatements(Random random, String publication) {
        this.random = random;
        this.publication = publication;
    }

    private record Column(String name, String type, boolean key) {
        boolean isText() {
            return type.equals("text") || type.startsWith("character");
        }
    }

    /** One that is partitioned has two partitions and none for the rest. */
    static List<String> create(TableName table, boolean partitioned) {
        String name = table.quoted();
        String columns = " (id int PRIMARY KEY, a text, n int NOT NULL DEFAULT 1, x numeric)";
        List<String> statements = new ArrayList<>();
        statements.add("CREATE SCHEMA IF NOT EXISTS " + table.schema());
        if (partitioned) {
            statements.add("CREATE TABLE " + name + columns + " PARTITION BY RANGE (id)");
            statements.add("CREATE TABLE " + table.schema() + ".low PARTITION OF " + name
                    + " FOR VALUES FROM (MINVALUE) TO (50)");
            statements.add("CREATE TABLE " + table.schema() + ".high PARTITION OF " + name
                    + " FOR VALUES FROM (50) TO (MAXVALUE)");
        } else {
            statements.add("CREATE TABLE " + name + columns);
        }
        statements.add("ALTER TABLE " + name + " ALTER a SET STORAGE EXTERNAL");
        statements.add("INSERT INTO " + name + " SELECT g, 'a' || g, g, g / 4.0 FROM generate_series(1, 40) g");
        return statements;
    }

    /** @param partitioned whether its rows are in partitions */
    String next(Connection connection, TableName table, boolean partitioned) throws SQLException {
        List<Column> columns = columns(connection, table);
        return random.nextInt(5) == 0 ? alter(table, columns, partitioned) : write(table, columns);
    }

    private static List<Column> columns(Connection connection, TableName table) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT attname, format_type(atttypid, atttypmod), coalesce(attnum = ANY (i.indkey), false)"
                                + " FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary WHERE a.attrelid = '"
                                + table.quoted() + "'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum")) {
            while (rows.next()) {
                columns.add(new Column(rows.getString(1), rows.getString(2), rows.getBoolean(3)));
            }
        }
        return columns;
    }

    private String write(TableName table, List<Column> columns) {
        String name = table.quoted();
        Column key = columns.stream().filter(Column::key).findFirst().orElseThrow();
        String where = " WHERE abs(hashtext(" + key.name + "::text)) % " + (1 + random.nextInt(9)) + " = 0";
        Column column = columns.get(random.nextInt(columns.size()));
        return switch (random.nextInt(14)) {
            case 0, 1, 2 -> insert(name, columns) + " ON CONFLICT DO NOTHING";
            case 3 ->
                insert(name, columns) + " ON CONFLICT (" + key.name + ") DO UPDATE SET " + column.name + " = EXCLUDED."
                        + column.name;
            case 4, 5, 6 -> "UPDATE " + name + " SET " + column.name + " = " + value(column) + where;
            case 7 -> "UPDATE " + name + " SET " + key.name + " = " + otherKey(key) + where;
            case 8 ->
                "UPDATE " + name + " SET " + key.name + " = " + otherKey(key) + ", " + column.name + " = "
                        + value(column) + where;
            case 9, 10 -> "DELETE FROM " + name + where;
            case 11 ->
                random.nextInt(4) == 0
                        ? "TRUNCATE " + name
                        : "UPDATE " + name + " SET " + column.name + " = " + column.name;
            case 12 ->
                "WITH gone AS (DELETE FROM " + name + where + " RETURNING *) INSERT INTO " + name
                        + " SELECT * FROM gone ON CONFLICT DO NOTHING";
            default ->
                "MERGE INTO " + name + " t USING (SELECT generate_series(30, 60) AS i) s ON t." + key.name
                        + "::text = s.i::text WHEN MATCHED AND s.i % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET "
                        + (column.key ? "n = 5" : column.name + " = " + value(column));
        };
    }

    private String insert(String name, List<Column> columns) {
        List<String> names = columns.stream().map(Column::name).toList();
        List<String> values =
                columns.stream().map(column -> column.key ? "g" : value(column)).toList();
        int from = random.nextInt(100);
        return "INSERT INTO " + name + " (" + String.join(", ", names) + ") SELECT " + String.join(", ", values)
                + " FROM generate_series(" + from + ", " + (from + random.nextInt(6)) + ") g";
    }

    private String otherKey(Column key) {
        return key.isText() ? key.name + " || 'k'" : "(" + key.name + " + " + (1 + random.nextInt(90)) + ") % 100";
    }

    private String value(Column column) {
        if (random.nextInt(10) == 0 && !column.key && !column.name.equals("n")) {
            return "NULL";
        }
        if (column.isText()) {
            String letter = "'" + (char) ('a' + random.nextInt(26)) + "'";
            return column.type.equals("text") && random.nextInt(3) == 0
                    ? "repeat(" + letter + ", " + (2000 + random.nextInt(4000)) + ")"
                    : letter;
        }
        return column.type.startsWith("numeric")
                ? random.nextInt(1000) + "." + random.nextInt(100)
                : Integer.toString(random.nextInt(100));
    }

    private String alter(TableName table, List<Column> columns, boolean partitioned) {
        String name = table.quoted();
        Column column = columns.get(random.nextInt(columns.size()));
        String alter = "ALTER TABLE " + name + " ";
        String type = TYPES.get(random.nextInt(TYPES.size()));
        String fresh = "c" + ++made;
        return switch (random.nextInt(partitioned ? 20 : 18)) {
            case 0 -> alter + "ADD " + fresh + " " + type;
            case 1 -> alter + "ADD " + fresh + " int NOT NULL DEFAULT " + random.nextInt(10);
            case 2 -> alter + "ADD " + fresh + " int DEFAULT (random() * 100)::int";
            case 3, 4 ->
                column.key || column.name.equals("n") ? alter + "ALTER n SET DEFAULT 3" : alter + "DROP " + column.name;
            case 5 -> alter + "RENAME " + column.name + " TO " + (column.name.equals("n") ? "n" : fresh);
            case 6, 7 ->
                alter + "ALTER " + column.name + " TYPE " + type + " USING nullif(regexp_replace(left(" + column.name
                        + "::text, 4), '[^0-9]', '', 'g'), '')::" + type;
            case 8 -> alter + "ALTER a SET STORAGE " + (random.nextBoolean() ? "EXTERNAL" : "EXTENDED");
            case 9 -> alter + "REPLICA IDENTITY " + (random.nextBoolean() ? "FULL" : "DEFAULT");
            case 10 ->
                column.key || column.name.equals("n")
                        ? alter + "ADD " + fresh + " " + type + " DEFAULT 7"
                        : alter + "DROP " + column.name + ", ADD " + column.name + " " + type + " DEFAULT 7";
            case 11 -> partitioned ? "TRUNCATE " + table.schema() + ".low" : recreate(table);
            case 12 -> partitioned ? "DELETE FROM " + table.schema() + ".high" : swap(table, columns);
            case 13 -> alter + "ALTER n SET NOT NULL";
            case 14 -> "CREATE INDEX ON " + name + " (" + column.name + ")";
            case 15 ->
                alter + "RENAME TO away; UPDATE " + table.schema() + ".away SET n = 66 WHERE n < 30; ALTER TABLE "
                        + table.schema() + ".away RENAME TO " + table.table();
            case 16 ->
                column.name.equals("n")
                        ? alter + "ALTER n DROP DEFAULT"
                        : alter + "RENAME " + column.name + " TO away; UPDATE " + name + " SET n = 77 WHERE n > 30; "
                                + alter + "RENAME away TO " + column.name;
            case 17 ->
                "TRUNCATE " + name + " RESTART IDENTITY CASCADE; " + insert(name, columns) + " ON CONFLICT DO NOTHING";
            case 18 ->
                alter + "DETACH PARTITION " + table.schema() + ".low; DELETE FROM " + table.schema()
                        + ".low WHERE n > 5; " + alter + "ATTACH PARTITION " + table.schema()
                        + ".low FOR VALUES FROM (MINVALUE) TO (50)";
            default ->
                "DROP TABLE " + table.schema() + ".high; CREATE TABLE " + table.schema() + ".high PARTITION OF " + name
                        + " FOR VALUES FROM (50) TO (MAXVALUE)";
        };
    }

    private String recreate(TableName table) {
        return "DROP TABLE " + table.quoted() + "; CREATE TABLE " + table.quoted()
                + " (id int PRIMARY KEY, x numeric, n int NOT NULL DEFAULT 2, a text); INSERT INTO " + table.quoted()
                + " SELECT g, g, g, 'again' FROM generate_series(20, 45) g; ALTER PUBLICATION " + publication
                + " ADD TABLE " + table.quoted();
    }

    private String swap(TableName table, List<Column> columns) {
        String key = columns.stream().filter(Column::key).findFirst().orElseThrow().name;
        String other = table.schema() + ".other";
        return "CREATE TABLE " + other + " AS SELECT * FROM " + table.quoted() + " WHERE n > 3; DROP TABLE "
                + table.quoted() + "; ALTER TABLE " + other + " RENAME TO " + table.table() + "; ALTER TABLE "
                + table.quoted() + " ADD PRIMARY KEY (" + key + "); ALTER TABLE " + table.quoted()
                + " ALTER n SET NOT NULL; ALTER PUBLICATION " + publication + " ADD TABLE " + table.quoted();
    }
}
