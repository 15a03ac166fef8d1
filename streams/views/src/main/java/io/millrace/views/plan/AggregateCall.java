package io.millrace.views.plan;

import io.millrace.schemas.row.PgType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate over the rows of a group.
 *
 * @param arguments columns of the input; none for {@code COUNT(*)}. A row in which one of them is null does not take part
 * @param order in which the rows are taken, where that matters
 * @param distinct whether equal arguments count once
 * @param filter boolean column of the input that says which rows take part, or null for all
 * @param type of the result, as Postgres has it: {@code sum(int4)} is int8, {@code sum(int8)} and {@code avg} are numeric
 */
public record AggregateCall(
        Function function,
        List<Integer> arguments,
        List<Order> order,
        boolean distinct,
        @Nullable Integer filter,
        PgType type) {
    /** What is computed. */
    public enum Function {
        COUNT,
        SUM,
        AVG,
        MIN,
        MAX,
        /** Of quantities and unit costs, in order: what a unit in stock has cost on average. */
        WEIGHTED_AVERAGE_COST
    }

    /** A column to order by. */
    public record Order(int column, boolean descending, boolean nullsFirst) {}
}
