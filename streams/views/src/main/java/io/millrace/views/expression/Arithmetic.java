package io.millrace.views.expression;

import io.millrace.schemas.row.PgType;
import io.millrace.views.plan.Expression;
import io.millrace.views.plan.ExpressionFailure;
import io.millrace.views.planner.SqlTypes;
import io.millrace.views.planner.Unsupported;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;

/** Arithmetic of integers, numerics and floating point. */
final class Arithmetic {
    private static final Set<PgType.Kind> NUMBERS = Set.of(
            PgType.Kind.INT2,
            PgType.Kind.INT4,
            PgType.Kind.INT8,
            PgType.Kind.NUMERIC,
            PgType.Kind.FLOAT4,
            PgType.Kind.FLOAT8);

    private Arithmetic() {}

    private interface Operation {
        Object apply(Object left, Object right);
    }

    static Expression binary(RexCall call, List<Expression> operands) {
        for (RexNode operand : call.getOperands()) {
            if (!NUMBERS.contains(SqlTypes.pgType(operand.getType()).kind())) {
                throw new Unsupported(
                        "arithmetic with " + SqlTypes.pgType(operand.getType()), "use numbers in arithmetic");
            }
        }
        PgType type = SqlTypes.pgType(call.getType());
        SqlKind kind = call.getKind();
        Operation operation = switch (type.kind()) {
            case INT2 -> (l, r) -> (int) inRange(integers(kind, l, r), Short.MIN_VALUE, Short.MAX_VALUE, type);
            case INT4 -> (l, r) -> (int) inRange(integers(kind, l, r), Integer.MIN_VALUE, Integer.MAX_VALUE, type);
            case INT8 -> (l, r) -> integers(kind, l, r);
            case NUMERIC -> (l, r) -> numerics(kind, PgNumeric.of(l), PgNumeric.of(r));
            case FLOAT4 -> (l, r) -> (float) floats(kind, ((Number) l).doubleValue(), ((Number) r).doubleValue());
            case FLOAT8 -> (l, r) -> floats(kind, ((Number) l).doubleValue(), ((Number) r).doubleValue());
            default -> throw new Unsupported("arithmetic of " + type, "use numbers in arithmetic");
        };
        Expression left = operands.get(0);
        Expression right = operands.get(1);
        return row -> {
            Object a = left.evaluate(row);
            Object b = right.evaluate(row);
            return a == null || b == null ? null : operation.apply(a, b);
        };
    }

    private static long inRange(long value, long least, long most, PgType type) {
        if (value < least || value > most) {
            throw RexCompiler.outOfRange(type);
        }
        return value;
    }

    private static long integers(SqlKind kind, Object left, Object right) {
        long a = ((Number) left).longValue();
        long b = ((Number) right).longValue();
        try {
            return switch (kind) {
                case PLUS -> Math.addExact(a, b);
                case MINUS -> Math.subtractExact(a, b);
                case TIMES -> Math.multiplyExact(a, b);
                case DIVIDE -> Math.divideExact(a, nonZero(b));
                case MOD -> a % nonZero(b);
                default -> throw new IllegalStateException(kind.toString());
            };
        } catch (ArithmeticException overflow) {
            throw RexCompiler.outOfRange(PgType.INT8);
        }
    }

    private static long nonZero(long divisor) {
        if (divisor == 0) {
            throw new ExpressionFailure("division by zero");
        }
        return divisor;
    }

    private static BigDecimal numerics(SqlKind kind, BigDecimal left, BigDecimal right) {
        return switch (kind) {
            case PLUS -> left.add(right);
            case MINUS -> left.subtract(right);
            case TIMES -> left.multiply(right);
            case DIVIDE -> PgNumeric.divide(left, right);
            case MOD -> PgNumeric.remainder(left, right);
            default -> throw new IllegalStateException(kind.toString());
        };
    }

    private static double floats(SqlKind kind, double left, double right) {
        return switch (kind) {
            case PLUS -> left + right;
            case MINUS -> left - right;
            case TIMES -> left * right;
            case DIVIDE -> {
                if (right == 0) {
                    throw new ExpressionFailure("division by zero");
                }
                yield left / right;
            }
            default -> throw new IllegalStateException(kind.toString());
        };
    }

    static Expression negate(RexCall call, List<Expression> operands) {
        PgType type = SqlTypes.pgType(call.getType());
        Expression operand = operands.getFirst();
        return row -> {
            Object value = operand.evaluate(row);
            return switch (value) {
                case null -> null;
                case BigDecimal decimal -> decimal.negate();
                case Integer integer -> (int) inRange(-(long) integer, Integer.MIN_VALUE, Integer.MAX_VALUE, type);
                case Long integer -> {
                    if (integer == Long.MIN_VALUE) {
                        throw RexCompiler.outOfRange(type);
                    }
                    yield -integer;
                }
                case Float number -> -number;
                case Double number -> -number;
                default -> throw new ExpressionFailure("cannot negate " + value);
            };
        };
    }

    static Expression abs(RexCall call, List<Expression> operands) {
        Expression negated = negate(call, operands);
        Expression operand = operands.getFirst();
        return row -> {
            Object value = operand.evaluate(row);
            return value instanceof Number number && number.doubleValue() < 0 ? negated.evaluate(row) : value;
        };
    }
}
