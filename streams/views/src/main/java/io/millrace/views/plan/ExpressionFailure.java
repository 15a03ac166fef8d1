package io.millrace.views.plan;

/** An expression that has no value for a row: Postgres would raise an error. The row is kept out of the view. */
public final class ExpressionFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param reason in Postgres' words where it has some: "division by zero" */
    public ExpressionFailure(String reason) {
        super(reason, null, false, false);
    }
}
