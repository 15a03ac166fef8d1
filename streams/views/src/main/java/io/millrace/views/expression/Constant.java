package io.millrace.views.expression;

import io.millrace.views.postgres.ValueType;
import java.math.BigDecimal;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlSyntax;
import org.jspecify.annotations.Nullable;

/** A value in Calcite's expressions: ours, since Calcite's literals change scales and know no infinity. */
public final class Constant extends SqlFunction {
    private final transient @Nullable Object value;

    public Constant(ValueType type, @Nullable Object value) {
        super(shown(type, value), SqlKind.OTHER_FUNCTION, null, null, null, SqlFunctionCategory.USER_DEFINED_FUNCTION);
        this.value = value;
    }

    private static String shown(ValueType type, @Nullable Object value) {
        String text = value == null ? "NULL" : Texts.of(value);
        if (value instanceof String) {
            text = "'" + text.replace("'", "''") + "'";
        }
        boolean evident = type.is("int4", "bool", "text")
                || type.is("numeric") && value instanceof BigDecimal decimal && decimal.scale() > 0;
        return evident && value != null ? text : text + "::" + type;
    }

    public @Nullable Object value() {
        return value;
    }

    /** Printed without parentheses. */
    @Override
    public SqlSyntax getSyntax() {
        return SqlSyntax.FUNCTION_ID;
    }
}
