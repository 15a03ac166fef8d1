package io.millrace.views.expression;

import io.millrace.schemas.row.PgType;
import io.millrace.views.plan.ExpressionFailure;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;

/** Postgres' casts; time zones are UTC. */
final class Casts {
    private static final DateTimeFormatter TIMESTAMP = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendPattern(" HH:mm:ss")
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .toFormatter(Locale.ROOT);

    private Casts() {}

    static Object cast(Object value, PgType target, int length) {
        return switch (target.kind()) {
            case INT2 -> (int) integer(value, Short.MIN_VALUE, Short.MAX_VALUE, "smallint");
            case INT4 -> (int) integer(value, Integer.MIN_VALUE, Integer.MAX_VALUE, "integer");
            case INT8 -> integer(value, Long.MIN_VALUE, Long.MAX_VALUE, "bigint");
            case NUMERIC -> numeric(value, target);
            case FLOAT4 -> ((Number) value).floatValue();
            case FLOAT8 -> ((Number) value).doubleValue();
            case TEXT -> {
                String text = text(value);
                yield length >= 0 && text.codePointCount(0, text.length()) > length
                        ? text.substring(0, text.offsetByCodePoints(0, length))
                        : text;
            }
            case DATE -> date(value);
            case TIMESTAMP -> timestamp(value);
            case TIMESTAMPTZ -> timestamp(value).toInstant(ZoneOffset.UTC);
            case BOOL -> bool(value);
            case TIME, BYTEA, MONEY, ARRAY -> throw new IllegalStateException("cast to " + target);
        };
    }

    private static long integer(Object value, long least, long most, String type) {
        return switch (value) {
            case Boolean bool -> bool ? 1 : 0;
            case String text -> {
                try {
                    yield PgNumeric.toInteger(BigDecimal.valueOf(Long.parseLong(text.strip())), least, most, type);
                } catch (NumberFormatException malformed) {
                    throw new ExpressionFailure("invalid input syntax for type " + type + ": \"" + text + '"');
                }
            }
            case Float number -> floating(number, least, most, type);
            case Double number -> floating(number, least, most, type);
            default -> PgNumeric.toInteger(PgNumeric.of(value), least, most, type);
        };
    }

    private static long floating(double value, long least, long most, String type) {
        double rounded = Math.rint(value);
        if (Double.isNaN(rounded) || rounded < least || rounded > most) {
            throw new ExpressionFailure(type + " out of range");
        }
        return (long) rounded;
    }

    private static BigDecimal numeric(Object value, PgType target) {
        BigDecimal decimal = switch (value) {
            case String text -> {
                try {
                    yield new BigDecimal(text.strip());
                } catch (NumberFormatException malformed) {
                    throw new ExpressionFailure("invalid input syntax for type numeric: \"" + text + '"');
                }
            }
            // Postgres keeps 6 and 15 significant digits of floating point.
            case Float number -> significant(number, 6);
            case Double number -> significant(number, 15);
            default -> PgNumeric.of(value);
        };
        return target.precision() < 0 ? decimal : PgNumeric.declare(decimal, target.precision(), target.scale());
    }

    private static BigDecimal significant(double value, int digits) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new ExpressionFailure("numeric " + value + " is not supported in views");
        }
        BigDecimal rounded = new BigDecimal(value).round(new java.math.MathContext(digits));
        BigDecimal plain = rounded.stripTrailingZeros();
        return plain.scale() < 0 ? plain.setScale(0) : plain;
    }

    static String text(Object value) {
        return switch (value) {
            case BigDecimal decimal -> decimal.toPlainString();
            case LocalDateTime time -> TIMESTAMP.format(time);
            case Instant time -> TIMESTAMP.format(time.atOffset(ZoneOffset.UTC)) + "+00";
            default -> value.toString();
        };
    }

    private static LocalDate date(Object value) {
        return switch (value) {
            case LocalDate date -> date;
            case String text -> {
                try {
                    yield LocalDate.parse(text.strip());
                } catch (DateTimeException malformed) {
                    throw new ExpressionFailure("invalid input syntax for type date: \"" + text + '"');
                }
            }
            default -> timestamp(value).toLocalDate();
        };
    }

    private static LocalDateTime timestamp(Object value) {
        return switch (value) {
            case LocalDateTime time -> time;
            case LocalDate date -> date.atStartOfDay();
            case Instant time -> LocalDateTime.ofInstant(time, ZoneOffset.UTC);
            default -> {
                try {
                    yield LocalDateTime.parse(value.toString().strip().replace(' ', 'T'));
                } catch (DateTimeException malformed) {
                    throw new ExpressionFailure("invalid input syntax for type timestamp: \"" + value + '"');
                }
            }
        };
    }

    private static Boolean bool(Object value) {
        return switch (value) {
            case Boolean bool -> bool;
            case Integer number -> number != 0;
            default -> throw new ExpressionFailure("invalid input syntax for type boolean: \"" + value + '"');
        };
    }
}
