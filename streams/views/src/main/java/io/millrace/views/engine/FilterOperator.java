package io.millrace.views.engine;

import io.millrace.views.plan.Expression;
import java.util.List;

/** Rows for which the condition is true. */
final class FilterOperator implements Operator {
    private final Expression condition;
    private final Failures failures;

    FilterOperator(Expression condition, Failures failures) {
        this.condition = condition;
        this.failures = failures;
    }

    @Override
    public Delta apply(List<Delta> inputs) {
        Delta out = new Delta();
        for (Delta.Change change : inputs.getFirst().changes()) {
            try {
                if (Boolean.TRUE.equals(condition.evaluate(change.row()))) {
                    out.add(change.row(), change.weight());
                }
            } catch (RuntimeException failed) {
                failures.add(change.row(), change.weight(), failed);
            }
        }
        return out;
    }
}
