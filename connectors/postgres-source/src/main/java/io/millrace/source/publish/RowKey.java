package io.millrace.source.publish;

import io.millrace.schemas.registry.Framing;
import java.util.Arrays;

/** The key of a row record, as a key of maps: the id of the key's schema, which may change, does not matter. */
record RowKey(byte[] framed) {
    @Override
    public boolean equals(Object other) {
        return other instanceof RowKey key
                && Arrays.equals(framed, Framing.HEADER, framed.length, key.framed, Framing.HEADER, key.framed.length);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = Framing.HEADER; i < framed.length; i++) {
            hash = 31 * hash + framed[i];
        }
        return hash;
    }
}
