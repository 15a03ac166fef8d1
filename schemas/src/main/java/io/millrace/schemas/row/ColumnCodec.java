package io.millrace.schemas.row;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;
import org.jspecify.annotations.Nullable;

/**
 * Avro encoding of one column's values.
 *
 * <p>A declared numeric is an Avro decimal, or a string for NaN; an undeclared one is a string, since Avro has no decimal
 * of free scale. Infinite dates and timestamps are the extreme values of their Avro type.
 */
final class ColumnCodec {
    private static final long MICROS = 1_000_000L;

    private final PgType type;
    private final boolean nullable;
    private final @Nullable ColumnCodec element;

    ColumnCodec(PgType type, boolean nullable) {
        this.type = type;
        this.nullable = nullable;
        this.element = type.element() == null ? null : new ColumnCodec(type.element(), true);
    }

    static Schema schema(Column column) {
        return schema(column.type(), column.nullable());
    }

    private static Schema schema(PgType type, boolean nullable) {
        List<Schema> branches = new ArrayList<>();
        if (nullable) {
            branches.add(Schema.create(Schema.Type.NULL));
        }
        if (type.isFixedDecimal()) {
            branches.add(RelationSchema.decimal(type));
            branches.add(Schema.create(Schema.Type.STRING));
        } else {
            branches.add(plainSchema(type));
        }
        return branches.size() == 1 ? branches.getFirst() : Schema.createUnion(branches);
    }

    private static Schema plainSchema(PgType type) {
        return switch (type.kind()) {
            case BOOL -> Schema.create(Schema.Type.BOOLEAN);
            case INT2, INT4 -> Schema.create(Schema.Type.INT);
            case INT8 -> Schema.create(Schema.Type.LONG);
            case FLOAT4 -> Schema.create(Schema.Type.FLOAT);
            case FLOAT8 -> Schema.create(Schema.Type.DOUBLE);
            case NUMERIC, MONEY -> Schema.create(Schema.Type.STRING);
            case TEXT ->
                type.name().equals("uuid")
                        ? logical(LogicalTypes.uuid(), Schema.Type.STRING)
                        : Schema.create(Schema.Type.STRING);
            case DATE -> logical(LogicalTypes.date(), Schema.Type.INT);
            case TIME -> logical(LogicalTypes.timeMicros(), Schema.Type.LONG);
            case TIMESTAMP -> logical(LogicalTypes.localTimestampMicros(), Schema.Type.LONG);
            case TIMESTAMPTZ -> logical(LogicalTypes.timestampMicros(), Schema.Type.LONG);
            case BYTEA -> Schema.create(Schema.Type.BYTES);
            case ARRAY -> Schema.createArray(schema(java.util.Objects.requireNonNull(type.element()), true));
        };
    }

    private static Schema logical(LogicalType logical, Schema.Type type) {
        return logical.addToSchema(Schema.create(type));
    }

    void write(@Nullable Object value, Encoder out) throws IOException {
        if (value == null) {
            if (!nullable) {
                throw new IllegalArgumentException("null in a column that is declared not null");
            }
            out.writeIndex(0);
            return;
        }
        int first = nullable ? 1 : 0;
        if (type.isFixedDecimal()) {
            if (value instanceof BigDecimal number) {
                out.writeIndex(first);
                out.writeBytes(
                        number.setScale(type.decimalScale()).unscaledValue().toByteArray());
            } else {
                out.writeIndex(first + 1);
                out.writeString(value.toString());
            }
            return;
        }
        if (nullable) {
            out.writeIndex(1);
        }
        writePlain(value, out);
    }

    private void writePlain(Object value, Encoder out) throws IOException {
        switch (type.kind()) {
            case BOOL -> out.writeBoolean((Boolean) value);
            case INT2, INT4 -> out.writeInt((Integer) value);
            case INT8 -> out.writeLong((Long) value);
            case FLOAT4 -> out.writeFloat((Float) value);
            case FLOAT8 -> out.writeDouble((Double) value);
            case NUMERIC, MONEY ->
                out.writeString(value instanceof BigDecimal number ? number.toPlainString() : value.toString());
            case TEXT -> out.writeString((String) value);
            case DATE -> out.writeInt(days((LocalDate) value));
            case TIME -> out.writeLong(((TimeOfDay) value).micros());
            case TIMESTAMP -> out.writeLong(micros((LocalDateTime) value));
            case TIMESTAMPTZ -> out.writeLong(micros((Instant) value));
            case BYTEA -> out.writeBytes(((ByteBuffer) value).duplicate());
            case ARRAY -> writeArray((List<?>) value, out);
        }
    }

    private void writeArray(List<?> values, Encoder out) throws IOException {
        out.writeArrayStart();
        out.setItemCount(values.size());
        for (Object value : values) {
            out.startItem();
            java.util.Objects.requireNonNull(element).write(value, out);
        }
        out.writeArrayEnd();
    }

