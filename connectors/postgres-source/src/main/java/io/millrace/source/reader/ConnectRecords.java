package io.millrace.source.reader;

import io.millrace.schemas.Lsn;
import io.millrace.schemas.TableName;
import io.millrace.schemas.row.Clock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Debezium's records as log events. Not thread-safe. */
final class ConnectRecords {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectRecords.class);
    private static final String ACTOR_PREFIX = "millrace.actor";

    private final String transactionTopic;
    private final String messageTopic;
    private final String placeholder;

    /** By identity: every relation message brings a new schema. */
    private final IdentityHashMap<Schema, Layout> layouts = new IdentityHashMap<>();

    private record Layout(List<String> columns, List<Field> fields, List<ConnectValue> values) {}

    ConnectRecords(String topicPrefix, String placeholder) {
        this.transactionTopic = topicPrefix + ".transaction";
        this.messageTopic = topicPrefix + ".message";
        this.placeholder = placeholder;
    }

    /** The event, or null for what means nothing to us. */
    @Nullable LogEvent decode(SourceRecord record) {
        if (record.topic().equals(transactionTopic)) {
            return boundary(record);
        }
        Struct value = (Struct) record.value();
        if (record.topic().equals(messageTopic)) {
            return message(record, value);
        }
        Struct source = value.getStruct("source");
        TableName table = new TableName(source.getString("schema"), source.getString("table"));
        return switch (value.getString("op")) {
            case "c" -> row(value, "after", (columns, row) -> new LogEvent.Insert(table, columns, row));
            case "u" -> row(value, "after", (columns, row) -> new LogEvent.Update(table, columns, row));
            case "d" -> row(value, "before", (columns, row) -> new LogEvent.Delete(table, columns, row));
            case "t" -> new LogEvent.Truncate(table);
            default -> throw new IllegalStateException("operation " + value.getString("op") + " on " + table);
        };
    }

    private LogEvent boundary(SourceRecord record) {
        Struct value = (Struct) record.value();
        if (value.getString("status").equals("BEGIN")) {
            String id = value.getString("id");
            return new LogEvent.Begin(Long.parseLong(id, 0, id.indexOf(':'), 10));
        }
        long micros = offset(record, "ts_usec");
        return new LogEvent.Commit(
                new Lsn(offset(record, "lsn_commit")), Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
    }

    private static long offset(SourceRecord record, String field) {
        return (Long) Objects.requireNonNull(record.sourceOffset().get(field), field);
    }

    private @Nullable LogEvent message(SourceRecord record, Struct value) {
        if (value.getStruct("transaction") == null) {
            return new LogEvent.Reached(new Lsn(offset(record, "lsn")));
        }
        Struct message = value.getStruct("message");
        String content = StandardCharsets.UTF_8
                .decode(ByteBuffer.wrap(message.getBytes("content")))
                .toString();
        return switch (message.getString("prefix")) {
            case ACTOR_PREFIX -> new LogEvent.Actor(content);
            case Clock.PREFIX -> clock(content);
            default -> null;
        };
    }

    private static @Nullable LogEvent clock(String content) {
        try {
            return new LogEvent.Clock(LocalDate.parse(content));
        } catch (DateTimeParseException malformed) {
            LOG.warn("a message of prefix {} is no date and is passed over: '{}'", Clock.PREFIX, content);
            return null;
        }
    }

    private interface RowEvent {
        LogEvent of(List<String> columns, @Nullable Object[] row);
    }

    private LogEvent row(Struct value, String image, RowEvent event) {
        Struct struct = value.getStruct(image);
        Layout layout = layouts.computeIfAbsent(
                struct.schema(),
                schema -> new Layout(
                        schema.fields().stream().map(Field::name).toList(),
                        schema.fields(),
                        schema.fields().stream()
                                .map(field -> ConnectValue.of(field.schema(), placeholder))
                                .toList()));
        @Nullable Object[] row = new @Nullable Object[layout.columns.size()];
        for (int i = 0; i < row.length; i++) {
            Object connect = struct.getWithoutDefault(layout.fields.get(i).name());
            row[i] = connect == null ? null : layout.values.get(i).convert(connect);
        }
        return event.of(layout.columns, row);
    }
}
