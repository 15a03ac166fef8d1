package io.millrace.views.expression;

import io.millrace.views.plan.Expression;
import java.util.List;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlOperandTypeChecker;
import org.apache.calcite.sql.type.SqlReturnTypeInference;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeTransforms;
import org.apache.calcite.sql.type.SqlTypeUtil;

/**
 * A function of views. {@code docs/sql.md} lists them all, from here.
 *
 * @param usage how it is written
 * @param meaning what it does, where the name does not say it, and where it is narrower than Postgres'
 * @param operator how Calcite knows it
 * @param compiler of its calls
 */
public record ViewFunction(String usage, String meaning, SqlOperator operator, Compiler compiler) {
    /** Makes an expression of a call. */
    @FunctionalInterface
    interface Compiler {
        /** @throws io.millrace.views.planner.Unsupported for operands that it does not take */
        Expression compile(RexCall call, List<Expression> operands);
    }

    /** A function of values that are not null; of a null it is null. */
    @FunctionalInterface
    interface Strict {
        Object apply(Object[] values);
    }

    static final SqlReturnTypeInference TEXT = ReturnTypes.explicit(SqlTypeName.VARCHAR)
            .andThen((binding, type) -> SqlTypeUtil.addCharsetAndCollation(type, binding.getTypeFactory()))
            .andThen(SqlTypeTransforms.TO_NULLABLE);
    static final SqlReturnTypeInference INTEGER =
            ReturnTypes.explicit(SqlTypeName.INTEGER).andThen(SqlTypeTransforms.TO_NULLABLE);

    static ViewFunction of(
            String usage,
            String meaning,
            String name,
            SqlReturnTypeInference result,
            SqlOperandTypeChecker operands,
            Compiler compiler) {
        SqlFunction function = new SqlFunction(
                name, SqlKind.OTHER_FUNCTION, result, null, operands, SqlFunctionCategory.USER_DEFINED_FUNCTION);
        return new ViewFunction(usage, meaning, function, compiler);
    }

    static ViewFunction strict(
            String usage,
            String meaning,
            String name,
            SqlReturnTypeInference result,
            SqlOperandTypeChecker operands,
            Strict function) {
        return of(usage, meaning, name, result, operands, (call, inputs) -> strict(inputs, function));
    }

    /** Null if any operand is null. */
    static Expression strict(List<Expression> operands, Strict function) {
        Expression[] inputs = operands.toArray(Expression[]::new);
        return row -> {
            Object[] values = new Object[inputs.length];
            for (int i = 0; i < inputs.length; i++) {
                Object value = inputs[i].evaluate(row);
                if (value == null) {
                    return null;
                }
                values[i] = value;
            }
            return function.apply(values);
        };
    }
}
