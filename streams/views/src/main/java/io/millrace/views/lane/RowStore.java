package io.millrace.views.lane;

import io.millrace.schemas.TableName;
import io.millrace.schemas.registry.Framing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** The newest row of every key of every table of a lane: the engine's only durable state. */
final class RowStore {
    private final KeyValueStore<Bytes, byte[]> store;
    private final Map<TableName, byte[]> prefixes = new HashMap<>();

    RowStore(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /** @param framedKey the row topic's key; the id of its schema does not matter */
    Bytes key(TableName table, ByteBuffer framedKey) {
        byte[] prefix = prefix(table);
        int length = framedKey.remaining() - Framing.HEADER;
        byte[] key = Arrays.copyOf(prefix, prefix.length + length);
        framedKey.get(framedKey.position() + Framing.HEADER, key, prefix.length, length);
        return Bytes.wrap(key);
    }

    private byte[] prefix(TableName table) {
        return prefixes.computeIfAbsent(table, name -> (name + "\0").getBytes(StandardCharsets.UTF_8));
    }

    byte @Nullable [] get(Bytes key) {
        return store.get(key);
    }

    /** @param rows null for those that go */
    void putAll(Map<Bytes, byte @Nullable []> rows) {
        List<KeyValue<Bytes, byte[]>> entries = new ArrayList<>(rows.size());
        rows.forEach((key, row) -> entries.add(KeyValue.pair(key, row)));
        store.putAll(entries);
    }

    /** How many rows there are, estimated. */
    long about() {
        return store.approximateNumEntries();
    }

    void forEach(BiConsumer<TableName, byte[]> each) {
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> entry = all.next();
                each.accept(table(entry.key), entry.value);
            }
        }
    }

    /** Tables with at least one row. */
    List<TableName> tables() {
        List<TableName> tables = new ArrayList<>();
        byte[] from = {};
        while (true) {
            try (KeyValueIterator<Bytes, byte[]> next = store.range(Bytes.wrap(from), null)) {
                if (!next.hasNext()) {
                    return tables;
                }
                TableName table = table(next.next().key);
                tables.add(table);
                from = after(table);
            }
        }
    }

    private byte[] after(TableName table) {
        byte[] to = prefix(table).clone();
        to[to.length - 1] = 1;
        return to;
    }

    void forEachKey(TableName table, java.util.function.Consumer<Bytes> each) {
        byte[] from = prefix(table);
        try (KeyValueIterator<Bytes, byte[]> range = store.range(Bytes.wrap(from), Bytes.wrap(after(table)))) {
            while (range.hasNext()) {
                each.accept(range.next().key);
            }
        }
    }

    static TableName table(Bytes key) {
        byte[] bytes = key.get();
        int end = 0;
        while (bytes[end] != 0) {
            end++;
        }
        return TableName.parse(new String(bytes, 0, end, StandardCharsets.UTF_8));
    }
}
