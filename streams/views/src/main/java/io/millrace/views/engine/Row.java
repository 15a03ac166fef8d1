package io.millrace.views.engine;

import io.millrace.views.expression.PgOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Some values, as a key of maps. Equal are values of equal type and text: 1.0 is not 1.00. */
record Row(@Nullable Object[] values, int hash) {
    static Row of(@Nullable Object[] values) {
        return new Row(values, Arrays.hashCode(values));
    }

    /** The given columns in the form in which what Postgres holds equal is equal: 1.0 is 1.00, null is null. */
    static Row key(@Nullable Object[] row, int[] columns) {
        @Nullable Object[] key = new @Nullable Object[columns.length];
        for (int i = 0; i < columns.length; i++) {
            Object value = row[columns[i]];
            key[i] = value == null ? null : PgOrder.canonical(value);
        }
        return of(key);
    }

    static @Nullable Object[] pick(@Nullable Object[] row, int[] columns) {
        @Nullable Object[] picked = new @Nullable Object[columns.length];
        for (int i = 0; i < columns.length; i++) {
            picked[i] = row[columns[i]];
        }
        return picked;
    }

    static int[] indexes(List<Integer> columns) {
        return columns.stream().mapToInt(Integer::intValue).toArray();
    }

    boolean hasNull() {
        for (Object value : values) {
            if (value == null) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Row row && hash == row.hash && Arrays.equals(values, row.values);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
