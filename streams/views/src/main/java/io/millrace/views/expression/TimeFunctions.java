package io.millrace.views.expression;

import io.millrace.schemas.row.PgType;
import io.millrace.views.plan.Expression;
import io.millrace.views.plan.ExpressionFailure;
import io.millrace.views.planner.SqlTypes;
import io.millrace.views.planner.Unsupported;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.calcite.avatica.util.TimeUnitRange;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.fun.SqlExtractFunction;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeTransforms;

/** Functions of dates and times, in UTC. */
final class TimeFunctions {
    /** Postgres gives numeric. */
    private static final SqlExtractFunction EXTRACT = new SqlExtractFunction("EXTRACT", false) {
        @Override
        public RelDataType inferReturnType(SqlOperatorBinding binding) {
            return binding.getTypeFactory()
                    .createTypeWithNullability(
                            SqlTypes.numeric(binding), binding.getOperandType(1).isNullable());
        }
    };

    /** The parser looks for it among the functions of time. */
    private static final SqlFunction DATE_TRUNC = new SqlFunction(
            "DATE_TRUNC",
            SqlKind.OTHER_FUNCTION,
            ReturnTypes.ARG1_NULLABLE,
            null,
            OperandTypes.family(SqlTypeFamily.CHARACTER, SqlTypeFamily.TIMESTAMP),
            SqlFunctionCategory.TIMEDATE);

    static final List<ViewFunction> ALL = List.of(
            new ViewFunction(
                    "date_trunc('field', time)",
                    "of timestamp and timestamptz, from second to year; cast a date first: date_trunc('month', d::timestamp)::date",
                    DATE_TRUNC,
                    TimeFunctions::dateTrunc),
            new ViewFunction(
                    "extract(field from time)",
                    "year, quarter, month, week, day, doy, dow, isodow, isoyear; of a timestamp also hour, minute, second; epoch",
                    EXTRACT,
                    TimeFunctions::extract),
            ViewFunction.strict(
                    "make_date(year, month, day)",
                    "",
                    "MAKE_DATE",
                    ReturnTypes.DATE_NULLABLE,
                    OperandTypes.family(SqlTypeFamily.INTEGER, SqlTypeFamily.INTEGER, SqlTypeFamily.INTEGER),
                    TimeFunctions::makeDate),
            ViewFunction.of(
                    "timezone('UTC', time)",
                    "a timestamptz as timestamp, and back",
                    "TIMEZONE",
                    ReturnTypes.explicit(binding -> binding.createSqlType(SqlTypeName.TIMESTAMP, 6))
                            .andThen(TimeFunctions::otherKind)
                            .andThen(SqlTypeTransforms.TO_NULLABLE),
                    OperandTypes.family(SqlTypeFamily.CHARACTER, SqlTypeFamily.TIMESTAMP),
                    TimeFunctions::timezone),
            ViewFunction.of(
                    "to_char(time, 'pattern')",
                    "of YYYY, MM, DD, Q, HH24, MI, SS, text in double quotes, spaces and - / : .",
                    "TO_CHAR",
                    ViewFunction.TEXT,
                    OperandTypes.family(SqlTypeFamily.DATETIME, SqlTypeFamily.CHARACTER),
                    TimeFunctions::toChar));

    private TimeFunctions() {}

    private static RelDataType otherKind(SqlOperatorBinding binding, RelDataType timestamp) {
        return binding.getOperandType(1).getSqlTypeName() == SqlTypeName.TIMESTAMP
                ? binding.getTypeFactory().createSqlType(SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE, 6)
                : timestamp;
    }

    private static String literal(RexCall call, int operand, String remedy) {
        if (call.getOperands().get(operand) instanceof RexLiteral literal && !literal.isNull()) {
            return Objects.requireNonNull(literal.getValueAs(String.class));
        }
        throw new Unsupported(
                call.getOperator().getName().toLowerCase(Locale.ROOT) + " with a computed argument", remedy);
    }

    /** Any kind of time as a local one, in UTC. */
    static LocalDateTime local(Object time) {
        return switch (time) {
            case LocalDateTime local -> local;
            case LocalDate date -> date.atStartOfDay();
            case Instant instant -> LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
            default -> throw new IllegalStateException("time of " + time.getClass());
        };
    }

    /** A local time as the kind that another value is. */
    static Object like(Object example, LocalDateTime local) {
        return example instanceof Instant ? local.toInstant(ZoneOffset.UTC) : local;
    }

    private static Object makeDate(Object[] values) {
        try {
            return LocalDate.of((Integer) values[0], (Integer) values[1], (Integer) values[2]);
        } catch (DateTimeException outOfRange) {
            throw new ExpressionFailure(
                    "date field value out of range: " + values[0] + "-" + values[1] + "-" + values[2]);
        }
    }

