package io.millrace.views.expression;

import io.millrace.schemas.row.SpecialNumeric;
import io.millrace.views.plan.ExpressionFailure;
import io.millrace.views.postgres.ValueType;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Postgres' casts; time zones are UTC. */
public final class Casts {
    private static final Set<String> INTEGERS = Set.of("int2", "int4", "int8");
    private static final Set<String> FLOATS = Set.of("float4", "float8");
    private static final Set<String> TIMES = Set.of("date", "timestamp", "timestamptz");
    private static final Set<String> WITHOUT_TEXT = Set.of("money", "array");
    private static final int FLOAT4_DIGITS = 6;
    private static final int FLOAT8_DIGITS = 15;
    private static final double TWO_TO_63 = 0x1p63;

    private Casts() {}

    /** Null where we have none: Postgres may have one. */
    public static @Nullable Implementation of(ValueType from, ValueType to) {
        Implementation.One cast = cast(from, to);
        return cast == null ? null : Implementation.one(cast);
    }

    /** Whether each value has one of its own in the other type, so that equal stays equal and different stays different. */
    public static boolean keepsValues(ValueType from, ValueType to) {
        return to.precision() < 0
                && (from.name().equals(to.name())
                        || from.is("int2", "int4") && to.is("int4", "int8", "numeric")
                        || from.is("int8") && to.is("numeric")
                        || from.is("date") && to.is("timestamp", "timestamptz"));
    }

    /** In which times of different kinds are compared: those out of the other's range too. */
    public static Implementation comparable(ValueType to) {
        return Implementation.one(value -> {
            LocalDateTime local = Times.local(value);
            return to.is("timestamptz")
                    ? Times.isInfinite(local) ? Times.instant(local) : local.toInstant(ZoneOffset.UTC)
                    : local;
        });
    }

    private static Implementation.@Nullable One cast(ValueType from, ValueType to) {
        if (to.is("text")) {
            return toText(from, to);
        }
        if (from.is("text", "bpchar")) {
            return fromText(to);
        }
        if (INTEGERS.contains(to.name())) {
            return toInteger(from, to);
        }
        if (to.is("numeric") && isNumber(from)) {
            return value -> declared(numeric(value), to);
        }
        if (FLOATS.contains(to.name()) && isNumber(from)) {
            return to.is("float4") ? Casts::float4 : Casts::float8;
        }
        if (to.is("bool") && from.is("bool", "int4")) {
            return value -> value instanceof Integer number ? (Object) (number != 0) : value;
        }
        if (TIMES.contains(to.name()) && TIMES.contains(from.name())) {
            return switch (to.name()) {
                case "date" -> Times::date;
                case "timestamp" -> value -> TimeFields.toPrecision(Times.timestamp(value), to.precision());
                default -> value -> TimeFields.toPrecision(Times.instant(value), to.precision());
            };
        }
        if (to.is("bpchar")) {
            Implementation.One text = toText(from, ValueType.TEXT);
            return text == null
                    ? null
                    : value -> Inputs.character(
                            (String) java.util.Objects.requireNonNull(text.apply(value)), to.precision());
        }
        return from.name().equals(to.name()) && to.precision() < 0 ? value -> value : null;
    }

    private static boolean isNumber(ValueType type) {
        return INTEGERS.contains(type.name()) || FLOATS.contains(type.name()) || type.is("numeric");
    }

    private static Implementation.@Nullable One toText(ValueType from, ValueType to) {
        if (WITHOUT_TEXT.contains(from.name()) || from.name().endsWith("[]")) {
            return null;
        }
        int length = to.precision();
        Implementation.One text = from.is("bpchar") ? value -> trimmed((String) value) : value -> Texts.of(value);
        return length < 0
                ? text
                : value -> Inputs.cut((String) java.util.Objects.requireNonNull(text.apply(value)), length);
    }

