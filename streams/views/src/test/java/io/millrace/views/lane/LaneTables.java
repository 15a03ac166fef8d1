package io.millrace.views.lane;

import io.millrace.schemas.TableName;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Operation;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.RowEncoder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Two tables: {@code a (id, g, n)} and {@code b (id, name)}, what they hold, and changes of them as capture writes them. */
public final class LaneTables {
    public static final TableName A = new TableName("public", "a");
    public static final TableName B = new TableName("public", "b");
    static final RelationSchema TABLE_A = new RelationSchema(
            A,
            List.of(
                    new Column("id", PgType.INT4, false),
                    new Column("g", PgType.INT4, true),
                    new Column("n", PgType.INT4, true)),
            List.of("id"),
            null,
            false);
    static final RelationSchema TABLE_B = new RelationSchema(
            B,
            List.of(new Column("id", PgType.INT4, false), new Column("name", PgType.TEXT, true)),
            List.of("id"),
            null,
            false);

    public final SchemaRegistry registry = new InMemorySchemaRegistry();
    final Map<Integer, @Nullable Object[]> a = new TreeMap<>();
    final Map<Integer, @Nullable Object[]> b = new TreeMap<>();
    private final Encoders ofA = new Encoders(TABLE_A);
    private final Encoders ofB = new Encoders(TABLE_B);

    private final class Encoders {
        private final String table;
        private final RowEncoder keys;
        private final RowEncoder rows;

        Encoders(RelationSchema relation) {
            table = relation.name().toString();
            keys = new RowEncoder(
                    registry.register(table + "-key", relation.keySchema()),
                    relation.columns().subList(0, 1));
            rows = new RowEncoder(registry.register(table + "-value", relation.valueSchema()), relation.columns());
        }

        Change change(Operation operation, int id, @Nullable Object @Nullable [] row) {
            return new Change(
                    table,
                    operation,
                    ByteBuffer.wrap(keys.encode(new @Nullable Object[] {id})),
                    row == null ? null : ByteBuffer.wrap(rows.encode(row)));
        }
    }

    private Encoders encoders(TableName table) {
        return table.equals(A) ? ofA : ofB;
    }

    Map<Integer, @Nullable Object[]> of(TableName table) {
        return table.equals(A) ? a : b;
    }

    public Change put(TableName table, @Nullable Object... row) {
        int id = (Integer) java.util.Objects.requireNonNull(row[0]);
        boolean there = of(table).put(id, row) != null;
        return encoders(table).change(there ? Operation.UPDATE : Operation.INSERT, id, row);
    }

    Change delete(TableName table, int id) {
        of(table).remove(id);
        return encoders(table).change(Operation.DELETE, id, null);
    }

    Change truncate(TableName table) {
        of(table).clear();
        return new Change(table.toString(), Operation.TRUNCATE, ByteBuffer.allocate(0), null);
    }

    /** Everything that there is, as a snapshot reads it. */
    List<Change> readAll() {
        return java.util.stream.Stream.of(A, B)
                .flatMap(table -> of(table).entrySet().stream()
                        .map(row -> encoders(table).change(Operation.READ, row.getKey(), row.getValue())))
                .toList();
    }
}
