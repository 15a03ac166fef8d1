package io.millrace.views.expression;

import io.millrace.schemas.row.PgType;
import io.millrace.views.plan.Expression;
import io.millrace.views.plan.ExpressionFailure;
import io.millrace.views.planner.SqlTypes;
import io.millrace.views.planner.TypeRefusals;
import io.millrace.views.planner.Unsupported;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexFieldAccess;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeUtil;
import org.apache.calcite.util.DateString;
import org.apache.calcite.util.NlsString;
import org.apache.calcite.util.TimestampString;
import org.jspecify.annotations.Nullable;

/** Turns the planner's expressions into ours. What is not listed here is refused. */
public final class RexCompiler {
    private RexCompiler() {}

    /** @throws Unsupported for an operator without an implementation */
    public static Expression compile(RexNode node) {
        return switch (node) {
            case RexInputRef reference -> {
                int index = reference.getIndex();
                yield row -> row[index];
            }
            case RexLiteral literal -> {
                Object value = literal(literal);
                yield row -> value;
            }
            case RexCall call -> call(call);
            case RexFieldAccess outer ->
                throw new Unsupported(
                        "column " + outer.getField().getName() + " of the query two levels out",
                        "join the tables in one subquery");
            default -> throw new Unsupported("expression " + node, "write it without " + node.getKind());
        };
    }

    private static @Nullable Object literal(RexLiteral literal) {
        if (literal.isNull()) {
            return null;
        }
        if (literal.getType().getSqlTypeName() == SqlTypeName.SYMBOL) {
            return literal.getValue();
        }
        PgType type = SqlTypes.pgType(literal.getType());
        Object value = Objects.requireNonNull(literal.getValueAs(Comparable.class));
        return switch (type.kind()) {
            case BOOL -> literal.getValueAs(Boolean.class);
            case INT2, INT4 ->
                Objects.requireNonNull(literal.getValueAs(BigDecimal.class)).intValueExact();
            case INT8 ->
                Objects.requireNonNull(literal.getValueAs(BigDecimal.class)).longValueExact();
            case NUMERIC -> literal.getValueAs(BigDecimal.class);
            case TEXT -> value instanceof NlsString text ? text.getValue() : value.toString();
            case DATE ->
                LocalDate.parse(Objects.requireNonNull(literal.getValueAs(DateString.class))
                        .toString());
            case TIMESTAMP ->
                LocalDateTime.parse(Objects.requireNonNull(literal.getValueAs(TimestampString.class))
                        .toString()
                        .replace(' ', 'T'));
            default -> throw new Unsupported("literal " + literal, "cast a text literal to its type");
        };
    }

    private static Expression call(RexCall call) {
        if (call.getKind() == SqlKind.PLUS || call.getKind() == SqlKind.MINUS) {
            return TimeArithmetic.concerns(call)
                    ? TimeArithmetic.compile(call)
                    : Arithmetic.binary(
                            call,
                            call.getOperands().stream()
                                    .map(RexCompiler::compile)
                                    .toList());
        }
        List<Expression> operands =
                call.getOperands().stream().map(RexCompiler::compile).toList();
        return switch (call.getKind()) {
            case AND -> and(operands);
            case OR -> or(operands);
            case NOT -> strict(operands, values -> !(Boolean) values[0]);
            case IS_NULL -> test(operands, value -> value == null);
            case IS_NOT_NULL -> test(operands, value -> value != null);
            case IS_TRUE -> test(operands, Boolean.TRUE::equals);
            case IS_NOT_TRUE -> test(operands, value -> !Boolean.TRUE.equals(value));
            case IS_FALSE -> test(operands, Boolean.FALSE::equals);
            case IS_NOT_FALSE -> test(operands, value -> !Boolean.FALSE.equals(value));
            case IS_DISTINCT_FROM -> distinct(operands, true);
            case IS_NOT_DISTINCT_FROM -> distinct(operands, false);
            case EQUALS -> comparison(operands, order -> order == 0);
            case NOT_EQUALS -> comparison(operands, order -> order != 0);
            case LESS_THAN -> ordering(call, operands, order -> order < 0);
            case LESS_THAN_OR_EQUAL -> ordering(call, operands, order -> order <= 0);
            case GREATER_THAN -> ordering(call, operands, order -> order > 0);
            case GREATER_THAN_OR_EQUAL -> ordering(call, operands, order -> order >= 0);
            case TIMES, DIVIDE, MOD -> Arithmetic.binary(call, operands);
            case MINUS_PREFIX -> Arithmetic.negate(call, operands);
            case CASE -> choose(operands);
            case CAST -> cast(call, operands);
            case LIKE -> like(call);
            default ->
                call.getOperator().equals(SqlStdOperatorTable.CONCAT)
                        ? strict(operands, values -> Casts.text(values[0]) + Casts.text(values[1]))
                        : ViewFunctions.of(call.getOperator()).compiler().compile(call, operands);
        };
    }

