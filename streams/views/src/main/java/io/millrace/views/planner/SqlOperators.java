package io.millrace.views.planner;

import io.millrace.views.expression.ViewFunctions;
import java.util.List;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorTable;
import org.apache.calcite.sql.fun.SqlLibraryOperators;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.util.SqlOperatorTables;
import org.apache.calcite.sql.validate.SqlNameMatchers;

/** The operators and functions of views: what is not here is refused. */
final class SqlOperators {
    private static final SqlOperatorTable STANDARD = SqlStdOperatorTable.instance();
    private static final List<SqlOperator> OPERATORS = List.of(
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
            PlusMinus.PLUS,
            PlusMinus.MINUS,
            SqlStdOperatorTable.MULTIPLY,
            SqlStdOperatorTable.DIVIDE,
            SqlStdOperatorTable.PERCENT_REMAINDER,
            SqlStdOperatorTable.UNARY_MINUS,
            SqlStdOperatorTable.UNARY_PLUS,
            SqlStdOperatorTable.CASE,
            SqlStdOperatorTable.CAST,
            SqlLibraryOperators.INFIX_CAST,
            SqlStdOperatorTable.CONCAT,
            SqlStdOperatorTable.COUNT,
            SqlStdOperatorTable.SUM,
            SqlStdOperatorTable.AVG,
            SqlStdOperatorTable.MIN,
            SqlStdOperatorTable.MAX,
            AggregateCalls.WEIGHTED_AVERAGE_COST,
            SqlStdOperatorTable.DESC,
            SqlStdOperatorTable.NULLS_FIRST,
            SqlStdOperatorTable.NULLS_LAST,
            SqlStdOperatorTable.WITHIN_GROUP,
            SqlStdOperatorTable.ROW,
            SqlStdOperatorTable.UNION_ALL,
            SqlStdOperatorTable.UNION,
            SqlStdOperatorTable.EXISTS,
            SqlStdOperatorTable.AS,
            SqlStdOperatorTable.FILTER);

    private static final List<SqlOperator> ALL = java.util.stream.Stream.concat(
                    OPERATORS.stream(), ViewFunctions.operators().stream())
            .toList();

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
}
