package io.millrace.source.publish;

import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.SourceDefinition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The encoders of the captured tables, which follow their columns while these change. */
final class Relations {
    private final SourceDefinition definition;
    private final SchemaRegistry registry;
    private final Catalog catalog;
    private final Map<TableName, TableEncoder> encoders = new HashMap<>();

    /** Columns, types and keys as the source has them now. */
    @FunctionalInterface
    interface Catalog {
        Map<TableName, RelationSchema> read();
    }

    Relations(SourceDefinition definition, SchemaRegistry registry, Catalog catalog) {
        this.definition = definition;
        this.registry = registry;
        this.catalog = catalog;
        catalog.read().forEach((table, relation) -> encoders.put(table, encoder(table, relation)));
    }

    /** For rows of all columns in the catalog's order. */
    TableEncoder encoder(TableName table) {
        TableEncoder encoder = encoders.get(table);
        if (encoder == null) {
            throw new IllegalStateException("table " + table + " is not captured");
        }
        return encoder;
    }

    /** For rows of these columns. */
    TableEncoder encoder(TableName table, List<String> columns) {
        TableEncoder encoder = encoder(table);
        if (encoder.takes(columns)) {
            return encoder;
        }
        RelationSchema now = java.util.Objects.requireNonNull(catalog.read().get(table), table.toString());
        RelationSchema seen = asSeen(encoder.relation(), now, columns);
        TableEncoder next = seen.equals(encoder.relation()) ? encoder : encoder(table, seen);
        next.take(columns);
        encoders.put(table, next);
        return next;
    }

    /** The log's columns: it may be behind the catalog, and does not tell everything that the catalog does. */
    private static RelationSchema asSeen(RelationSchema before, RelationSchema now, List<String> columns) {
        List<Column> seen = new ArrayList<>();
        for (String name : columns) {
            Column column = find(now, name);
            if (column == null) {
                column = find(before, name);
            }
            if (column == null) {
                throw new IllegalStateException(
                        "column " + before.name() + "." + name + " is in the log, but not in the catalog any more");
            }
            seen.add(column);
        }
        return new RelationSchema(now.name(), seen, now.key(), now.laneColumn(), now.broadcast());
    }

    private static @Nullable Column find(RelationSchema relation, String name) {
        return relation.columns().stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private TableEncoder encoder(TableName table, RelationSchema relation) {
        String topic = Topics.rowsName(definition.name(), table);
        Optional<RelationSchema> published =
                registry.latest(topic + "-value").map(schema -> RelationSchema.of(table, schema));
        RelationSchema compatible = published
                .map(before -> withNewColumnsNullable(before, relation))
                .orElse(relation);
        return new TableEncoder(
                definition.lanes(),
                compatible,
                registry.register(topic + "-key", compatible.keySchema()),
                registry.register(topic + "-value", compatible.valueSchema()));
    }

    /** Readers of the new schema must be able to read rows that were written without the column. */
    private static RelationSchema withNewColumnsNullable(RelationSchema before, RelationSchema now) {
        List<Column> columns = new ArrayList<>();
        for (Column column : now.columns()) {
            Column old = find(before, column.name());
            boolean nullable = column.nullable() || old == null || old.nullable();
            columns.add(new Column(column.name(), column.type(), nullable, column.description()));
        }
        return new RelationSchema(now.name(), columns, now.key(), now.laneColumn(), now.broadcast());
    }
}
