package io.millrace.schemas.row;

import io.millrace.schemas.registry.Framing;
import io.millrace.schemas.registry.SchemaRegistry;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * Decodes rows of a relation, whichever version of its schema wrote them: columns are matched by name, one that the
 * writer did not have is null. Decodes the wanted columns only. Not thread-safe.
 */
public final class RowDecoder {
    private final SchemaRegistry registry;
    private final List<String> wanted;

    /** Empty where every type is taken as it was written. */
    private final List<Column> typed;

    private final Map<Integer, Layout> layouts = new HashMap<>();
    private @Nullable BinaryDecoder decoder;

    /**
     * Codecs in the writer's order; target[i] is the position in the result, or -1 to skip; none after the last wanted.
     *
     * @param conversions by position in the result; null if every value is as it is wanted
     * @param missing a typed column that the writer did not have
     */
    private record Layout(
            ColumnCodec[] codecs,
            int[] target,
            List<Column> written,
            Conversion @Nullable [] conversions,
            @Nullable Column missing) {}

    /** @param wanted names of the columns to decode, in the order of the resulting array */
    public RowDecoder(SchemaRegistry registry, List<String> wanted) {
        this(registry, wanted, List.of());
    }

    private RowDecoder(SchemaRegistry registry, List<String> wanted, List<Column> typed) {
        this.registry = registry;
        this.wanted = List.copyOf(wanted);
        this.typed = List.copyOf(typed);
    }

    /** Gives values of these columns' types, whichever type a column had when a row was written. */
    public static RowDecoder ofTypes(SchemaRegistry registry, List<Column> columns) {
        return new RowDecoder(registry, columns.stream().map(Column::name).toList(), columns);
    }

    /**
     * @throws IllegalArgumentException if the bytes are not a row
     * @throws UnreadableRow if a value is none of its column's type, where types are given
     */
    public @Nullable Object[] decode(byte[] framed) {
        Layout layout = layouts.computeIfAbsent(Framing.schemaId(framed), this::layout);
        decoder = DecoderFactory.get().binaryDecoder(framed, Framing.HEADER, framed.length - Framing.HEADER, decoder);
        @Nullable Object[] row = new @Nullable Object[wanted.size()];
        try {
            for (int i = 0; i < layout.codecs.length; i++) {
                if (layout.target[i] >= 0) {
                    row[layout.target[i]] = layout.codecs[i].read(decoder);
                } else {
                    layout.codecs[i].skip(decoder);
                }
            }
        } catch (IOException torn) {
            throw new IllegalArgumentException("torn row of " + framed.length + " bytes", torn);
        }
        if (layout.missing != null) {
            throw UnreadableRow.without(layout.missing, row);
        }
        return layout.conversions == null ? row : converted(row, layout, layout.conversions);
    }

    private @Nullable Object[] converted(@Nullable Object[] row, Layout layout, Conversion[] conversions) {
        @Nullable Object[] converted = row.clone();
        for (int i = 0; i < row.length; i++) {
            try {
                converted[i] = row[i] == null ? null : conversions[i].convert(row[i]);
            } catch (RuntimeException none) {
                Column column = typed.get(i);
                PgType written = layout.written.stream()
                        .filter(each -> each.name().equals(column.name()))
                        .findFirst()
                        .orElseThrow()
                        .type();
                throw UnreadableRow.of(column, written, row, none);
            }
        }
        return converted;
    }

    private Layout layout(int schemaId) {
        List<Column> written = RelationSchema.columnsOf(registry.schema(schemaId));
        int used = 0;
        int[] target = new int[written.size()];
        for (int i = 0; i < target.length; i++) {
            target[i] = wanted.indexOf(written.get(i).name());
            if (target[i] >= 0) {
                used = i + 1;
            }
        }
        ColumnCodec[] codecs = new ColumnCodec[used];
        for (int i = 0; i < used; i++) {
            codecs[i] = new ColumnCodec(written.get(i).type(), written.get(i).nullable());
        }
        Column missing = typed.stream()
                .filter(column -> written.stream().noneMatch(each -> each.name().equals(column.name())))
                .findFirst()
                .orElse(null);
        return new Layout(codecs, target, written, conversions(written), missing);
    }

    private Conversion @Nullable [] conversions(List<Column> written) {
        Conversion[] conversions = new Conversion[typed.size()];
        boolean some = false;
        for (int i = 0; i < conversions.length; i++) {
            conversions[i] = Conversion.NONE;
            for (Column column : written) {
                if (column.name().equals(wanted.get(i))) {
                    conversions[i] = Conversion.of(column.type(), typed.get(i).type());
                }
            }
            some |= !conversions[i].equals(Conversion.NONE);
        }
        return some ? conversions : null;
    }
}
