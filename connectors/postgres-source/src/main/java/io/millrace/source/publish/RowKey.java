package io.millrace.source.publish;

import java.util.Arrays;

/** The key of a row record, as a key of maps. */
record RowKey(byte[] bytes) {
    @Override
    public boolean equals(Object other) {
        return other instanceof RowKey key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
