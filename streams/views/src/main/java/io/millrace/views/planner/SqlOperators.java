package io.millrace.views.planner;

import java.util.List;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorTable;
import org.apache.calcite.sql.fun.SqlLibraryOperators;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlReturnTypeInference;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeTransforms;
import org.apache.calcite.sql.util.SqlOperatorTables;
import org.apache.calcite.sql.validate.SqlNameMatchers;

/** The operators and functions of views: what is not here is refused. */
final class SqlOperators {
    private static final SqlOperatorTable STANDARD = SqlStdOperatorTable.instance();
    private static final SqlReturnTypeInference NUMERIC =
            ReturnTypes.explicit(binding -> SqlTypes.numeric(binding)).andThen(SqlTypeTransforms.TO_NULLABLE);

    /** The parser looks for it among the functions of time. */
    private static final SqlFunction DATE_TRUNC = new SqlFunction(
            "DATE_TRUNC",
            SqlKind.OTHER_FUNCTION,
            ReturnTypes.ARG1_NULLABLE,
            null,
            OperandTypes.family(SqlTypeFamily.CHARACTER, SqlTypeFamily.TIMESTAMP),
            SqlFunctionCategory.TIMEDATE);

    private static final SqlFunction ROUND = function(
            "ROUND",
            NUMERIC,
            OperandTypes.or(
                    OperandTypes.family(SqlTypeFamily.EXACT_NUMERIC),
                    OperandTypes.family(SqlTypeFamily.EXACT_NUMERIC, SqlTypeFamily.INTEGER)));
    private static final SqlFunction GREATEST = function(
            "GREATEST",
            ReturnTypes.LEAST_RESTRICTIVE.andThen(SqlTypeTransforms.TO_NULLABLE_ALL),
            OperandTypes.SAME_VARIADIC);
    private static final SqlFunction LEAST = function(
            "LEAST",
            ReturnTypes.LEAST_RESTRICTIVE.andThen(SqlTypeTransforms.TO_NULLABLE_ALL),
            OperandTypes.SAME_VARIADIC);

    private static final List<SqlOperator> ALL = List.of(
            SqlStdOperatorTable.AND,
            SqlStdOperatorTable.OR,
            SqlStdOperatorTable.NOT,
            SqlStdOperatorTable.EQUALS,
            SqlStdOperatorTable.NOT_EQUALS,
            SqlStdOperatorTable.LESS_THAN,
            SqlStdOperatorTable.LESS_THAN_OR_EQUAL,
            SqlStdOperatorTable.GREATER_THAN,
            SqlStdOperatorTable.GREATER_THAN_OR_EQUAL,
            SqlStdOperatorTable.IS_NULL,
            SqlStdOperatorTable.IS_NOT_NULL,
            SqlStdOperatorTable.IS_TRUE,
            SqlStdOperatorTable.IS_NOT_TRUE,
            SqlStdOperatorTable.IS_FALSE,
            SqlStdOperatorTable.IS_NOT_FALSE,
            SqlStdOperatorTable.IS_DISTINCT_FROM,
            SqlStdOperatorTable.IS_NOT_DISTINCT_FROM,
            SqlStdOperatorTable.IN,
            SqlStdOperatorTable.NOT_IN,
            SqlStdOperatorTable.BETWEEN,
            SqlStdOperatorTable.NOT_BETWEEN,
            SqlStdOperatorTable.SYMMETRIC_BETWEEN,
            SqlStdOperatorTable.SYMMETRIC_NOT_BETWEEN,
            SqlStdOperatorTable.LIKE,
            SqlStdOperatorTable.NOT_LIKE,
            SqlStdOperatorTable.PLUS,
            SqlStdOperatorTable.MINUS,
            SqlStdOperatorTable.MULTIPLY,
            SqlStdOperatorTable.DIVIDE,
            SqlStdOperatorTable.PERCENT_REMAINDER,
            SqlStdOperatorTable.MOD,
            SqlStdOperatorTable.UNARY_MINUS,
            SqlStdOperatorTable.UNARY_PLUS,
            SqlStdOperatorTable.CASE,
            SqlStdOperatorTable.COALESCE,
            SqlStdOperatorTable.NULLIF,
            SqlStdOperatorTable.CAST,
            SqlLibraryOperators.INFIX_CAST,
            SqlStdOperatorTable.CONCAT,
            SqlStdOperatorTable.UPPER,
            SqlStdOperatorTable.LOWER,
            SqlStdOperatorTable.CHAR_LENGTH,
            SqlStdOperatorTable.ABS,
            SqlStdOperatorTable.COUNT,
            SqlStdOperatorTable.SUM,
            SqlStdOperatorTable.AVG,
            SqlStdOperatorTable.MIN,
            SqlStdOperatorTable.MAX,
            SqlStdOperatorTable.ROW,
            SqlStdOperatorTable.UNION_ALL,
            SqlStdOperatorTable.UNION,
            SqlStdOperatorTable.EXISTS,
            SqlStdOperatorTable.AS,
            SqlStdOperatorTable.FILTER,
            DATE_TRUNC,
            ROUND,
            GREATEST,
            LEAST);

    private SqlOperators() {}

    static SqlOperatorTable table() {
        SqlOperatorTable own = SqlOperatorTables.of(ALL.stream()
                .filter(operator -> !STANDARD.getOperatorList().contains(operator))
                .toList());
        return new SqlOperatorTable() {
            @Override
            public void lookupOperatorOverloads(
                    org.apache.calcite.sql.SqlIdentifier name,
                    @org.jspecify.annotations.Nullable SqlFunctionCategory category,
                    org.apache.calcite.sql.SqlSyntax syntax,
                    List<SqlOperator> found,
                    org.apache.calcite.sql.validate.SqlNameMatcher matcher) {
                // The parser keeps the case in which a function is written.
                own.lookupOperatorOverloads(name, category, syntax, found, SqlNameMatchers.withCaseSensitive(false));
                List<SqlOperator> standard = new java.util.ArrayList<>();
                STANDARD.lookupOperatorOverloads(
                        name, category, syntax, standard, SqlNameMatchers.withCaseSensitive(false));
                standard.stream().filter(ALL::contains).forEach(found::add);
            }

            @Override
            public List<SqlOperator> getOperatorList() {
                return ALL;
            }
        };
    }

    private static SqlFunction function(
            String name, SqlReturnTypeInference result, org.apache.calcite.sql.type.SqlOperandTypeChecker operands) {
        return new SqlFunction(
                name, SqlKind.OTHER_FUNCTION, result, null, operands, SqlFunctionCategory.USER_DEFINED_FUNCTION);
    }
}
