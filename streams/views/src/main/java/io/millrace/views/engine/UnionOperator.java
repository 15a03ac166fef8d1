package io.millrace.views.engine;

import java.util.List;

/** All rows of all inputs. */
final class UnionOperator implements Operator {
    @Override
    public Delta apply(List<Delta> inputs) {
        Delta out = new Delta();
        inputs.forEach(out::addAll);
        return out;
    }
}
