package io.millrace.schemas.row;

/** Values of Postgres' {@code numeric} that are not numbers. */
public enum SpecialNumeric {
    NAN("NaN"),
    POSITIVE_INFINITY("Infinity"),
    NEGATIVE_INFINITY("-Infinity");

    private final String text;

    SpecialNumeric(String text) {
        this.text = text;
    }

    /** As Postgres writes it. */
    @Override
    public String toString() {
        return text;
    }
}
