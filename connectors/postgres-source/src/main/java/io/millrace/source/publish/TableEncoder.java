package io.millrace.source.publish;

import io.millrace.schemas.Lane;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.RowEncoder;
import io.millrace.source.reader.LogEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Encodes the rows of one table with one set of columns, and knows their lanes. Not thread-safe. */
final class TableEncoder {
    /** Postgres moves values out of line only in rows larger than this. */
    private static final int TOAST_THRESHOLD = 2_000;

    /** How much larger a short value may be in Postgres than in Avro. */
    private static final int LARGEST_OVERHEAD = 16;

    static final int LEAST_LARGE = 200;

    private final int lanes;
    private final RelationSchema relation;
    private final RowEncoder keys;
    private final RowEncoder rows;
    private final int[] keyIndexes;
    private final int laneIndex;
    private final boolean[] text;
    private final int largeBytes;
    private @Nullable List<String> taken;

    TableEncoder(int lanes, RelationSchema relation, int keySchemaId, int valueSchemaId) {
        this.lanes = lanes;
        this.relation = relation;
        this.keys = new RowEncoder(
                keySchemaId,
                relation.key().stream()
                        .map(column -> relation.columns().get(relation.indexOf(column)))
                        .toList());
        this.rows = new RowEncoder(valueSchemaId, relation.columns());
        this.keyIndexes = relation.keyIndexes();
        this.laneIndex = relation.laneColumn() == null ? -1 : relation.indexOf(relation.laneColumn());
        this.text = new boolean[relation.columns().size()];
        for (int i = 0; i < text.length; i++) {
            text[i] = relation.columns().get(i).type().kind() == PgType.Kind.TEXT;
        }
        this.largeBytes = Math.max(LEAST_LARGE, TOAST_THRESHOLD - LARGEST_OVERHEAD * text.length);
    }

    RelationSchema relation() {
        return relation;
    }

    /** Whether rows of exactly this list are rows of this relation. */
    @SuppressWarnings("ReferenceEquality") // the reader gives the same list as long as the columns are the same
    boolean takes(List<String> columns) {
        return columns == taken;
    }

    void take(List<String> columns) {
        if (!columns.equals(relation.columns().stream().map(Column::name).toList())) {
            throw new IllegalStateException("columns " + columns + " for " + relation);
        }
        taken = columns;
    }

    byte[] key(@Nullable Object[] row) {
        return keys.encode(row, keyIndexes);
    }

    /** Rows hold no {@link LogEvent.Unchanged} any more. */
    byte[] row(@Nullable Object[] row) {
        for (int i = 0; i < text.length; i++) {
            // A type that Debezium does not know comes as the bytes of its text.
            if (text[i] && row[i] instanceof ByteBuffer bytes) {
                row[i] = StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
            }
        }
        return rows.encode(row);
    }

    /** The row's lane; for a broadcast table the one whose partition holds the row in the row topic. */
    Lane lane(@Nullable Object[] row) {
        return laneIndex < 0
                ? new Lane(0)
                : Lane.of(Objects.requireNonNull(row[laneIndex], "lane column").toString(), lanes);
    }

    boolean broadcast() {
        return relation.broadcast();
    }

    /** Whether a row may have values that the log will leave out when they are not changed. */
    boolean large(byte[] row) {
        return row.length >= largeBytes;
    }

    static boolean hasUnchanged(@Nullable Object[] row) {
        for (Object value : row) {
            if (value instanceof LogEvent.Unchanged) {
                return true;
            }
        }
        return false;
    }
}
