package io.millrace.views.engine;

import io.millrace.views.plan.ExpressionFailure;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What fits in a record of a topic, with its key beside it, and in an index of the analytics database. A row that does not is kept
 * out of its view like one on which an expression fails: no single value may end the others.
 */
final class RowSize {
    /** Postgres indexes at most 2,704 bytes, what is around the values included. */
    static final int LARGEST_KEY = 2_500;

    /** Of 8 MiB that a record may have; a batch has up to 1 MiB of other rows before it. */
    static final int LARGEST_ROW = 6 * 1024 * 1024;

    private static final int OTHER_VALUE = 16;
    private static final int BYTES_OF_CHARACTER = 3;

    private RowSize() {}

    /** @param key indexes of the key's columns; returns null if the row fits */
    static @Nullable ExpressionFailure problem(@Nullable Object[] row, int[] key) {
        long ofKey = 0;
        for (int column : key) {
            ofKey += bytes(row[column]);
        }
        if (ofKey > LARGEST_KEY) {
            return new ExpressionFailure("its key has " + ofKey + " bytes, and a view's key may have " + LARGEST_KEY
                    + ": make the key shorter in the view's query, such as by left(…, 500)");
        }
        long all = ofKey;
        for (Object value : row) {
            all += bytes(value);
        }
        return all <= LARGEST_ROW
                ? null
                : new ExpressionFailure("it has " + all + " bytes, and a view's row may have " + LARGEST_ROW
                        + ": select less of its texts, such as by left(…, 1000)");
    }

    private static long bytes(@Nullable Object value) {
        if (value instanceof String text) {
            return (long) text.length() * BYTES_OF_CHARACTER > LARGEST_KEY ? exact(text) : text.length();
        }
        return value instanceof BigDecimal number ? number.precision() / 2 + OTHER_VALUE : OTHER_VALUE;
    }

    private static long exact(String text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            // The halves of a pair have two bytes each.
            bytes += letter < 0x80 ? 1 : letter < 0x800 || Character.isSurrogate(letter) ? 2 : 3;
        }
        return bytes;
    }
}
