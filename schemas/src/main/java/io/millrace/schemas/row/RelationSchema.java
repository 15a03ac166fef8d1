package io.millrace.schemas.row;

import io.millrace.schemas.TableName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.avro.JsonProperties;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Columns and key of a table or view, and the Avro schemas of its topic's records.
 *
 * <p>The Avro schemas carry what Postgres knows (types, key, lane column) as properties, so that a reader of the
 * registry alone can plan views. A column name that Avro does not allow is replaced in the field's name and kept in the
 * property {@code column}.
 *
 * @param key names of the columns of the primary or unique key, in key order; never empty
 * @param laneColumn the column whose hash chooses the lane, or null where a source has one lane
 * @param broadcast whether every lane gets every row
 * @param omitted names of the columns that the table has and that are not captured
 */
public record RelationSchema(
        TableName name,
        List<Column> columns,
        List<String> key,
        @Nullable String laneColumn,
        boolean broadcast,
        List<String> omitted) {
    private static final String COLUMN = "column";
    private static final String TYPE = "pgType";
    private static final String KEY = "key";
    private static final String LANE_COLUMN = "laneColumn";
    private static final String BROADCAST = "broadcast";
    private static final String OMITTED = "omitted";
    private static final Pattern ILLEGAL = Pattern.compile("[^A-Za-z0-9_]");

    public RelationSchema {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
        omitted = List.copyOf(omitted);
        Set<String> names = new HashSet<>();
        for (Column column : columns) {
            if (!names.add(column.name())) {
                throw new IllegalArgumentException(name + " has two columns named " + column.name());
            }
        }
        if (key.isEmpty() || !names.containsAll(key)) {
            throw new IllegalArgumentException("the key " + key + " of " + name + " is not among its columns " + names);
        }
    }

    /** All columns are captured. */
    public RelationSchema(
            TableName name, List<Column> columns, List<String> key, @Nullable String laneColumn, boolean broadcast) {
        this(name, columns, key, laneColumn, broadcast, List.of());
    }

    /** The same relation with other columns. */
    public RelationSchema withColumns(List<Column> others) {
        return new RelationSchema(name, others, key, laneColumn, broadcast, omitted);
    }

    /** @throws IllegalArgumentException if there is no such column */
    public int indexOf(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        throw new IllegalArgumentException(name + " has no column " + column);
    }

    /** Positions of the key's columns, in key order. */
    public int[] keyIndexes() {
        return key.stream().mapToInt(this::indexOf).toArray();
    }

    /** Schema of a row topic's value: every column. */
    public Schema valueSchema() {
        Schema schema = record("", columns);
        schema.addProp(KEY, key);
        if (laneColumn != null) {
            schema.addProp(LANE_COLUMN, laneColumn);
        }
        schema.addProp(BROADCAST, broadcast);
        if (!omitted.isEmpty()) {
            schema.addProp(OMITTED, omitted);
        }
        return schema;
    }

    /** Schema of a row topic's key: the key's columns. */
    public Schema keySchema() {
        return record(
                "_key", key.stream().map(column -> columns.get(indexOf(column))).toList());
    }

    /** The relation that {@link #valueSchema} was made of. */
    public static RelationSchema of(TableName name, Schema valueSchema) {
        List<Column> columns = columnsOf(valueSchema);
        return new RelationSchema(
                name,
                columns,
                names(valueSchema, KEY),
                valueSchema.getProp(LANE_COLUMN),
                Boolean.TRUE.equals(valueSchema.getObjectProp(BROADCAST)),
                names(valueSchema, OMITTED));
    }

    private static List<String> names(Schema schema, String property) {
        List<String> names = new ArrayList<>();
        if (schema.getObjectProp(property) instanceof Iterable<?> given) {
            given.forEach(name -> names.add(name.toString()));
        }
        return names;
    }

    /** Columns of a value's or key's schema, in order. */
    public static List<Column> columnsOf(Schema schema) {
        List<Column> columns = new ArrayList<>();
        for (Schema.Field field : schema.getFields()) {
            String column = field.getProp(COLUMN);
            columns.add(new Column(
                    column == null ? field.name() : column,
                    PgType.parse(field.getProp(TYPE)),
                    field.schema().isUnion() && field.schema().isNullable(),
                    field.doc() == null ? "" : field.doc()));
        }
        return columns;
    }

    private Schema record(String suffix, List<Column> of) {
        List<Schema.Field> fields = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (Column column : of) {
            String legal = legal(column.name());
            while (!taken.add(legal)) {
                legal = legal + "_";
            }
            Schema.Field field = new Schema.Field(
                    legal,
                    ColumnCodec.schema(column),
                    column.description().isEmpty() ? null : column.description(),
                    column.nullable() ? JsonProperties.NULL_VALUE : null);
            field.addProp(TYPE, column.type().name());
            if (!legal.equals(column.name())) {
                field.addProp(COLUMN, column.name());
            }
            fields.add(field);
        }
        return Schema.createRecord(
                legal(name.table()) + suffix, null, "millrace.rows." + legal(name.schema()), false, fields);
    }

    private static String legal(String name) {
        String legal = ILLEGAL.matcher(name).replaceAll("_");
        return Character.isDigit(legal.charAt(0)) ? "_" + legal : legal;
    }

    static Schema decimal(PgType type) {
        return LogicalTypes.decimal(type.decimalPrecision(), type.decimalScale())
                .addToSchema(Schema.create(Schema.Type.BYTES));
    }
}
