package io.millrace.views.engine;

import io.millrace.views.plan.Expression;
import io.millrace.views.plan.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Equi-join with a residual condition. An inner join gives {@code ΔL ⋈ R_old + L_new ⋈ ΔR}; a left join compares, for each
 * key that is touched, its rows before with its rows after.
 */
final class JoinOperator implements Operator {
    private final boolean left;
    private final int[] leftKeys;
    private final int[] rightKeys;
    private final @Nullable Expression residual;
    private final int leftWidth;
    private final int rightWidth;
    private final Failures failures;
    private final JoinSide leftRows = new JoinSide();
    private final JoinSide rightRows = new JoinSide();

    JoinOperator(Node.Join join, Failures failures) {
        this.left = join.kind() == Node.JoinKind.LEFT;
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
        if (left) {
            applyLeft(inputs.get(0), inputs.get(1), out);
        } else {
            applyInner(inputs.get(0), inputs.get(1), out);
        }
        return out;
    }

    private void applyInner(Delta leftDelta, Delta rightDelta, Delta out) {
        for (Delta.Change change : leftDelta.changes()) {
            Row key = Row.key(change.row(), leftKeys);
            if (key.hasNull()) {
                continue;
            }
            Bag matches = rightRows.get(key);
            if (matches != null) {
                matches.forEach((row, count) -> emit(change.row(), row, change.weight() * count, out));
            }
            leftRows.add(key, change);
        }
        for (Delta.Change change : rightDelta.changes()) {
            Row key = Row.key(change.row(), rightKeys);
            if (key.hasNull()) {
                continue;
            }
            Bag matches = leftRows.get(key);
            if (matches != null) {
                matches.forEach((row, count) -> emit(row, change.row(), change.weight() * count, out));
            }
            rightRows.add(key, change);
        }
    }

    private void applyLeft(Delta leftDelta, Delta rightDelta, Delta out) {
        Map<Row, Touched> touched = new LinkedHashMap<>();
        for (Delta.Change change : leftDelta.changes()) {
            Row key = Row.key(change.row(), leftKeys);
            if (key.hasNull()) {
                out.add(joined(change.row(), null), change.weight());
            } else {
                touched.computeIfAbsent(key, unseen -> new Touched()).left.add(change.row(), change.weight());
            }
        }
        for (Delta.Change change : rightDelta.changes()) {
            Row key = Row.key(change.row(), rightKeys);
            if (!key.hasNull()) {
                touched.computeIfAbsent(key, unseen -> new Touched()).right.add(change.row(), change.weight());
            }
        }
        touched.forEach((key, changes) -> applyLeft(key, changes, out));
    }

    private static final class Touched {
        final Delta left = new Delta();
        final Delta right = new Delta();
    }

    private void applyLeft(Row key, Touched changes, Delta out) {
        if (changes.right.isEmpty()) {
            // The partners are as they were: only the rows that came and went matter.
            Bag partners = rightRows.get(key);
            for (Delta.Change change : changes.left.changes()) {
                pad(change.row(), partners, change.weight(), out);
                leftRows.add(key, change);
            }
            return;
        }
        Bag rows = leftRows.get(key);
        if (rows != null) {
            Bag before = rightRows.get(key);
            rows.forEach((row, count) -> pad(row, before, -count, out));
        }
        changes.left.changes().forEach(change -> leftRows.add(key, change));
        changes.right.changes().forEach(change -> rightRows.add(key, change));
        rows = leftRows.get(key);
        if (rows != null) {
            Bag after = rightRows.get(key);
            rows.forEach((row, count) -> pad(row, after, count, out));
        }
    }

    /** A left row with its partners, or alone. */
    private void pad(@Nullable Object[] row, @Nullable Bag partners, int weight, Delta out) {
        boolean[] matched = {false};
        if (partners != null) {
            partners.forEach((partner, count) -> matched[0] |= emit(row, partner, weight * count, out));
        }
        if (!matched[0]) {
            out.add(joined(row, null), weight);
        }
    }

    /** Whether the rows match. */
    private boolean emit(@Nullable Object[] leftRow, @Nullable Object[] rightRow, int weight, Delta out) {
        @Nullable Object[] row = joined(leftRow, rightRow);
        if (residual != null) {
            try {
                if (!Boolean.TRUE.equals(residual.evaluate(row))) {
                    return false;
                }
            } catch (RuntimeException failed) {
                failures.add(row, weight, failed);
                return false;
            }
        }
        out.add(row, weight);
        return true;
    }

    private @Nullable Object[] joined(@Nullable Object[] leftRow, @Nullable Object @Nullable [] rightRow) {
        @Nullable Object[] row = new @Nullable Object[leftWidth + rightWidth];
        System.arraycopy(leftRow, 0, row, 0, leftWidth);
        if (rightRow != null) {
            System.arraycopy(rightRow, 0, row, leftWidth, rightWidth);
        }
        return row;
    }

    @Override
    public long stateSize() {
        return leftRows.size() + rightRows.size();
    }
}
