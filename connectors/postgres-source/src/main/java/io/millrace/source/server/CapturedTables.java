package io.millrace.source.server;

import io.millrace.schemas.TableName;
import io.millrace.schemas.failure.Category;
import io.millrace.schemas.failure.MillraceException;
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
              array_position(i.indkey::int2[], a.attnum) AS key_position,
              has_table_privilege(c.oid, 'SELECT') AS readable
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            LEFT JOIN pg_collation co ON co.oid = a.attcollation
            LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
            WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')
            ORDER BY a.attnum""".formatted(BaseTypes.name("a.atttypid", "a.atttypmod"));

    private CapturedTables() {}

    /** @throws MillraceException with everything that is wrong with any of the tables */
    public static Map<TableName, RelationSchema> read(Connection source, SourceDefinition definition)
            throws SQLException {
        Map<TableName, RelationSchema> relations = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (TableName table : definition.tables()) {
            RelationSchema relation = read(source, definition, table, problems);
            if (relation != null) {
                relations.put(table, relation);
            }
        }
        if (!problems.isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    "source " + definition.name() + " cannot be captured:\n  - " + String.join("\n  - ", problems),
                    "mend these, or take the tables out of the source's file in the catalog");
        }
        return relations;
    }

    private static @Nullable RelationSchema read(
            Connection source, SourceDefinition definition, TableName table, List<String> problems)
            throws SQLException {
        List<Column> columns = new ArrayList<>();
        Map<Integer, String> key = new java.util.TreeMap<>();
        List<String> needFull = new ArrayList<>();
        boolean full = false;
        boolean readable = true;
        try (PreparedStatement statement = source.prepareStatement(COLUMNS)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String name = rows.getString("attname");
                    PgType type = PgType.parse(rows.getString("type"));
                    columns.add(new Column(name, type, rows.getBoolean("nullable"), rows.getString("description")));
                    full = rows.getString("relreplident").equals("f");
                    readable = rows.getBoolean("readable");
                    int position = rows.getInt("key_position");
                    if (!rows.wasNull()) {
                        key.put(position, name);
                    }
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
        if (columns.isEmpty()) {
            problems.add("table " + table + " does not exist");
            return null;
        }
        if (!readable) {
            problems.add("table " + table + " cannot be read: GRANT SELECT ON " + table.quoted() + " TO "
                    + source.getMetaData().getUserName());
        }
        if (key.isEmpty()) {
            problems.add(
                    "table " + table + " has no primary key: ALTER TABLE " + table.quoted() + " ADD PRIMARY KEY (…)");
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
        return new RelationSchema(table, columns, List.copyOf(key.values()), broadcast ? null : laneColumn, broadcast);
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
