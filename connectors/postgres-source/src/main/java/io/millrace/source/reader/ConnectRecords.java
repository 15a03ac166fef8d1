package io.millrace.source.reader;

import io.millrace.schemas.Lsn;
import io.millrace.schemas.TableName;
import io.millrace.source.ColumnChoice;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Debezium's records as log events. Not thread-safe. */
final class ConnectRecords {
    /** A key change comes as a delete and an insert, whose headers tell it. */
    private static final String NEW_KEY = "__debezium.newkey";

    private static final String OLD_KEY = "__debezium.oldkey";

    private final String transactionTopic;
    private final String messageTopic;
    private final String placeholder;
    private final ColumnChoice choice;

    /** By identity: every relation message brings a new schema. */
    private final IdentityHashMap<Schema, Layout> layouts = new IdentityHashMap<>();

    /** The row whose key is being changed. */
    private @Nullable Object @Nullable [] before;

    private record Layout(LogTable table, List<Field> fields, List<ConnectValue> values) {}

    ConnectRecords(String topicPrefix, String placeholder, ColumnChoice choice) {
        this.transactionTopic = topicPrefix + ".transaction";
        this.messageTopic = topicPrefix + ".message";
        this.placeholder = placeholder;
        this.choice = choice;
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
        TableName name = new TableName(source.getString("schema"), source.getString("table"));
        return switch (value.getString("op")) {
            case "c" -> created(record, name, value.getStruct("after"));
            case "u" -> {
                Struct after = value.getStruct("after");
                yield new LogEvent.Update(table(name, after), null, row(name, after, null));
            }
            case "d" -> deleted(record, name, value.getStruct("before"));
            case "t" -> new LogEvent.Truncate(List.of(new LogTable(name, 0, List.of())));
            default -> throw new IllegalStateException("operation " + value.getString("op") + " on " + name);
        };
    }

    private LogEvent created(SourceRecord record, TableName name, Struct after) {
        @Nullable Object[] row = row(name, after, null);
        @Nullable Object[] old = before;
        before = null;
        return record.headers().lastWithName(OLD_KEY) == null || old == null
                ? new LogEvent.Insert(table(name, after), row)
                : new LogEvent.Update(table(name, after), old, row);
    }

    private @Nullable LogEvent deleted(SourceRecord record, TableName name, Struct struct) {
        // What is not of the key may be made up.
        @Nullable Object[] row = row(name, struct, ((Struct) record.key()).schema());
        if (record.headers().lastWithName(NEW_KEY) != null) {
            before = row;
            return null;
        }
        return new LogEvent.Delete(table(name, struct), row);
    }

    private LogEvent boundary(SourceRecord record) {
        Struct value = (Struct) record.value();
        if (value.getString("status").equals("BEGIN")) {
            String id = value.getString("id");
            return new LogEvent.Begin(Long.parseLong(id, 0, id.indexOf(':'), 10), null);
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
        return LogMessages.event(message.getString("prefix"), content);
    }

    private LogTable table(TableName name, Struct struct) {
        return layout(name, struct.schema()).table;
    }

    private Layout layout(TableName name, Schema schema) {
        Layout known = layouts.get(schema);
        if (known == null) {
            List<Field> fields = schema.fields().stream()
                    .filter(field -> choice.has(name, field.name()))
                    .toList();
            known = new Layout(
                    new LogTable(
                            name,
                            0,
                            fields.stream()
                                    .map(field -> new LogTable.LogColumn(field.name(), null, false))
                                    .toList()),
                    fields,
                    fields.stream()
                            .map(field -> ConnectValue.of(field.schema(), placeholder))
                            .toList());
            layouts.put(schema, known);
        }
        return known;
    }

    /** @param known the only columns whose values are known; null for all */
    private @Nullable Object[] row(TableName name, Struct struct, @Nullable Schema known) {
        Layout layout = layout(name, struct.schema());
        @Nullable Object[] row = new @Nullable Object[layout.fields.size()];
        for (int i = 0; i < row.length; i++) {
            String column = layout.fields.get(i).name();
            Object connect = struct.getWithoutDefault(column);
            if (known != null && known.field(column) == null) {
                row[i] = LogEvent.Absent.UNKNOWN;
            } else {
                row[i] = connect == null ? null : layout.values.get(i).convert(connect);
            }
        }
        return row;
    }
}
