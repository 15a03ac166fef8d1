package io.millrace.source.publish;

import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.SourceDefinition;
import io.millrace.source.reader.LogTable;
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
    private final PublishedTables published;
    private boolean changed;

    /** Columns, types and keys as the source has them now. */
    @FunctionalInterface
    interface Catalog {
        Map<TableName, RelationSchema> read();
    }

    /**
     * @param published has the forms of those tables whose rows are as the catalog has them; of another one the log's rows may be older
     *     than that
     */
    Relations(SourceDefinition definition, SchemaRegistry registry, Catalog catalog, PublishedTables published) {
        this.definition = definition;
        this.registry = registry;
        this.catalog = catalog;
        this.published = published;
        catalog.read().forEach((table, relation) -> {
            RelationSchema first = published.forms().containsKey(table)
                    ? relation
                    : registered(table).orElse(relation);
            encoders.put(table, encoder(table, first));
        });
    }

    private Optional<RelationSchema> registered(TableName table) {
        return registry.latest(Topics.rowsName(definition.name(), table) + "-value")
                .map(schema -> RelationSchema.of(table, schema));
    }

    SchemaRegistry registry() {
        return registry;
    }

    /** Whether a table was seen in the log with other columns since the last call. */
    boolean takeChanged() {
        boolean was = changed;
        changed = false;
        return was;
    }

    /** Takes a table as it is now. */
    void renew(RelationSchema relation) {
        encoders.put(relation.name(), encoder(relation.name(), relation));
    }

    /** For rows of all columns in the catalog's order. */
    TableEncoder encoder(TableName table) {
        TableEncoder encoder = encoders.get(table);
        if (encoder == null) {
            throw new IllegalStateException("table " + table + " is not captured");
        }
        return encoder;
    }

    /** For rows of the table as the log has it. */
    TableEncoder encoder(LogTable table) {
        TableEncoder encoder = encoder(table.name());
        return encoder.takes(table) ? encoder : next(encoder, table);
    }

    /** Once for each form of a table: what is costly has its place here. */
    private TableEncoder next(TableEncoder encoder, LogTable table) {
        RelationSchema known = encoder.relation();
        boolean unchanged = table.isTyped() && asSeen(known, known, table).equals(known);
        RelationSchema seen = unchanged ? known : asSeen(known, now(table), table);
        TableEncoder next = seen.equals(encoder.relation()) ? encoder : encoder(table.name(), seen);
        changed |= encoder.wasTaken();
        if (!names(seen).equals(names(known)) || !seen.key().equals(known.key())) {
            published.isOutdated(table.name(), "has had other columns, or another key");
        }
        next.take(table);
        encoders.put(table.name(), next);
        return next;
    }

    private static List<String> names(RelationSchema relation) {
        return relation.columns().stream().map(Column::name).toList();
    }

    private RelationSchema now(LogTable table) {
        return java.util.Objects.requireNonNull(catalog.read().get(table.name()), table.toString());
    }

    /** The log's columns: it may be behind the catalog, and does not tell everything that the catalog does. */
    private static RelationSchema asSeen(RelationSchema before, RelationSchema now, LogTable table) {
        List<String> key = key(before, now, table);
        // With all columns as the replica identity, and a key whose columns have other names by now, some may be null.
        boolean whole = key.size() == table.columns().size() && !key.equals(before.key()) && !key.equals(now.key());
        List<Column> seen = new ArrayList<>();
        for (LogTable.LogColumn logged : table.columns()) {
            Column column = find(now, logged.name());
            if (column == null) {
                column = find(before, logged.name());
            }
            PgType type = logged.type();
            if (type == null && column == null) {
                throw new IllegalStateException("column " + before.name() + "." + logged.name()
                        + " is in the log, but not in the catalog any more");
            }
            seen.add(new Column(
                    logged.name(),
                    column != null && (type == null || isOf(column.type(), type))
                            ? column.type()
                            : java.util.Objects.requireNonNull(type),
                    whole || !key.contains(logged.name()) && (column == null || column.nullable()),
                    column == null ? "" : column.description()));
        }
        return new RelationSchema(now.name(), seen, key, now.laneColumn(), now.broadcast(), now.omitted());
    }

    /** The log does not tell the collation. */
    private static boolean isOf(PgType catalog, PgType logged) {
        return catalog.equals(logged) || catalog.name().startsWith(logged.name() + " COLLATE ");
    }

    /** Today's key, unless the table had another one then. */
    private static List<String> key(RelationSchema before, RelationSchema now, LogTable table) {
        List<String> identifying = table.columns().stream()
                .filter(LogTable.LogColumn::identifying)
                .map(LogTable.LogColumn::name)
                .toList();
        if (identifying.isEmpty() || identifying.containsAll(now.key())) {
            return now.key();
        }
        boolean full = identifying.size() == table.columns().size();
        return full && identifying.containsAll(before.key()) ? before.key() : identifying;
    }

    private static @Nullable Column find(RelationSchema relation, String name) {
        return relation.columns().stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private TableEncoder encoder(TableName table, RelationSchema relation) {
        String topic = Topics.rowsName(definition.name(), table);
        RelationSchema compatible = registered(table)
                .map(before -> withNewColumnsNullable(before, relation))
                .orElse(relation);
        return new TableEncoder(
                definition,
                compatible,
                registry.registerAltered(topic + "-key", compatible.keySchema()),
                registry.registerAltered(topic + "-value", compatible.valueSchema()));
    }

    /** Readers of the new schema must be able to read rows that were written without the column. */
    private static RelationSchema withNewColumnsNullable(RelationSchema before, RelationSchema now) {
        List<Column> columns = new ArrayList<>();
        for (Column column : now.columns()) {
            Column old = find(before, column.name());
            boolean nullable =
                    column.nullable() || !now.key().contains(column.name()) && (old == null || old.nullable());
            columns.add(new Column(column.name(), column.type(), nullable, column.description()));
        }
        return now.withColumns(columns);
    }
}
