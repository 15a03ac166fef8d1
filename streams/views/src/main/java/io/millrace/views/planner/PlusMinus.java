package io.millrace.views.planner;

import java.util.Objects;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlBinaryOperator;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.InferTypes;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.SqlOperandTypeChecker;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeName;

/** Plus and minus with Postgres' types: operators cannot be overloaded, so that one of each serves numbers and times. */
final class PlusMinus {
    private static final int PRECEDENCE = 40;
    private static final int MICROS = 6;

    static final SqlBinaryOperator PLUS = operator(
            "+",
            SqlKind.PLUS,
            SqlStdOperatorTable.PLUS,
            OperandTypes.or(
                    OperandTypes.family(SqlTypeFamily.DATE, SqlTypeFamily.INTEGER),
                    OperandTypes.family(SqlTypeFamily.INTEGER, SqlTypeFamily.DATE)));
    static final SqlBinaryOperator MINUS = operator(
            "-",
            SqlKind.MINUS,
            SqlStdOperatorTable.MINUS,
            OperandTypes.or(
                    OperandTypes.family(SqlTypeFamily.DATE, SqlTypeFamily.INTEGER),
                    OperandTypes.family(SqlTypeFamily.DATE, SqlTypeFamily.DATE)));

    private PlusMinus() {}

    private static SqlBinaryOperator operator(
            String name, SqlKind kind, SqlOperator standard, SqlOperandTypeChecker dates) {
        return new SqlBinaryOperator(
                name,
                kind,
                PRECEDENCE,
                true,
                binding -> type(binding, standard),
                InferTypes.FIRST_KNOWN,
                dates.or(Objects.requireNonNull(standard.getOperandTypeChecker())));
    }

    private static RelDataType type(SqlOperatorBinding binding, SqlOperator standard) {
        RelDataType left = binding.getOperandType(0);
        RelDataType right = binding.getOperandType(1);
        SqlTypeName result = result(left.getSqlTypeName(), right.getSqlTypeName());
        if (result == null) {
            return standard.inferReturnType(binding);
        }
        RelDataType type = result == SqlTypeName.DATE || result == SqlTypeName.INTEGER
                ? binding.getTypeFactory().createSqlType(result)
                : binding.getTypeFactory().createSqlType(result, MICROS);
        return binding.getTypeFactory().createTypeWithNullability(type, left.isNullable() || right.isNullable());
    }

    private static @org.jspecify.annotations.Nullable SqlTypeName result(SqlTypeName left, SqlTypeName right) {
        if (left == SqlTypeName.DATE && right == SqlTypeName.DATE) {
            return SqlTypeName.INTEGER;
        }
        SqlTypeName time = SqlTypeName.DATETIME_TYPES.contains(left) ? left : right;
        SqlTypeName by = time == left ? right : left;
        if (!SqlTypeName.DATETIME_TYPES.contains(time)) {
            return null;
        }
        if (SqlTypeName.INT_TYPES.contains(by)) {
            return SqlTypeName.DATE;
        }
        // A date and an interval make a timestamp.
        return time == SqlTypeName.DATE ? SqlTypeName.TIMESTAMP : time;
    }
}
