package io.millrace.source.reader;

import io.debezium.data.VariableScaleDecimal;
import io.debezium.time.Date;
import io.debezium.time.MicroTime;
import io.debezium.time.MicroTimestamp;
import io.debezium.time.ZonedTimestamp;
import io.millrace.schemas.row.TimeOfDay;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** From a value as Debezium represents it to the Java type of its Postgres type. */
@FunctionalInterface
interface ConnectValue {
    Object convert(Object connect);

    static ConnectValue of(Schema schema, String placeholder) {
        String name = schema.name() == null ? "" : schema.name();
        return switch (name) {
            case Date.SCHEMA_NAME -> days -> LocalDate.ofEpochDay((Integer) days);
            case MicroTime.SCHEMA_NAME -> micros -> new TimeOfDay((Long) micros);
            case MicroTimestamp.SCHEMA_NAME ->
                micros -> LocalDateTime.ofInstant(instant((Long) micros), ZoneOffset.UTC);
            case ZonedTimestamp.SCHEMA_NAME -> text -> zoned((String) text);
            case VariableScaleDecimal.LOGICAL_NAME -> struct -> decimal((Struct) struct);
            default -> plain(schema, placeholder);
        };
    }

    private static ConnectValue plain(Schema schema, String placeholder) {
        byte[] placeholderBytes = placeholder.getBytes(StandardCharsets.UTF_8);
        return switch (schema.type()) {
            case INT8, INT16 -> number -> ((Number) number).intValue();
            case STRING -> text -> text.equals(placeholder) ? LogEvent.Absent.UNCHANGED : text;
            case BYTES ->
                bytes -> switch (bytes) {
                    case BigDecimal decimal -> decimal;
                    case byte[] array -> bytes(ByteBuffer.wrap(array), placeholderBytes);
                    case ByteBuffer buffer -> bytes(buffer, placeholderBytes);
                    default -> throw new IllegalStateException("bytes as " + bytes.getClass());
                };
            case ARRAY -> {
                ConnectValue element = of(schema.valueSchema(), placeholder);
                yield list -> {
                    List<@Nullable Object> values = new ArrayList<>();
                    for (Object value : (List<?>) list) {
                        values.add(value == null ? null : element.convert(value));
                    }
                    return values;
                };
            }
            default -> value -> value;
        };
    }

    private static Object bytes(ByteBuffer value, byte[] placeholder) {
        return value.equals(ByteBuffer.wrap(placeholder)) ? LogEvent.Absent.UNCHANGED : value;
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static Object zoned(String text) {
        return switch (text) {
            case "infinity" -> Instant.MAX;
            case "-infinity" -> Instant.MIN;
            default -> OffsetDateTime.parse(text).toInstant();
        };
    }

    private static BigDecimal decimal(Struct struct) {
        return new BigDecimal(
                new BigInteger(struct.getBytes(VariableScaleDecimal.VALUE_FIELD)),
                struct.getInt32(VariableScaleDecimal.SCALE_FIELD));
    }
}
