package io.millrace.views.engine;

import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.SpecialNumeric;
import io.millrace.views.expression.PgNumeric;
import io.millrace.views.expression.PgOrder;
import io.millrace.views.plan.AggregateCall;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An aggregate of one group, which rows come into and go out of. */
interface Accumulator {
    /** @param value of the argument, not null; of several, or with an order, a {@link Row} of them and of what to order by */
    void add(Object value, int weight);

    /** @throws io.millrace.views.plan.ExpressionFailure if Postgres would raise an error */
    @Nullable Object result();

    static Accumulator of(AggregateCall call) {
        Accumulator plain = switch (call.function()) {
            case COUNT -> new Count();
            case SUM -> new Sum(call.type());
            case AVG -> new Average();
            case MIN -> new Extreme(true);
            case MAX -> new Extreme(false);
            case WEIGHTED_AVERAGE_COST -> new WeightedAverageCost(call.order());
        };
        return call.distinct() ? new Distinct(plain) : plain;
    }

    /** How many. */
    final class Count implements Accumulator {
        private long count;

        @Override
        public void add(Object value, int weight) {
            count += weight;
        }

        @Override
        public Object result() {
            return count;
        }
    }

    /** A sum, its count, and the scales of what is in it: Postgres shows the largest of them. */
    final class Total {
        private BigDecimal sum = BigDecimal.ZERO;
        private long count;
        private final TreeMap<Integer, Long> scales = new TreeMap<>();
        private final Map<SpecialNumeric, Long> specials = new EnumMap<>(SpecialNumeric.class);

        void add(Object value, int weight) {
            count += weight;
            if (value instanceof SpecialNumeric special) {
                merge(specials, special, weight);
                return;
            }
            BigDecimal decimal = PgNumeric.of(value);
            sum = sum.add(weight == 1 ? decimal : decimal.multiply(BigDecimal.valueOf(weight)));
            merge(scales, decimal.scale(), weight);
        }

        private static <K> void merge(Map<K, Long> counts, K key, int weight) {
            counts.merge(key, (long) weight, (before, more) -> before + more == 0 ? null : before + more);
        }

        boolean isEmpty() {
            return count == 0;
        }

        /** A {@link BigDecimal}, or NaN or an infinity if one is among the values. */
        Object sum() {
            if (!specials.isEmpty()) {
                return specials.size() > 1
                        ? SpecialNumeric.NAN
                        : specials.keySet().iterator().next();
            }
            return sum.setScale(Math.max(0, scales.lastKey()));
        }

        long count() {
            return count;
        }
    }

    final class Sum implements Accumulator {
        private final PgType type;
        private final Total total = new Total();

        Sum(PgType type) {
            this.type = type;
        }

        @Override
        public void add(Object value, int weight) {
            total.add(value, weight);
        }

        @Override
        public @Nullable Object result() {
            if (total.isEmpty()) {
                return null;
            }
            return type.kind() == PgType.Kind.INT8
                    ? (Object) PgNumeric.toInteger(total.sum(), Long.MIN_VALUE, Long.MAX_VALUE, "bigint")
                    : total.sum();
        }
    }

    final class Average implements Accumulator {
        private final Total total = new Total();

        @Override
        public void add(Object value, int weight) {
            total.add(value, weight);
        }

        @Override
        public @Nullable Object result() {
            return total.isEmpty() ? null : PgNumeric.divide(total.sum(), BigDecimal.valueOf(total.count()));
        }
    }

    /** The least or the greatest value: keeps all, so that the next one is there when it goes. */
    final class Extreme implements Accumulator {
        private final boolean least;
        private final TreeMap<Object, Bag> values = new TreeMap<>(PgOrder.INSTANCE);

        Extreme(boolean least) {
            this.least = least;
        }

        @Override
        public void add(Object value, int weight) {
            Bag equal = values.computeIfAbsent(value, unseen -> new Bag());
            equal.add(new Object[] {value}, weight);
            if (equal.isEmpty()) {
                values.remove(value);
            }
        }

        @Override
        public @Nullable Object result() {
            if (values.isEmpty()) {
                return null;
            }
            // Of equal values with different scales, any may be shown; this one is there.
            @Nullable Object[] shown = new @Nullable Object[1];
            (least ? values.firstEntry() : values.lastEntry()).getValue().forEach((row, count) -> shown[0] = row[0]);
            return shown[0];
        }
    }

    /** Each value once, however often it is there; of equal ones with different scales, one that is there. */
    final class Distinct implements Accumulator {
        private final Accumulator once;
        private final Map<Object, Shown> values = new HashMap<>();

        Distinct(Accumulator once) {
            this.once = once;
        }

        @Override
        public void add(Object value, int weight) {
            Object canonical = PgOrder.canonical(value);
            Shown shown = values.get(canonical);
            @Nullable Object before = shown == null ? null : shown.value();
            if (shown == null) {
                shown = new Shown();
                values.put(canonical, shown);
            }
            shown.add(value, weight);
            @Nullable Object after = shown.value();
            if (after == null) {
                values.remove(canonical);
            }
            if (!Objects.equals(before, after)) {
                if (before != null) {
                    once.add(before, -1);
                }
                if (after != null) {
                    once.add(after, 1);
                }
            }
        }

        @Override
        public @Nullable Object result() {
            return once.result();
        }
    }
}
