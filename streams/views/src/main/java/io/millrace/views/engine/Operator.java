package io.millrace.views.engine;

import java.util.List;

/** One node of the plans at work. It is given the changes of its inputs and gives its own, once an epoch. */
interface Operator {
    /** @param inputs one delta for each input, in the node's order */
    Delta apply(List<Delta> inputs);

    /** What it gives for inputs without any row. */
    default Delta initial() {
        return new Delta();
    }

    /** Rows, groups and so on in memory. */
    default long stateSize() {
        return 0;
    }
}
