package io.millrace.schemas.row;

import io.millrace.schemas.registry.Framing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * Encodes rows in the Confluent wire format. Values are in column order and of the Java types that {@link PgType.Kind}
 * names. Not thread-safe: it keeps a buffer.
 */
public final class RowEncoder {
    private final byte[] header = new byte[Framing.HEADER];
    private final List<Column> columns;
    private final ColumnCodec[] codecs;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    private final BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);

    /** @param schemaId the registry's id of the schema that is made of these columns */
    public RowEncoder(int schemaId, List<Column> columns) {
        Framing.writeHeader(header, schemaId);
        this.columns = List.copyOf(columns);
        this.codecs = columns.stream()
                .map(column -> new ColumnCodec(column.type(), column.nullable()))
                .toArray(ColumnCodec[]::new);
    }

    /** All columns of a row. */
    public byte[] encode(@Nullable Object[] row) {
        out.reset();
        out.writeBytes(header);
        for (int i = 0; i < codecs.length; i++) {
            write(i, row[i]);
        }
        return out.toByteArray();
    }

    /** Those columns of a wider row that make up this encoder's columns, e.g. its key. */
    public byte[] encode(@Nullable Object[] row, int[] indexes) {
        out.reset();
        out.writeBytes(header);
        for (int i = 0; i < codecs.length; i++) {
            write(i, row[indexes[i]]);
        }
        return out.toByteArray();
    }

    private void write(int column, @Nullable Object value) {
        try {
            codecs[column].write(value, encoder);
        } catch (ClassCastException | IllegalArgumentException | ArithmeticException wrong) {
            Column declared = columns.get(column);
            throw new IllegalArgumentException(
                    "column " + declared.name() + " of type " + declared.type() + " cannot hold a "
                            + (value == null ? "null" : value.getClass().getSimpleName()) + ": " + wrong.getMessage(),
                    wrong);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
