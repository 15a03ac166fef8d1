package io.millrace.source.snapshot;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which transactions' changes a snapshot sees, as {@code pg_current_snapshot} tells it.
 *
 * @param xmin every transaction before it is seen, unless it was rolled back
 * @param xmax none from it on is seen
 * @param running those in between that are not seen
 */
record Visible(long xmin, long xmax, Set<Long> running) {
    private static final int XID_BITS = 32;

    /** @param text {@code 10:20:10,14} */
    static Visible parse(String text) {
        String[] parts = text.split(":", -1);
        Set<Long> running = parts[2].isEmpty()
                ? Set.of()
                : Arrays.stream(parts[2].split(",", -1)).map(Long::valueOf).collect(Collectors.toSet());
        return new Visible(Long.parseLong(parts[0]), Long.parseLong(parts[1]), running);
    }

    /** @param xid of a transaction that is committed by now; its lower 32 bits, as the log has it */
    boolean sees(long xid) {
        long full = full(xid);
        return full < xmin || full < xmax && !running.contains(full);
    }

    /** The number nearest to the snapshot's with these lower bits. */
    private long full(long xid) {
        long full = xmax >> XID_BITS << XID_BITS | xid;
        long half = 1L << (XID_BITS - 1);
        if (full - xmax >= half) {
            return full - (1L << XID_BITS);
        }
        return xmax - full > half ? full + (1L << XID_BITS) : full;
    }
}
