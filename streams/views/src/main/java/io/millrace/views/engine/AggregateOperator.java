package io.millrace.views.engine;

import io.millrace.views.plan.AggregateCall;
import io.millrace.views.plan.Node;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One row per group. */
final class AggregateOperator implements Operator {
    private final int[] groupBy;
    private final AggregateCall[] calls;
    private final Failures failures;
    private final Map<Row, Group> groups = new HashMap<>();

    private final class Group {
        /** Of the columns to group by, as {@link Row}s. */
        private final Shown values = new Shown();

        private final Accumulator[] accumulators = new Accumulator[calls.length];
        private long rows;
        /** What was given for the group last; null if nothing. */
        private @Nullable Object @Nullable [] shown;

        private @Nullable RuntimeException failed;
        private @Nullable Object[] failedValues = new @Nullable Object[0];

        Group() {
            for (int i = 0; i < calls.length; i++) {
                accumulators[i] = Accumulator.of(calls[i]);
            }
        }

        void add(@Nullable Object[] row, int weight) {
            rows += weight;
            values.add(Row.of(Row.pick(row, groupBy)), weight);
            for (int i = 0; i < calls.length; i++) {
                AggregateCall call = calls[i];
                if (call.filter() != null && !Boolean.TRUE.equals(row[call.filter()])) {
                    continue;
                }
                Object value = argument(row, call);
                if (value != null) {
                    accumulators[i].add(value, weight);
                }
            }
        }

        /** Null if the row does not take part. */
        private static @Nullable Object argument(@Nullable Object[] row, AggregateCall call) {
            List<Integer> arguments = call.arguments();
            if (arguments.isEmpty()) {
                return true;
            }
            if (arguments.size() == 1 && call.order().isEmpty()) {
                return row[arguments.getFirst()];
            }
            @Nullable Object[] values =
                    new @Nullable Object[arguments.size() + call.order().size()];
            for (int i = 0; i < arguments.size(); i++) {
                values[i] = row[arguments.get(i)];
                if (values[i] == null) {
                    return null;
                }
            }
            for (int i = 0; i < call.order().size(); i++) {
                values[arguments.size() + i] = row[call.order().get(i).column()];
            }
            return Row.of(values);
        }

        /** Of the columns to group by; of no rows, nulls. */
        private @Nullable Object[] values() {
            return values.value() instanceof Row shown ? shown.values() : new @Nullable Object[groupBy.length];
        }

        @Nullable Object[] result() {
            @Nullable Object[] row = new @Nullable Object[groupBy.length + calls.length];
            System.arraycopy(values(), 0, row, 0, groupBy.length);
            for (int i = 0; i < calls.length; i++) {
                row[groupBy.length + i] = accumulators[i].result();
            }
            return row;
        }
    }

    AggregateOperator(Node.Aggregate aggregate, Failures failures) {
        this.groupBy = Row.indexes(aggregate.groupBy());
        this.calls = aggregate.calls().toArray(AggregateCall[]::new);
        this.failures = failures;
    }

    @Override
    public Delta initial() {
        Delta out = new Delta();
        if (groupBy.length == 0) {
            Group all = new Group();
            groups.put(Row.key(new @Nullable Object[0], groupBy), all);
            show(all, out);
        }
        return out;
    }

    @Override
    public Delta apply(List<Delta> inputs) {
        Map<Row, Group> touched = new LinkedHashMap<>();
        for (Delta.Change change : inputs.getFirst().changes()) {
            Row key = Row.key(change.row(), groupBy);
            Group group = groups.computeIfAbsent(key, unseen -> new Group());
            touched.put(key, group);
            group.add(change.row(), change.weight());
        }
        Delta out = new Delta();
        touched.forEach((key, group) -> {
            hide(group, out);
            if (group.rows == 0 && groupBy.length > 0) {
                groups.remove(key);
            } else {
                show(group, out);
            }
        });
        return out;
    }

    private void hide(Group group, Delta out) {
        if (group.shown != null) {
            out.add(group.shown, -1);
            group.shown = null;
        }
        if (group.failed != null) {
            failures.add(group.failedValues, -1, group.failed);
            group.failed = null;
        }
    }

    private void show(Group group, Delta out) {
        try {
            @Nullable Object[] row = group.result();
            group.shown = row;
            out.add(row, 1);
        } catch (RuntimeException failed) {
            group.failed = failed;
            group.failedValues = group.values();
            failures.add(group.failedValues, 1, failed);
        }
    }

    @Override
    public long stateSize() {
        return groups.size();
    }
}
