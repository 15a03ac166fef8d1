package io.millrace.source.publish;

import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How large a row may be in Postgres at most. Postgres moves values out of line only where a row is larger than a limit, and only
 * such values are left out of the log.
 */
final class DiskSize {
    /** Of a fixed-size value, of alignment, and of the lengths that stand before values. */
    private static final int OVERHEAD = 32;

    /** An array, a document or a range may be so much larger than its text: a number of one digit can take eight bytes and a header. */
    private static final int LARGEST_FACTOR = 8;

    private final boolean[] plain;

    DiskSize(List<Column> columns) {
        plain = new boolean[columns.size()];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = isPlain(columns.get(i).type());
        }
    }

    /** Whether a value is stored as the characters of its text. */
    private static boolean isPlain(PgType type) {
        String name = type.name();
        return type.kind() != PgType.Kind.ARRAY
                && (type.kind() != PgType.Kind.TEXT
                        || name.startsWith("text")
                        || name.startsWith("character")
                        || name.equals("json")
                        || name.equals("xml")
                        || name.equals("uuid")
                        || name.equals("name"));
    }

    /** An upper bound, in bytes. */
    long atMost(@Nullable Object[] row) {
        long size = 0;
        for (int i = 0; i < row.length; i++) {
            long value = row[i] == null ? 0 : of(row[i]);
            size += OVERHEAD + (plain[i] ? value : value * LARGEST_FACTOR);
        }
        return size;
    }

    private static long of(Object value) {
        return switch (value) {
            case String text -> utf8(text);
            case ByteBuffer bytes -> bytes.remaining();
            case BigDecimal number -> number.precision();
            case List<?> values -> {
                long size = 0;
                for (Object element : values) {
                    size += 1 + (element == null ? 0 : of(element));
                }
                yield size;
            }
            // A fixed size: in the overhead, or in the factor of an array.
            default -> 1;
        };
    }

    private static long utf8(String text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }
}
