package io.millrace.views.engine;

import io.millrace.views.expression.PgNumeric;
import io.millrace.views.expression.PgOrder;
import io.millrace.views.plan.AggregateCall;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a unit in stock has cost, as movements leave it: what comes in (positive quantity) mixes with what is there at its
 * unit cost, what goes out does not change it, and stock that starts again from nothing costs what it comes in at.
 *
 * <p>Rows are {@code (quantity, unit cost, order…)}. A row that comes or goes in the middle is the beginning of a new
 * calculation from there; one at the end, the usual case, is one step.
 */
final class WeightedAverageCost implements Accumulator {
    /** Decimal places of the average, after each step. */
    static final int SCALE = 6;

    private static final int ARGUMENTS = 2;

    private final TreeMap<@Nullable Object[], Step> steps;

    /** Up to this row (inclusive) the steps are calculated; null for none. */
    private @Nullable Object @Nullable [] calculated;

    private static final class Step {
        private int count;
        private State after = State.NOTHING;
    }

    private record State(BigDecimal quantity, @Nullable BigDecimal average) {
        static final State NOTHING = new State(BigDecimal.ZERO, null);

        State plus(BigDecimal moved, BigDecimal unitCost) {
            BigDecimal now = quantity.add(moved);
            if (moved.signum() <= 0) {
                return new State(now, average);
            }
            if (average == null || quantity.signum() <= 0) {
                return new State(now, PgNumeric.round(unitCost, SCALE));
            }
            BigDecimal value = quantity.multiply(average).add(moved.multiply(unitCost));
            return new State(now, PgNumeric.round(PgNumeric.divide(value, now), SCALE));
        }
    }

    WeightedAverageCost(List<AggregateCall.Order> order) {
        this.steps = new TreeMap<>(comparator(order));
    }

    /** By the order, then by everything else: equal rows are one entry. */
    private static Comparator<@Nullable Object[]> comparator(List<AggregateCall.Order> order) {
        return (left, right) -> {
            for (int i = 0; i < order.size(); i++) {
                int compared = compare(left[ARGUMENTS + i], right[ARGUMENTS + i], order.get(i));
                if (compared != 0) {
                    return compared;
                }
            }
            for (int i = 0; i < ARGUMENTS; i++) {
                int compared =
                        PgOrder.INSTANCE.compare(Objects.requireNonNull(left[i]), Objects.requireNonNull(right[i]));
                if (compared != 0) {
                    return compared;
                }
            }
            return 0;
        };
    }

    private static int compare(@Nullable Object left, @Nullable Object right, AggregateCall.Order order) {
        if (left == null || right == null) {
            int nulls = left == null ? right == null ? 0 : 1 : -1;
            return order.nullsFirst() ? -nulls : nulls;
        }
        int compared = PgOrder.INSTANCE.compare(left, right);
        return order.descending() ? -compared : compared;
    }

    @Override
    public void add(Object value, int weight) {
        @Nullable Object[] row = ((Row) value).values();
        Step step = steps.computeIfAbsent(row, unseen -> new Step());
        step.count += weight;
        if (calculated != null && steps.comparator().compare(row, calculated) <= 0) {
            calculated = steps.lowerKey(row);
        }
        if (step.count == 0) {
            steps.remove(row);
        }
    }

    @Override
    public @Nullable Object result() {
        if (steps.isEmpty()) {
            return null;
        }
        State state = State.NOTHING;
        Map<@Nullable Object[], Step> open = steps;
        if (calculated != null) {
            state = Objects.requireNonNull(steps.get(calculated)).after;
            open = steps.tailMap(calculated, false);
        }
        for (Map.Entry<@Nullable Object[], Step> entry : open.entrySet()) {
            @Nullable Object[] row = entry.getKey();
            for (int i = 0; i < entry.getValue().count; i++) {
                state = state.plus(
                        PgNumeric.of(Objects.requireNonNull(row[0])), PgNumeric.of(Objects.requireNonNull(row[1])));
            }
            entry.getValue().after = state;
        }
        calculated = steps.lastKey();
        return state.average;
    }
}