    private static Expression timezone(RexCall call, List<Expression> operands) {
        String zone = literal(call, 0, "name the zone: timezone('UTC', …)");
        if (!zone.equalsIgnoreCase("UTC")) {
            throw new Unsupported("time zone " + zone, "use timezone('UTC', …)");
        }
        return ViewFunction.strict(
                List.of(operands.get(1)),
                values -> values[0] instanceof Instant
                        ? local(values[0])
                        : local(values[0]).toInstant(ZoneOffset.UTC));
    }

    private static Expression dateTrunc(RexCall call, List<Expression> operands) {
        String field =
                literal(call, 0, "name the field: date_trunc('month', …)").toLowerCase(Locale.ROOT);
        return ViewFunction.strict(
                List.of(operands.get(1)),
                switch (field) {
                    case "second" -> truncated(time -> time.truncatedTo(ChronoUnit.SECONDS));
                    case "minute" -> truncated(time -> time.truncatedTo(ChronoUnit.MINUTES));
                    case "hour" -> truncated(time -> time.truncatedTo(ChronoUnit.HOURS));
                    case "day" -> truncated(time -> time.truncatedTo(ChronoUnit.DAYS));
                    case "week" ->
                        truncated(time -> time.truncatedTo(ChronoUnit.DAYS)
                                .minusDays(time.getDayOfWeek().getValue() - 1L));
                    case "month" ->
                        truncated(time -> time.truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1));
                    case "quarter" ->
                        truncated(time -> time.truncatedTo(ChronoUnit.DAYS)
                                .withDayOfMonth(1)
                                .minusMonths((time.getMonthValue() - 1) % 3));
                    case "year" ->
                        truncated(time -> time.truncatedTo(ChronoUnit.DAYS).withDayOfYear(1));
                    default -> throw new Unsupported("date_trunc('" + field + "', …)", "use second to year");
                });
    }

    private static ViewFunction.Strict truncated(java.util.function.UnaryOperator<LocalDateTime> truncate) {
        return values -> like(values[0], truncate.apply(local(values[0])));
    }

    private static Expression extract(RexCall call, List<Expression> operands) {
        TimeUnitRange field = ((RexLiteral) call.getOperands().getFirst()).getValueAs(TimeUnitRange.class);
        boolean date = SqlTypes.pgType(call.getOperands().get(1).getType()).kind() == PgType.Kind.DATE;
        ViewFunction.Strict extract = switch (Objects.requireNonNull(field)) {
            case YEAR -> whole(LocalDateTime::getYear);
            case QUARTER -> whole(time -> time.get(IsoFields.QUARTER_OF_YEAR));
            case MONTH -> whole(LocalDateTime::getMonthValue);
            case WEEK -> whole(time -> time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case ISOYEAR -> whole(time -> time.get(IsoFields.WEEK_BASED_YEAR));
            case DAY -> whole(LocalDateTime::getDayOfMonth);
            case DOY -> whole(LocalDateTime::getDayOfYear);
            case DOW -> whole(time -> time.getDayOfWeek().getValue() % 7);
            case ISODOW -> whole(time -> time.getDayOfWeek().getValue());
            case HOUR -> ofTime(date, field, whole(LocalDateTime::getHour));
            case MINUTE -> ofTime(date, field, whole(LocalDateTime::getMinute));
            case SECOND ->
                ofTime(date, field, values -> {
                    LocalDateTime time = local(values[0]);
                    return BigDecimal.valueOf(time.getSecond() * 1_000_000L + time.getNano() / 1_000, 6);
                });
            case EPOCH ->
                values -> {
                    LocalDateTime time = local(values[0]);
                    long seconds = time.toEpochSecond(ZoneOffset.UTC);
                    return date
                            ? BigDecimal.valueOf(seconds)
                            : BigDecimal.valueOf(seconds * 1_000_000 + time.getNano() / 1_000, 6);
                };
            default -> throw new Unsupported("extract(" + field + " …)", "see docs/sql.md for its fields");
        };
        return ViewFunction.strict(List.of(operands.get(1)), extract);
    }

    private static ViewFunction.Strict whole(java.util.function.ToIntFunction<LocalDateTime> field) {
        return values -> BigDecimal.valueOf(field.applyAsInt(local(values[0])));
    }

    private static ViewFunction.Strict ofTime(boolean date, TimeUnitRange field, ViewFunction.Strict extract) {
        if (date) {
            throw new Unsupported("extract(" + field + " from a date)", "extract it from a timestamp");
        }
        return extract;
    }

    private static Expression toChar(RexCall call, List<Expression> operands) {
        String pattern = literal(call, 1, "write the pattern as a literal: to_char(d, 'YYYY-MM')");
        TimePattern compiled = TimePattern.parse(pattern);
        return ViewFunction.strict(List.of(operands.getFirst()), values -> compiled.format(local(values[0])));
    }
}
