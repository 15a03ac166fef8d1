package io.millrace.views.engine;

import io.millrace.views.plan.Expression;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Computes the columns of each row. */
final class ProjectOperator implements Operator {
    private final Expression[] expressions;
    private final Failures failures;

    ProjectOperator(List<Expression> expressions, Failures failures) {
        this.expressions = expressions.toArray(Expression[]::new);
        this.failures = failures;
    }

    @Override
    public Delta apply(List<Delta> inputs) {
        Delta out = new Delta();
        for (Delta.Change change : inputs.getFirst().changes()) {
            try {
                @Nullable Object[] row = new @Nullable Object[expressions.length];
                for (int i = 0; i < row.length; i++) {
                    row[i] = expressions[i].evaluate(change.row());
                }
                out.add(row, change.weight());
            } catch (RuntimeException failed) {
                failures.add(change.row(), change.weight(), failed);
            }
        }
        return out;
    }
}
