package io.millrace.views.engine;

import io.millrace.views.plan.Expression;
import io.millrace.views.plan.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Left rows that have a partner on the right (semi-join), or have none (anti-join), each as often as it is there. */
final class SemiJoinOperator implements Operator {
    private final boolean wanted;
    private final int[] leftKeys;
    private final int[] rightKeys;
    private final @Nullable Expression residual;
    private final int leftWidth;
    private final int rightWidth;
    private final Failures failures;
    private final JoinSide leftRows = new JoinSide();
    private final JoinSide rightRows = new JoinSide();

    SemiJoinOperator(Node.Join join, Failures failures) {
        this.wanted = join.kind() == Node.JoinKind.SEMI;
        this.leftKeys = Row.indexes(join.leftKeys());
        this.rightKeys = Row.indexes(join.rightKeys());
        this.residual = join.residual();
        this.leftWidth = join.left().columns().size();
        this.rightWidth = join.right().columns().size();
        this.failures = failures;
    }

    @Override
    public Delta apply(List<Delta> inputs) {
        Delta out = new Delta();
        Map<Row, Delta> left = new LinkedHashMap<>();
        for (Delta.Change change : inputs.get(0).changes()) {
            Row key = Row.key(change.row(), leftKeys);
            if (!key.hasNull()) {
                left.computeIfAbsent(key, unseen -> new Delta()).add(change.row(), change.weight());
            } else if (!wanted) {
                out.add(change.row(), change.weight());
            }
        }
        Map<Row, Delta> right = new LinkedHashMap<>();
        for (Delta.Change change : inputs.get(1).changes()) {
            Row key = Row.key(change.row(), rightKeys);
            if (!key.hasNull()) {
                right.computeIfAbsent(key, unseen -> new Delta()).add(change.row(), change.weight());
            }
        }
        right.forEach((key, changes) -> applyRight(key, changes, out));
        left.forEach((key, changes) -> {
            Bag partners = rightRows.get(key);
            changes.changes().forEach(change -> {
                give(change.row(), partners, change.weight(), out);
                leftRows.add(key, change);
            });
        });
        return out;
    }

    /** The left rows are those from before: what came and went there is seen with the new partners. */
    private void applyRight(Row key, Delta changes, Delta out) {
        Bag rows = leftRows.get(key);
        Bag before = rightRows.get(key);
        boolean had = before != null;
        if (rows != null && residual != null) {
            rows.forEach((row, count) -> give(row, before, -count, out));
        }
        changes.changes().forEach(change -> rightRows.add(key, change));
        Bag after = rightRows.get(key);
        if (rows == null) {
            return;
        }
        if (residual != null) {
            rows.forEach((row, count) -> give(row, after, count, out));
        } else if (had != (after != null)) {
            int sign = had == wanted ? -1 : 1;
            rows.forEach((row, count) -> out.add(row, sign * count));
        }
    }

    private void give(@Nullable Object[] row, @Nullable Bag partners, int weight, Delta out) {
        if (matches(row, partners, weight) == wanted) {
            out.add(row, weight);
        }
    }

    private boolean matches(@Nullable Object[] row, @Nullable Bag partners, int weight) {
        Expression condition = residual;
        if (partners == null || condition == null) {
            return partners != null;
        }
        // All of them, though one suffices: so that what failed when the row came is the same when it goes.
        boolean[] matched = {false};
        partners.forEach((partner, count) -> {
            @Nullable Object[] joined = new @Nullable Object[leftWidth + rightWidth];
            System.arraycopy(row, 0, joined, 0, leftWidth);
            System.arraycopy(partner, 0, joined, leftWidth, rightWidth);
            try {
                matched[0] |= Boolean.TRUE.equals(condition.evaluate(joined));
            } catch (RuntimeException failed) {
                failures.add(joined, weight * count, failed);
            }
        });
        return matched[0];
    }

    @Override
    public long stateSize() {
        return leftRows.size() + rightRows.size();
    }
}
