package io.millrace.gateway.view;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which keys of which views changed in which epoch, for the last minutes. It says what to read again, never what is there: a key too
 * many does no harm.
 */
final class ChangedKeys {
    private static final int OVERHEAD_BYTES = 64;

    /** Keys of a view that one epoch changed, in all lanes. */
    private static final class Keys {
        boolean whole;
        final List<ByteBuffer> keys = new ArrayList<>();
    }

    private static final class Epoch {
        long position;
        Instant committedAt = Instant.EPOCH;
        long bytes;
        final Map<String, Keys> views = new HashMap<>();
    }

    /**
     * What changed in a view.
     *
     * @param whole all of its rows may have
     */
    record Changed(boolean whole, Set<ByteBuffer> keys) {}

    private final NavigableMap<Long, Epoch> epochs = new TreeMap<>();

    /** By lane: every epoch after this one is known. */
    private final long[] begin;

    /** By lane: up to this epoch. */
    private final long[] end;

    private long bytes;

    /** Knows nothing yet. */
    ChangedKeys(int lanes) {
        begin = new long[lanes];
        end = new long[lanes];
        Arrays.fill(begin, Long.MAX_VALUE);
        Arrays.fill(end, Long.MIN_VALUE);
    }

    /** A lane is known after this epoch, and has been read up to it. */
    synchronized void begin(int lane, long epoch) {
        begin[lane] = epoch;
        end[lane] = Math.max(end[lane], epoch);
        notifyAll();
    }

    /** Where a lane has been read up to. */
    synchronized long end(int lane) {
        return end[lane];
    }

    /** @param position in the source's log, at the end of the epoch */
    synchronized void add(
            long epoch, long position, Instant committedAt, String view, boolean whole, List<ByteBuffer> keys) {
        Epoch at = epoch(epoch, position, committedAt);
        Keys changed = at.views.computeIfAbsent(view, first -> new Keys());
        changed.whole |= whole;
        if (!whole) {
            changed.keys.addAll(keys);
            long more = keys.stream()
                    .mapToLong(key -> key.remaining() + OVERHEAD_BYTES)
                    .sum();
            at.bytes += more;
            bytes += more;
        }
    }

    private Epoch epoch(long epoch, long position, Instant committedAt) {
        Epoch at = epochs.computeIfAbsent(epoch, first -> {
            bytes += OVERHEAD_BYTES;
            return new Epoch();
        });
        at.position = Math.max(at.position, position);
        at.committedAt = committedAt;
        return at;
    }

    /** All of a lane's changes of an epoch are added. */
    synchronized void complete(int lane, long epoch, long position, Instant committedAt) {
        epoch(epoch, position, committedAt);
        end[lane] = epoch;
        notifyAll();
    }

    /** Whether everything after an epoch is known. */
    synchronized boolean covers(long epoch) {
        return Arrays.stream(begin).allMatch(from -> from <= epoch);
    }

    /** Waits until everything up to an epoch is known; returns whether it is. */
    synchronized boolean await(long epoch, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + millis * 1_000_000;
        while (Arrays.stream(end).anyMatch(to -> to < epoch)) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    /** What changed after one epoch, up to another. */
    synchronized Changed between(String view, long from, long to) {
        Set<ByteBuffer> keys = new LinkedHashSet<>();
        boolean whole = false;
        for (Epoch epoch : epochs.subMap(from, false, Math.max(from, to), true).values()) {
            Keys changed = epoch.views.get(view);
            if (changed != null) {
                whole |= changed.whole;
                keys.addAll(changed.keys);
            }
        }
        return new Changed(whole, keys);
    }

    /** The last epoch that ends at a position or before it; empty if that is not known any more. */
    synchronized OptionalLong epochAt(long position) {
        long first = Arrays.stream(begin).max().orElseThrow();
        for (Map.Entry<Long, Epoch> epoch : epochs.descendingMap().entrySet()) {
            if (epoch.getKey() >= first && epoch.getValue().position <= position) {
                return OptionalLong.of(epoch.getKey());
            }
        }
        return OptionalLong.empty();
    }

    /** Forgets the oldest epochs of those up to one: all that were committed before a time, and more while there are too many bytes. */
    synchronized void forget(long upTo, Instant before, long mostBytes) {
        while (!epochs.isEmpty()) {
            Map.Entry<Long, Epoch> oldest = epochs.firstEntry();
            boolean tooOld = oldest.getValue().committedAt.isBefore(before);
            // The last one says where the next begins.
            if (oldest.getKey() >= upTo || !tooOld && bytes <= mostBytes) {
                return;
            }
            epochs.pollFirstEntry();
            bytes -= oldest.getValue().bytes + OVERHEAD_BYTES;
            for (int lane = 0; lane < begin.length; lane++) {
                if (begin[lane] != Long.MAX_VALUE) {
                    begin[lane] = Math.max(begin[lane], oldest.getKey());
                }
            }
        }
    }

    synchronized long bytes() {
        return bytes;
    }
}
