package io.millrace.views.plan;

import io.millrace.schemas.row.PgType;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate over the rows of a group.
 *
 * @param argument column of the input, or null for {@code COUNT(*)}
 * @param distinct whether equal arguments count once
 * @param filter boolean column of the input that says which rows take part, or null for all
 * @param type of the result, as Postgres has it: {@code sum(int4)} is int8, {@code sum(int8)} and {@code avg} are numeric
 */
public record AggregateCall(
        Function function,
        @Nullable Integer argument,
        boolean distinct,
        @Nullable Integer filter,
        PgType type) {
    /** What is computed. */
    public enum Function {
        COUNT,
        SUM,
        AVG,
        MIN,
        MAX
    }
}
