package io.millrace.views.lane;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** A store in memory, which can be copied. */
final class TreeStore<K extends Comparable<K>, V> implements KeyValueStore<K, V> {
    private final NavigableMap<K, V> entries;

    TreeStore() {
        this(new TreeMap<>());
    }

    private TreeStore(NavigableMap<K, V> entries) {
        this.entries = entries;
    }

    TreeStore<K, V> copy() {
        return new TreeStore<>(new TreeMap<>(entries));
    }

    @Override
    public void put(K key, @Nullable V value) {
        if (value == null) {
            entries.remove(key);
        } else {
            entries.put(key, value);
        }
    }

    @Override
    public @Nullable V putIfAbsent(K key, V value) {
        return entries.putIfAbsent(key, value);
    }

    @Override
    public void putAll(List<KeyValue<K, V>> all) {
        all.forEach(entry -> put(entry.key, entry.value));
    }

    @Override
    public @Nullable V delete(K key) {
        return entries.remove(key);
    }

    @Override
    public @Nullable V get(K key) {
        return entries.get(key);
    }

    @Override
    public KeyValueIterator<K, V> range(@Nullable K from, @Nullable K to) {
        NavigableMap<K, V> range = from == null ? entries : entries.tailMap(from, true);
        return over(to == null ? range : range.headMap(to, true));
    }

    @Override
    public KeyValueIterator<K, V> all() {
        return over(entries);
    }

    @Override
    public long approximateNumEntries() {
        return entries.size();
    }

    private static <K, V> KeyValueIterator<K, V> over(Map<K, V> map) {
        Iterator<Map.Entry<K, V>> entries = map.entrySet().iterator();
        return new KeyValueIterator<>() {
            @Override
            public void close() {
                // Nothing is held.
            }

            @Override
            public K peekNextKey() {
                throw new UnsupportedOperationException();
            }

            @Override
            public boolean hasNext() {
                return entries.hasNext();
            }

            @Override
            public KeyValue<K, V> next() {
                Map.Entry<K, V> next = entries.next();
                return KeyValue.pair(next.getKey(), next.getValue());
            }
        };
    }

    @Override
    public String name() {
        return "tree";
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        // Nothing to open.
    }

    @Override
    @SuppressWarnings("deprecation")
    public void flush() {
        // Nothing is behind it.
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return true;
    }
}
