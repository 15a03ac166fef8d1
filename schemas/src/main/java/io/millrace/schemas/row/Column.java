package io.millrace.schemas.row;

/**
 * A column of a table or view.
 *
 * @param description a comment for readers; may be empty
 */
public record Column(String name, PgType type, boolean nullable, String description) {
    public Column(String name, PgType type, boolean nullable) {
        this(name, type, nullable, "");
    }
}
