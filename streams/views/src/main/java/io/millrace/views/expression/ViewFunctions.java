package io.millrace.views.expression;

import io.millrace.views.planner.Unsupported;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlTypeTransforms;

/** All functions of views, by what they are about. */
public final class ViewFunctions {
    private static final List<ViewFunction> CONDITIONAL = List.of(
            rewritten("coalesce(a, b, …)", "the first that is not null", SqlStdOperatorTable.COALESCE),
            rewritten("nullif(a, b)", "null if they are equal", SqlStdOperatorTable.NULLIF),
            ViewFunction.of(
                    "greatest(a, b, …)",
                    "nulls are passed over",
                    "GREATEST",
                    ReturnTypes.LEAST_RESTRICTIVE.andThen(SqlTypeTransforms.TO_NULLABLE_ALL),
                    OperandTypes.SAME_VARIADIC,
                    (call, operands) -> RexCompiler.extreme(operands, 1)),
            ViewFunction.of(
                    "least(a, b, …)",
                    "nulls are passed over",
                    "LEAST",
                    ReturnTypes.LEAST_RESTRICTIVE.andThen(SqlTypeTransforms.TO_NULLABLE_ALL),
                    OperandTypes.SAME_VARIADIC,
                    (call, operands) -> RexCompiler.extreme(operands, -1)));

    /** In the order of the documentation: title to functions. */
    public static final Map<String, List<ViewFunction>> BY_TOPIC = byTopic();

    private ViewFunctions() {}

    private static Map<String, List<ViewFunction>> byTopic() {
        Map<String, List<ViewFunction>> topics = new LinkedHashMap<>();
        topics.put("Conditions", CONDITIONAL);
        topics.put("Numbers", NumberFunctions.ALL);
        topics.put("Dates and times", TimeFunctions.ALL);
        topics.put("Text", TextFunctions.ALL);
        return topics;
    }

    /** Calcite writes it as a CASE before we see it. */
    private static ViewFunction rewritten(String usage, String meaning, SqlOperator operator) {
        return new ViewFunction(usage, meaning, operator, (call, operands) -> {
            throw new Unsupported(operator.getName() + " here", "write it as CASE");
        });
    }

    /** The functions that are one operator of Calcite's or another. */
    public static List<SqlOperator> operators() {
        return BY_TOPIC.values().stream()
                .flatMap(List::stream)
                .map(ViewFunction::operator)
                .distinct()
                .toList();
    }

    static ViewFunction of(SqlOperator operator) {
        return BY_TOPIC.values().stream()
                .flatMap(List::stream)
                .filter(function -> function.operator().equals(operator))
                .findFirst()
                .orElseThrow(() -> new Unsupported(
                        "function " + operator.getName(), "see docs/sql.md for the functions and operators of views"));
    }
}
