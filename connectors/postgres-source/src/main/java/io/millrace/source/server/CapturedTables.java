package io.millrace.source.server;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.TableName;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.ReaderKind;
import io.millrace.source.SourceDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Columns, types and keys of the captured tables, as the source's catalog has them now. */
public final class CapturedTables {
    /** Types that Debezium represents in another way than Postgres, or not at all. */
    private static final Set<String> NOT_BY_DEBEZIUM = Set.of(
            "interval",
            "oid",
            "time with time zone",
            "hstore",
            "bit",
            "bit varying",
            "point",
            "line",
            "lseg",
            "box",
            "path",
            "polygon",
            "circle",
            "tsvector",
            "tsquery");

    /** Such a value fits in 24 bytes, which Postgres never moves out of line. */
    private static final int LARGEST_INLINE_PRECISION = 38;

    private static final String COLUMNS = """
            SELECT a.attname, %s
                || CASE WHEN NOT co.collisdeterministic THEN format(' COLLATE %%I', co.collname) ELSE '' END AS type,
              NOT a.attnotnull AS nullable,
              coalesce(col_description(c.oid, a.attnum), '') AS description, c.relreplident,
              a.attgenerated <> '' AS generated, array_position(i.indkey::int2[], a.attnum) AS key_position
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_collation co ON co.oid = a.attcollation
            LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
            WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')
            ORDER BY a.attnum""".formatted(BaseTypes.name("a.atttypid", "a.atttypmod"));

    private CapturedTables() {}

    /** @throws MillraceException with everything that is wrong with any of the tables */
    public static Map<TableName, RelationSchema> read(Connection source, SourceDefinition definition)
            throws SQLException {
        List<String> problems = new ArrayList<>();
        Map<TableName, RelationSchema> relations = read(source, definition, problems);
        refuse(definition, problems);
        return relations;
    }

    /**
     * As {@link #read}, for the first time: what the file says of columns has to be right, and capture has to be allowed.
     *
     * @throws MillraceException with everything that is wrong with any of the tables, with the file, the role and the server
     */
    public static Map<TableName, RelationSchema> readFirst(Connection source, SourceDefinition definition)
            throws SQLException {
        List<String> problems = new ArrayList<>();
        Map<TableName, RelationSchema> relations = read(source, definition, problems);
        String actorColumn = definition.actorColumn();
        if (problems.isEmpty()
                && actorColumn != null
                && relations.values().stream()
                        .flatMap(relation -> relation.columns().stream())
                        .noneMatch(column -> column.name().equals(actorColumn))) {
            problems.add("no captured table has the column " + actorColumn + ", which is the file's actor-column");
        }
        for (TableName table : relations.keySet()) {
            Set<String> unknown = new TreeSet<>(definition.columns().named(table));
            if (!unknown.isEmpty()) {
                unknown.removeAll(names(source, table));
            }
            for (String column : unknown) {
                problems.add("column " + table + "." + column
                        + ", which the source's file names, does not exist: correct it there, or leave it out");
            }
        }
        problems.addAll(SourceRights.problems(source, definition));
        refuse(definition, problems);
        return relations;
    }

    /** What the hub's role and the server lack for capture, each with the statement that an administrator has to run. */
    public static List<String> lacks(Connection source, SourceDefinition definition) throws SQLException {
        return SourceRights.problems(source, definition);
    }

