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
    private final Map<Integer, Layout> layouts = new HashMap<>();
    private @Nullable BinaryDecoder decoder;

    /** Codecs in the writer's order; target[i] is the position in the result, or -1 to skip; none after the last wanted. */
    private record Layout(ColumnCodec[] codecs, int[] target) {}

    /** @param wanted names of the columns to decode, in the order of the resulting array */
    public RowDecoder(SchemaRegistry registry, List<String> wanted) {
        this.registry = registry;
        this.wanted = List.copyOf(wanted);
    }

    /** @throws IllegalArgumentException if the bytes are not a row */
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
        return row;
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
        return new Layout(codecs, target);
    }
}
