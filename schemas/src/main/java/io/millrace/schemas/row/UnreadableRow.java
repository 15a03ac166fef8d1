package io.millrace.schemas.row;

import org.jspecify.annotations.Nullable;

/** A row was written when its table had other columns than its reader expects, and cannot be read as one with these. */
public final class UnreadableRow extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Object[] row;

    private UnreadableRow(String message, @Nullable Object[] row, @Nullable RuntimeException cause) {
        super(message, cause);
        this.row = row.clone();
    }

    static UnreadableRow of(Column column, PgType written, @Nullable Object[] row, RuntimeException cause) {
        return new UnreadableRow(
                "column " + column.name() + " was of type " + written
                        + " when the row was written, and the value is no " + column.type()
                        + ", which the views expect: if the column's type was altered, start the hub again",
                row,
                cause);
    }

    static UnreadableRow without(Column column, @Nullable Object[] row) {
        return new UnreadableRow(
                "the row was written without column " + column.name()
                        + ", which the views read: if the column was renamed or dropped, change the views; if it is new, the row is"
                        + " about to be read again",
                row,
                null);
    }

    /** The wanted columns with the values as they were written. */
    public @Nullable Object[] row() {
        return row.clone();
    }
}
