package io.millrace.enrichment.work;

import io.millrace.schemas.registry.Framing;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgText;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.RowDecoder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keys and rows of view topics as text, by the schemas that they were written with. Not thread-safe. */
final class RowReader {
    private final SchemaRegistry registry;
    private final Map<Integer, Layout> layouts = new HashMap<>();

    private record Layout(List<Column> columns, RowDecoder decoder) {}

    RowReader(SchemaRegistry registry) {
        this.registry = registry;
    }

    /** By column, in their order; what is null is left out. */
    Map<String, String> read(byte[] framed) {
        Layout layout = layout(framed);
        @Nullable Object[] values = layout.decoder.decode(framed);
        Map<String, String> row = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            if (value != null) {
                row.put(layout.columns.get(i).name(), PgText.of(value));
            }
        }
        return row;
    }

    List<Column> columns(byte[] framed) {
        return layout(framed).columns;
    }

    private Layout layout(byte[] framed) {
        return layouts.computeIfAbsent(Framing.schemaId(framed), id -> {
            List<Column> columns = RelationSchema.columnsOf(registry.schema(id));
            return new Layout(
                    columns,
                    new RowDecoder(registry, columns.stream().map(Column::name).toList()));
        });
    }
}
