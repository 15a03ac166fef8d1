package io.millrace.schemas;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/** A partition of a source's feed: all rows of one tenant are in one lane, in commit order. */
public record Lane(int index) implements Comparable<Lane> {
    public Lane {
        if (index < 0) {
            throw new IllegalArgumentException("lane must not be negative: " + index);
        }
    }

    /** The lane of a row: a hash of its lane column's value, written as Postgres writes it. */
    public static Lane of(String laneColumnText, int lanes) {
        byte[] utf8 = laneColumnText.getBytes(StandardCharsets.UTF_8);
        return new Lane(Utils.toPositive(Utils.murmur2(utf8)) % lanes);
    }

    @Override
    public int compareTo(Lane other) {
        return Integer.compare(index, other.index);
    }

    @Override
    public String toString() {
        return Integer.toString(index);
    }
}
