package io.millrace.views.expression;

import io.millrace.schemas.row.PgType;
import io.millrace.views.planner.SqlTypes;
import io.millrace.views.planner.Unsupported;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlOperandTypeChecker;
import org.apache.calcite.sql.type.SqlReturnTypeInference;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeTransforms;

/** Functions of numbers. */
final class NumberFunctions {
    private static final SqlReturnTypeInference NUMERIC =
            ReturnTypes.explicit(SqlTypes::numeric).andThen(SqlTypeTransforms.TO_NULLABLE);
    private static final SqlOperandTypeChecker ONE = OperandTypes.family(SqlTypeFamily.EXACT_NUMERIC);
    private static final SqlOperandTypeChecker WITH_PLACES =
            OperandTypes.or(ONE, OperandTypes.family(SqlTypeFamily.EXACT_NUMERIC, SqlTypeFamily.INTEGER));

    static final List<ViewFunction> ALL = List.of(
            new ViewFunction("abs(n)", "", SqlStdOperatorTable.ABS, Arithmetic::abs),
            whole("ceil(n)", "of numerics; also ceiling(n)", SqlStdOperatorTable.CEIL, RoundingMode.CEILING),
            whole("floor(n)", "of numerics", SqlStdOperatorTable.FLOOR, RoundingMode.FLOOR),
            new ViewFunction("mod(a, b)", "as a % b", SqlStdOperatorTable.MOD, Arithmetic::binary),
            places("round(n, places)", "half away from zero; places 0 unless given", "ROUND", RoundingMode.HALF_UP),
            numeric("sign(n)", "-1, 0 or 1", "SIGN", value -> BigDecimal.valueOf(value.signum())),
            places("trunc(n, places)", "towards zero; places 0 unless given", "TRUNC", RoundingMode.DOWN));

    private NumberFunctions() {}

    private static ViewFunction numeric(
            String usage, String meaning, String name, java.util.function.UnaryOperator<BigDecimal> function) {
        return ViewFunction.strict(
                usage, meaning, name, NUMERIC, ONE, values -> function.apply(PgNumeric.of(values[0])));
    }

    /** The parser knows these two by heart. */
    private static ViewFunction whole(String usage, String meaning, SqlOperator operator, RoundingMode mode) {
        return new ViewFunction(usage, meaning, operator, (call, operands) -> {
            PgType type = SqlTypes.pgType(call.getOperands().getFirst().getType());
            if (type.kind() != PgType.Kind.NUMERIC) {
                throw new Unsupported(operator.getName() + " of " + type, "use it on numerics");
            }
            return ViewFunction.strict(
                    operands, values -> PgNumeric.of(values[0]).setScale(0, mode));
        });
    }

    private static ViewFunction places(String usage, String meaning, String name, RoundingMode mode) {
        return ViewFunction.strict(usage, meaning, name, NUMERIC, WITH_PLACES, values -> {
            int places = values.length == 1 ? 0 : (Integer) values[1];
            BigDecimal rounded = PgNumeric.of(values[0]).setScale(places, mode);
            return places < 0 ? rounded.setScale(0) : rounded;
        });
    }
}