    private static Set<String> names(Connection source, TableName table) throws SQLException {
        Set<String> names = new TreeSet<>();
        try (PreparedStatement statement = source.prepareStatement(COLUMNS)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString("attname"));
                }
            }
        }
        return names;
    }

    private static void refuse(SourceDefinition definition, List<String> problems) {
        if (!problems.isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    "source " + definition.name() + " cannot be captured:\n  - " + String.join("\n  - ", problems),
                    "run the statements that are named, or correct the source's file in the catalog");
        }
    }

    private static Map<TableName, RelationSchema> read(
            Connection source, SourceDefinition definition, List<String> problems) throws SQLException {
        Map<TableName, RelationSchema> relations = new LinkedHashMap<>();
        for (TableName table : definition.tables()) {
            RelationSchema relation = read(source, definition, table, problems);
            if (relation != null) {
                relations.put(table, relation);
            }
        }
        return relations;
    }

    private static @Nullable RelationSchema read(
            Connection source, SourceDefinition definition, TableName table, List<String> problems)
            throws SQLException {
        List<Column> columns = new ArrayList<>();
        Map<Integer, String> key = new java.util.TreeMap<>();
        List<String> needFull = new ArrayList<>();
        List<String> omitted = new ArrayList<>();
        List<String> generated = new ArrayList<>();
        boolean full = false;
        boolean exists = false;
        try (PreparedStatement statement = source.prepareStatement(COLUMNS)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String name = rows.getString("attname");
                    PgType type = PgType.parse(rows.getString("type"));
                    int position = rows.getInt("key_position");
                    if (!rows.wasNull()) {
                        key.put(position, name);
                    }
                    full = rows.getString("relreplident").equals("f");
                    exists = true;
                    if (rows.getBoolean("generated")) {
                        generated.add(name);
                    }
                    if (rows.getBoolean("generated") || !definition.columns().has(table, name)) {
                        omitted.add(name);
                        continue;
                    }
                    columns.add(new Column(name, type, rows.getBoolean("nullable"), rows.getString("description")));
                    boolean debezium = definition.reader() == ReaderKind.DEBEZIUM;
                    if (debezium && NOT_BY_DEBEZIUM.contains(base(type.name()))) {
                        problems.add("column " + table + "." + name + " has type " + type
                                + ", whose values Debezium changes: set reader: native in the source's file");
                    }
                    if (debezium && ambiguousWhenUnchanged(type)) {
                        needFull.add(name);
                    }
                }
            }
        }
        if (!exists) {
            problems.add("table " + table + " does not exist");
            return null;
        }
        if (key.isEmpty()) {
            problems.add(
                    "table " + table + " has no primary key: ALTER TABLE " + table.quoted() + " ADD PRIMARY KEY (…)");
            return null;
        }
        List<String> leftOut = key.values().stream().filter(omitted::contains).toList();
        if (!leftOut.isEmpty()) {
            problems.add(
                    generated.containsAll(leftOut)
                            ? "table " + table + ": its primary key has the generated column "
                                    + String.join(", ", leftOut) + ", and generated columns are not captured: leave the"
                                    + " table out, or give it a primary key without it"
                            : "table " + table
                                    + ": its primary key has to be captured, and the source's file leaves out "
                                    + String.join(", ", leftOut));
            return null;
        }
        if (!full && !needFull.isEmpty()) {
            problems.add("table " + table + ": an unchanged large value of " + String.join(", ", needFull)
                    + " could not be told from null: ALTER TABLE " + table.quoted()
                    + " REPLICA IDENTITY FULL, or set reader: native in the source's file");
        }
        problems.addAll(TableGuard.problems(source, table, List.copyOf(key.values())));
        boolean broadcast = definition.broadcast().contains(table);
        String laneColumn = definition.laneColumn();
        if (laneColumn != null && !broadcast && !key.containsValue(laneColumn)) {
            problems.add("table " + table + ": the lane column " + laneColumn
                    + " must be part of the primary key, or deleted rows could not be routed: ALTER TABLE "
                    + table.quoted() + " DROP CONSTRAINT …, ADD PRIMARY KEY (" + laneColumn + ", "
                    + String.join(", ", key.values()) + "); or mark the table broadcast");
        }
        return new RelationSchema(
                table, columns, List.copyOf(key.values()), broadcast ? null : laneColumn, broadcast, omitted);
    }

    private static String base(String type) {
        int modifier = type.indexOf('(');
        return modifier < 0 ? type : type.substring(0, modifier);
    }

    /** Debezium gives a null for an unchanged numeric out of line, and no safe marker for most arrays. */
    private static boolean ambiguousWhenUnchanged(PgType type) {
        return switch (type.kind()) {
            case NUMERIC -> !type.isFixedDecimal() || type.precision() > LARGEST_INLINE_PRECISION;
            case ARRAY -> true;
            default -> false;
        };
    }
}