    private static Expression strict(List<Expression> operands, ViewFunction.Strict function) {
        return ViewFunction.strict(operands, function);
    }

    private interface Test {
        boolean test(@Nullable Object value);
    }

    private static Expression test(List<Expression> operands, Test test) {
        Expression operand = operands.getFirst();
        return row -> test.test(operand.evaluate(row));
    }

    private static Expression and(List<Expression> operands) {
        return row -> {
            boolean unknown = false;
            for (Expression operand : operands) {
                Object value = operand.evaluate(row);
                if (Boolean.FALSE.equals(value)) {
                    return false;
                }
                unknown |= value == null;
            }
            return unknown ? null : Boolean.TRUE;
        };
    }

    private static Expression or(List<Expression> operands) {
        return row -> {
            boolean unknown = false;
            for (Expression operand : operands) {
                Object value = operand.evaluate(row);
                if (Boolean.TRUE.equals(value)) {
                    return true;
                }
                unknown |= value == null;
            }
            return unknown ? null : Boolean.FALSE;
        };
    }

    private static Expression distinct(List<Expression> operands, boolean wanted) {
        return row -> {
            Object left = operands.get(0).evaluate(row);
            Object right = operands.get(1).evaluate(row);
            boolean distinct = left == null || right == null
                    ? (left == null) != (right == null)
                    : PgOrder.INSTANCE.compare(left, right) != 0;
            return distinct == wanted;
        };
    }

    private static Expression comparison(List<Expression> operands, IntPredicate accepted) {
        return strict(operands, values -> accepted.test(PgOrder.INSTANCE.compare(values[0], values[1])));
    }

    private static Expression ordering(RexCall call, List<Expression> operands, IntPredicate accepted) {
        if (SqlTypeUtil.inCharFamily(call.getOperands().getFirst().getType())) {
            throw TypeRefusals.orderOfText();
        }
        return comparison(operands, accepted);
    }

    private static Expression choose(List<Expression> operands) {
        return row -> {
            for (int i = 0; i + 1 < operands.size(); i += 2) {
                if (Boolean.TRUE.equals(operands.get(i).evaluate(row))) {
                    return operands.get(i + 1).evaluate(row);
                }
            }
            return operands.getLast().evaluate(row);
        };
    }

    private static Expression cast(RexCall call, List<Expression> operands) {
        PgType from = SqlTypes.pgType(call.getOperands().getFirst().getType());
        PgType to = SqlTypes.pgType(call.getType());
        SqlTypes.requireCast(from, to);
        int length = call.getType().getSqlTypeName() == SqlTypeName.VARCHAR
                ? call.getType().getPrecision()
                : -1;
        return strict(operands, values -> Casts.cast(values[0], to, length));
    }

    static Expression extreme(List<Expression> operands, int sign) {
        return row -> {
            Object extreme = null;
            for (Expression operand : operands) {
                Object value = operand.evaluate(row);
                if (value != null
                        && (extreme == null || Integer.signum(PgOrder.INSTANCE.compare(value, extreme)) == sign)) {
                    extreme = value;
                }
            }
            return extreme;
        };
    }

    private static Expression like(RexCall call) {
        if (call.getOperands().size() != 2 || !(call.getOperands().get(1) instanceof RexLiteral literal)) {
            throw new Unsupported("LIKE with a computed pattern or ESCAPE", "write the pattern as a literal");
        }
        Pattern pattern = likePattern(Objects.requireNonNull(literal.getValueAs(String.class)));
        return strict(
                List.of(compile(call.getOperands().getFirst())),
                values -> pattern.matcher((String) values[0]).matches());
    }

    private static Pattern likePattern(String like) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < like.length(); i++) {
            char c = like.charAt(i);
            if (c == '\\' && i + 1 < like.length()) {
                regex.append(Pattern.quote(String.valueOf(like.charAt(++i))));
            } else if (c == '%') {
                regex.append(".*");
            } else if (c == '_') {
                regex.append('.');
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    static ExpressionFailure outOfRange(PgType type) {
        return new ExpressionFailure(type.name() + " out of range");
    }
}
