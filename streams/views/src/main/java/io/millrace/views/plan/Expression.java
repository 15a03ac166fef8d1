package io.millrace.views.plan;

import org.jspecify.annotations.Nullable;

/**
 * A compiled scalar expression over one row. Values are of the Java types that {@link
 * io.millrace.schemas.row.PgType.Kind} names; semantics are those of Postgres.
 */
@FunctionalInterface
public interface Expression {
    /** @throws ExpressionFailure if Postgres would raise an error, e.g. division by zero */
    @Nullable Object evaluate(@Nullable Object[] row);
}
