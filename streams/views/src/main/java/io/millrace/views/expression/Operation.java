package io.millrace.views.expression;

import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;

/** One of our functions or operators in Calcite's expressions. Two of equal name are the same: the name tells all. */
public final class Operation extends SqlFunction {
    private final transient Implementation implementation;

    public Operation(String name, Implementation implementation) {
        super(name, SqlKind.OTHER_FUNCTION, null, null, null, SqlFunctionCategory.USER_DEFINED_FUNCTION);
        this.implementation = implementation;
    }

    Implementation implementation() {
        return implementation;
    }
}