    /** Without the blanks at the end, which are not part of a character(n). */
    static String trimmed(String padded) {
        int end = padded.length();
        while (end > 0 && padded.charAt(end - 1) == ' ') {
            end--;
        }
        return padded.substring(0, end);
    }

    private static Implementation.@Nullable One fromText(ValueType to) {
        return to.isInViews() || to.is("interval") ? value -> Inputs.read((String) value, to) : null;
    }

    private static Implementation.@Nullable One toInteger(ValueType from, ValueType to) {
        if (from.is("bool") && !to.is("int4") || !from.is("bool") && !isNumber(from)) {
            return null;
        }
        return switch (to.name()) {
            case "int2" -> value -> (int) integer(value, Short.MIN_VALUE, Short.MAX_VALUE, "smallint");
            case "int4" -> value -> (int) integer(value, Integer.MIN_VALUE, Integer.MAX_VALUE, "integer");
            default -> value -> integer(value, Long.MIN_VALUE, Long.MAX_VALUE, "bigint");
        };
    }

    private static long integer(Object value, long least, long most, String type) {
        return switch (value) {
            case Boolean bool -> bool ? 1 : 0;
            case Float number -> floating(number, least, most, type);
            case Double number -> floating(number, least, most, type);
            default -> PgNumeric.toInteger(value, least, most, type);
        };
    }

    private static long floating(double value, long least, long most, String type) {
        double rounded = Math.rint(value);
        if (Double.isNaN(rounded) || rounded < least || rounded > most || rounded >= TWO_TO_63) {
            throw new ExpressionFailure(type + " out of range");
        }
        return (long) rounded;
    }

    private static Object declared(Object value, ValueType to) {
        return to.precision() < 0 ? value : PgNumeric.declare(value, to.precision(), to.scale());
    }

    static Object numeric(Object value) {
        return switch (value) {
            case Float number -> significant(number, FLOAT4_DIGITS);
            case Double number -> significant(number, FLOAT8_DIGITS);
            case SpecialNumeric special -> special;
            default -> PgNumeric.of(value);
        };
    }

    /** Postgres prints so many digits, and reads them again. */
    private static Object significant(double value, int digits) {
        if (Double.isNaN(value)) {
            return SpecialNumeric.NAN;
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? SpecialNumeric.POSITIVE_INFINITY : SpecialNumeric.NEGATIVE_INFINITY;
        }
        BigDecimal plain = new BigDecimal(value)
                .round(new MathContext(digits, RoundingMode.HALF_EVEN))
                .stripTrailingZeros();
        return plain.scale() < 0 ? plain.setScale(0) : plain;
    }

    static Object float8(Object value) {
        return switch (value) {
            case Float number -> (double) number;
            case Double number -> number;
            case SpecialNumeric special -> Double.valueOf(special.toString());
            case BigDecimal decimal -> {
                double number = decimal.doubleValue();
                if (Double.isInfinite(number) || number == 0 && decimal.signum() != 0) {
                    throw new ExpressionFailure(
                            "\"" + decimal.toPlainString() + "\" is out of range for type double precision");
                }
                yield number;
            }
            default -> ((Number) value).doubleValue();
        };
    }

    private static Object float4(Object value) {
        return switch (value) {
            case Float number -> number;
            case Double number -> {
                float narrow = number.floatValue();
                if (Float.isInfinite(narrow) && !Double.isInfinite(number)) {
                    throw new ExpressionFailure("value out of range: overflow");
                }
                if (narrow == 0 && number != 0) {
                    throw new ExpressionFailure("value out of range: underflow");
                }
                yield narrow;
            }
            case SpecialNumeric special -> Float.valueOf(special.toString());
            case BigDecimal decimal -> {
                float number = decimal.floatValue();
                if (Float.isInfinite(number) || number == 0 && decimal.signum() != 0) {
                    throw new ExpressionFailure("\"" + decimal.toPlainString() + "\" is out of range for type real");
                }
                yield number;
            }
            default -> ((Number) value).floatValue();
        };
    }
}
