package io.millrace.views.expression;

import io.millrace.views.plan.Expression;
import io.millrace.views.plan.ExpressionFailure;
import io.millrace.views.planner.Unsupported;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeName;

/** Dates and times plus and minus days and intervals. */
final class TimeArithmetic {
    private static final long MICROS_PER_MILLI = 1_000;

    private TimeArithmetic() {}

    static boolean concerns(RexCall call) {
        return call.getOperands().stream()
                .map(operand -> operand.getType().getSqlTypeName().getFamily())
                .anyMatch(family -> family == SqlTypeFamily.DATE
                        || family == SqlTypeFamily.TIMESTAMP
                        || family == SqlTypeFamily.INTERVAL_DAY_TIME
                        || family == SqlTypeFamily.INTERVAL_YEAR_MONTH);
    }

    private interface Move {
        LocalDateTime apply(LocalDateTime time);
    }

    /** @param call plus or minus */
    static Expression compile(RexCall call) {
        int sign = call.getKind() == SqlKind.MINUS ? -1 : 1;
        RexNode first = call.getOperands().get(0);
        RexNode second = call.getOperands().get(1);
        if (isDate(first) && isDate(second)) {
            return ViewFunction.strict(
                    List.of(RexCompiler.compile(first), RexCompiler.compile(second)),
                    values -> Math.toIntExact(ChronoUnit.DAYS.between((LocalDate) values[1], (LocalDate) values[0])));
        }
        boolean turned = sign > 0 && !isTime(first);
        RexNode time = turned ? second : first;
        RexNode by = turned ? first : second;
        if (!isTime(time) || isTime(by)) {
            throw new Unsupported(
                    "arithmetic of " + first.getType() + " and " + second.getType(),
                    "add and subtract days or intervals; subtract dates: a::date - b::date");
        }
        if (isDate(time) && by.getType().getSqlTypeName().getFamily() == SqlTypeFamily.NUMERIC) {
            return ViewFunction.strict(
                    List.of(RexCompiler.compile(time), RexCompiler.compile(by)),
                    values -> moved(() -> ((LocalDate) values[0]).plusDays(sign * ((Number) values[1]).longValue())));
        }
        Move move = move(by, sign);
        return ViewFunction.strict(
                List.of(RexCompiler.compile(time)),
                values -> moved(() -> TimeFunctions.like(values[0], move.apply(TimeFunctions.local(values[0])))));
    }

    private static boolean isDate(RexNode node) {
        return node.getType().getSqlTypeName() == SqlTypeName.DATE;
    }

    private static boolean isTime(RexNode node) {
        return isDate(node) || node.getType().getSqlTypeName().getFamily() == SqlTypeFamily.TIMESTAMP;
    }

    private static Move move(RexNode interval, int sign) {
        if (!(interval instanceof RexLiteral literal) || literal.isNull()) {
            throw new Unsupported("a computed interval", "write it as a literal, or add days: d + n");
        }
        long amount = sign
                * Objects.requireNonNull(literal.getValueAs(BigDecimal.class)).longValueExact();
        return literal.getType().getSqlTypeName().getFamily() == SqlTypeFamily.INTERVAL_YEAR_MONTH
                ? time -> time.plusMonths(amount)
                : time -> time.plus(amount * MICROS_PER_MILLI, ChronoUnit.MICROS);
    }

    private interface Moved {
        Object get();
    }

    private static Object moved(Moved result) {
        try {
            return result.get();
        } catch (DateTimeException | ArithmeticException outOfRange) {
            throw new ExpressionFailure("date out of range");
        }
    }
}