    @Nullable Object read(Decoder in) throws IOException {
        int branch = nullable || type.isFixedDecimal() ? in.readIndex() : 0;
        if (nullable) {
            if (branch == 0) {
                in.readNull();
                return null;
            }
            branch--;
        }
        if (type.isFixedDecimal() && branch == 0) {
            ByteBuffer bytes = in.readBytes(null);
            return decimal(bytes, type.decimalScale());
        }
        return readPlain(in);
    }

    private Object readPlain(Decoder in) throws IOException {
        return switch (type.kind()) {
            case BOOL -> in.readBoolean();
            case INT2, INT4 -> in.readInt();
            case INT8 -> in.readLong();
            case FLOAT4 -> in.readFloat();
            case FLOAT8 -> in.readDouble();
            case NUMERIC, MONEY -> PgTextParser.numeric(in.readString());
            case TEXT -> in.readString();
            case DATE -> date(in.readInt());
            case TIME -> new TimeOfDay(in.readLong());
            case TIMESTAMP -> timestamp(in.readLong());
            case TIMESTAMPTZ -> instant(in.readLong());
            case BYTEA -> in.readBytes(null);
            case ARRAY -> readArray(in);
        };
    }

    private List<@Nullable Object> readArray(Decoder in) throws IOException {
        List<@Nullable Object> values = new ArrayList<>();
        for (long n = in.readArrayStart(); n != 0; n = in.arrayNext()) {
            for (long i = 0; i < n; i++) {
                values.add(java.util.Objects.requireNonNull(element).read(in));
            }
        }
        return values;
    }

    void skip(Decoder in) throws IOException {
        int branch = nullable || type.isFixedDecimal() ? in.readIndex() : 0;
        if (nullable) {
            if (branch == 0) {
                in.readNull();
                return;
            }
            branch--;
        }
        if (type.isFixedDecimal() && branch == 0) {
            in.skipBytes();
            return;
        }
        switch (type.kind()) {
            case BOOL -> in.readBoolean();
            case INT2, INT4, DATE -> in.readInt();
            case INT8, TIME, TIMESTAMP, TIMESTAMPTZ -> in.readLong();
            case FLOAT4 -> in.readFloat();
            case FLOAT8 -> in.readDouble();
            case NUMERIC, MONEY, TEXT -> in.skipString();
            case BYTEA -> in.skipBytes();
            case ARRAY -> readArray(in);
        }
    }

    private static BigDecimal decimal(ByteBuffer bytes, int scale) {
        int length = bytes.remaining();
        if (length <= Long.BYTES) {
            long unscaled = bytes.get(bytes.position());
            for (int i = 1; i < length; i++) {
                unscaled = unscaled << 8 | bytes.get(bytes.position() + i) & 0xFF;
            }
            return BigDecimal.valueOf(unscaled, scale);
        }
        byte[] unscaled = new byte[length];
        bytes.get(bytes.position(), unscaled);
        return new BigDecimal(new BigInteger(unscaled), scale);
    }

    private static int days(LocalDate date) {
        if (date.equals(LocalDate.MAX)) {
            return Integer.MAX_VALUE;
        }
        return date.equals(LocalDate.MIN) ? Integer.MIN_VALUE : Math.toIntExact(date.toEpochDay());
    }

    private static LocalDate date(int days) {
        if (days == Integer.MAX_VALUE) {
            return LocalDate.MAX;
        }
        return days == Integer.MIN_VALUE ? LocalDate.MIN : LocalDate.ofEpochDay(days);
    }

    private static long micros(LocalDateTime time) {
        if (time.equals(LocalDateTime.MAX)) {
            return Long.MAX_VALUE;
        }
        return time.equals(LocalDateTime.MIN)
                ? Long.MIN_VALUE
                : finite(time.toEpochSecond(ZoneOffset.UTC), time.getNano());
    }

    private static long micros(Instant time) {
        if (time.equals(Instant.MAX)) {
            return Long.MAX_VALUE;
        }
        return time.equals(Instant.MIN) ? Long.MIN_VALUE : finite(time.getEpochSecond(), time.getNano());
    }

    private static long finite(long seconds, int nanos) {
        return Math.addExact(Math.multiplyExact(seconds, MICROS), nanos / 1000);
    }

    private static LocalDateTime timestamp(long micros) {
        if (micros == Long.MAX_VALUE) {
            return LocalDateTime.MAX;
        }
        return micros == Long.MIN_VALUE
                ? LocalDateTime.MIN
                : LocalDateTime.ofEpochSecond(
                        Math.floorDiv(micros, MICROS), (int) Math.floorMod(micros, MICROS) * 1000, ZoneOffset.UTC);
    }

    private static Instant instant(long micros) {
        if (micros == Long.MAX_VALUE) {
            return Instant.MAX;
        }
        return micros == Long.MIN_VALUE
                ? Instant.MIN
                : Instant.ofEpochSecond(Math.floorDiv(micros, MICROS), Math.floorMod(micros, MICROS) * 1000);
    }
}
