package io.millrace.views.lane;

import io.millrace.schemas.avro.Epoch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** The earlier parts of an epoch that is not complete yet. */
final class EpochParts {
    private final KeyValueStore<Bytes, byte[]> store;
    private final Function<byte[], Epoch> reader;

    EpochParts(KeyValueStore<Bytes, byte[]> store, Function<byte[], Epoch> reader) {
        this.store = store;
        this.reader = reader;
    }

    void keep(Epoch part, byte[] record) {
        if (part.getPart() == 0) {
            // An interrupted snapshot is taken again: its first attempt counts for nothing.
            drop();
        }
        store.put(key(part.getEpoch(), part.getPart()), record);
    }

    /** Whether every part before the last one is here, of the same epoch. */
    boolean precede(Epoch last) {
        int next = 0;
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (next < last.getPart() && all.hasNext() && all.next().key.equals(key(last.getEpoch(), next))) {
                next++;
            }
        }
        return next == last.getPart();
    }

    void forEach(Consumer<Epoch> each) {
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (all.hasNext()) {
                each.accept(reader.apply(all.next().value));
            }
        }
    }

    void drop() {
        List<Bytes> keys = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (all.hasNext()) {
                keys.add(all.next().key);
            }
        }
        keys.forEach(store::delete);
    }

    private static Bytes key(long epoch, int part) {
        return Bytes.wrap(ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                .putLong(epoch)
                .putInt(part)
                .array());
    }
}
