package io.millrace.source.publish;

import io.millrace.schemas.Lane;
import io.millrace.schemas.registry.Framing;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgText;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.RowEncoder;
import io.millrace.source.SourceDefinition;
import io.millrace.source.reader.LogEvent;
import io.millrace.source.reader.LogTable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Encodes the rows of one table with one set of columns, and knows their lanes. Not thread-safe. */
final class TableEncoder {
    /** Postgres moves values out of line only in rows larger than this. */
    private static final int TOAST_THRESHOLD = 2_000;

    private final int lanes;
    private final RelationSchema relation;
    private final int keySchemaId;
    private final RowEncoder keys;
    private final RowEncoder rows;
    private final int[] keyIndexes;
    private final int laneIndex;
    private final int actorIndex;
    private final boolean[] text;
    private final DiskSize size;
    private @Nullable LogTable taken;

    TableEncoder(SourceDefinition definition, RelationSchema relation, int keySchemaId, int valueSchemaId) {
        this.lanes = definition.lanes();
        this.relation = relation;
        this.keySchemaId = keySchemaId;
        this.keys = new RowEncoder(
                keySchemaId,
                relation.key().stream()
                        .map(column -> relation.columns().get(relation.indexOf(column)))
                        .toList());
        this.rows = new RowEncoder(valueSchemaId, relation.columns());
        this.keyIndexes = relation.keyIndexes();
        this.laneIndex = relation.laneColumn() == null ? -1 : relation.indexOf(relation.laneColumn());
        this.actorIndex = relation.columns().stream().map(Column::name).toList().indexOf(definition.actorColumn());
        this.text = new boolean[relation.columns().size()];
        for (int i = 0; i < text.length; i++) {
            text[i] = relation.columns().get(i).type().kind() == PgType.Kind.TEXT;
        }
        this.size = new DiskSize(relation.columns());
    }

    RelationSchema relation() {
        return relation;
    }

    /** Whether rows of the table as it is here are rows of this relation. */
    @SuppressWarnings("ReferenceEquality") // the reader gives the same table as long as it is unchanged
    boolean takes(LogTable table) {
        return table == taken;
    }

    /** Whether there were rows of the log before. */
    boolean wasTaken() {
        return taken != null;
    }

    void take(LogTable table) {
        if (!table.columnNames()
                .equals(relation.columns().stream().map(Column::name).toList())) {
            throw new IllegalStateException("columns " + table + " for " + relation);
        }
        taken = table;
    }

    byte[] key(@Nullable Object[] row) {
        return keys.encode(row, keyIndexes);
    }

    /** A key that may have been written by an older schema, as this one writes it. */
    byte[] own(byte[] key) {
        byte[] own = key.clone();
        Framing.writeHeader(own, keySchemaId);
        return own;
    }

    /** Rows hold no {@link LogEvent.Absent} any more. */
    Encoded row(@Nullable Object[] row) {
        for (int i = 0; i < text.length; i++) {
            // A type that Debezium does not know comes as the bytes of its text.
            if (text[i] && row[i] instanceof ByteBuffer bytes) {
                row[i] = StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
            }
        }
        for (int i = 0; i < row.length; i++) {
            if (row[i] instanceof LogEvent.Unreadable unreadable) {
                return Encoded.not("column " + relation.columns().get(i).name() + ": " + unreadable.reason());
            }
        }
        try {
            byte[] encoded = rows.encode(row);
            return encoded.length <= Quarantine.LARGEST_ROW
                    ? new Encoded(encoded, "")
                    : Encoded.not(Quarantine.TOO_LARGE + encoded.length + " bytes, and a record may have "
                            + Quarantine.LARGEST_ROW);
        } catch (IllegalArgumentException unfit) {
            return Encoded.not(String.valueOf(unfit.getMessage()));
        }
    }

    /** @param bytes null where the row cannot be published, for the problem that is told */
    record Encoded(byte @Nullable [] bytes, String problem) {
        private static Encoded not(String problem) {
            return new Encoded(null, problem);
        }
    }

    /** {@code (5, a)} */
    String keyText(@Nullable Object[] row) {
        return Arrays.stream(keyIndexes)
                .mapToObj(i -> row[i] == null ? "null" : PgText.of(row[i]))
                .collect(Collectors.joining(", ", "(", ")"));
    }

    /** The row's lane; for a broadcast table the one whose partition holds the row in the row topic. */
    Lane lane(@Nullable Object[] row) {
        return laneIndex < 0
                ? new Lane(0)
                : Lane.of(Objects.requireNonNull(row[laneIndex], "lane column").toString(), lanes);
    }

    /** Who changed the row last, as far as the row tells. */
    @Nullable String actor(@Nullable Object[] row) {
        Object actor = actorIndex < 0 ? null : row[actorIndex];
        return actor == null || actor instanceof LogEvent.Absent || actor instanceof LogEvent.Unreadable
                ? null
                : PgText.of(actor);
    }

    boolean broadcast() {
        return relation.broadcast();
    }

    /** Whether a row may have values that the log will leave out when they are not changed. */
    boolean large(@Nullable Object[] row) {
        return size.atMost(row) >= TOAST_THRESHOLD;
    }

    /** Takes from the row before what the new one leaves out. */
    static void fill(@Nullable Object[] row, @Nullable Object[] before) {
        for (int i = 0; i < row.length; i++) {
            if (row[i] instanceof LogEvent.Absent) {
                row[i] = before[i] == LogEvent.Absent.UNKNOWN ? LogEvent.Absent.UNCHANGED : before[i];
            }
        }
    }

    static boolean hasAbsent(@Nullable Object[] row) {
        for (Object value : row) {
            if (value instanceof LogEvent.Absent) {
                return true;
            }
        }
        return false;
    }
}
