package io.millrace.views.expression;

import io.millrace.schemas.row.SpecialNumeric;
import io.millrace.views.plan.ExpressionFailure;
import io.millrace.views.postgres.ValueType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text as a value of a type, as the type's input function reads it. */
public final class Inputs {
    private static final Pattern INTEGER = Pattern.compile(
            "([+-]?)(?:0[xX]((?:_?[0-9a-fA-F])+)|0[oO]((?:_?[0-7])+)|0[bB]((?:_?[01])+)" + "|([0-9](?:_?[0-9])*))");
    private static final Pattern DECIMAL = Pattern.compile(
            "[+-]?(?:[0-9](?:_?[0-9])*(?:\\.(?:[0-9](?:_?[0-9])*)?)?|\\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?");
    private static final Pattern FLOAT = Pattern.compile("[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");
    private static final Pattern HEX_FLOAT =
            Pattern.compile("[+-]?0[xX](?:[0-9a-fA-F]+\\.?[0-9a-fA-F]*|\\.[0-9a-fA-F]+)(?:[pP][+-]?[0-9]+)?");
    private static final Pattern UUID_TEXT = Pattern.compile("([0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}");
    private static final int LARGEST_EXPONENT = 131_072;

    private Inputs() {}

    /**
     * @throws ExpressionFailure in Postgres' words if the text is none of the type
     * @throws io.millrace.views.planner.Unsupported for a type that is not read here
     */
    public static Object read(String text, ValueType type) {
        return switch (type.name()) {
            case "text" -> text;
            case "bpchar" -> character(text, type.precision());
            case "bool" -> bool(text);
            case "int2" -> (int) integer(text, Short.MIN_VALUE, Short.MAX_VALUE, "smallint");
            case "int4" -> (int) integer(text, Integer.MIN_VALUE, Integer.MAX_VALUE, "integer");
            case "int8" -> integer(text, Long.MIN_VALUE, Long.MAX_VALUE, "bigint");
            case "numeric" -> {
                Object value = numeric(text);
                yield type.precision() < 0 ? value : PgNumeric.declare(value, type.precision(), type.scale());
            }
            case "float4" -> float4(text);
            case "float8" -> float8(text);
            case "uuid" -> uuid(text);
            case "date" -> TimeInput.date(text);
            case "timestamp" -> TimeFields.toPrecision(TimeInput.timestamp(text, false), type.precision());
            case "timestamptz" ->
                TimeFields.toPrecision(Times.instant(TimeInput.timestamp(text, true)), type.precision());
            case "interval" -> IntervalInput.read(text, "");
            default ->
                throw new io.millrace.views.planner.Unsupported(
                        "type " + type, "cast the other side to text, and compare texts");
        };
    }

    static ExpressionFailure invalid(String type, String text) {
        return new ExpressionFailure("invalid input syntax for type " + type + ": \"" + text + '"');
    }

    /** White space as C's {@code isspace} has it. */
    static String stripped(String text) {
        return text.replaceAll("^[ \\t\\n\\x0B\\f\\r]+|[ \\t\\n\\x0B\\f\\r]+$", "");
    }

    private static long integer(String text, long least, long most, String type) {
        Matcher number = INTEGER.matcher(stripped(text));
        if (!number.matches()) {
            throw invalid(type, text);
        }
        BigInteger value = number.group(2) != null
                ? new BigInteger(number.group(2).replace("_", ""), 16)
                : number.group(3) != null
                        ? new BigInteger(number.group(3).replace("_", ""), 8)
                        : number.group(4) != null
                                ? new BigInteger(number.group(4).replace("_", ""), 2)
                                : new BigInteger(number.group(5).replace("_", ""));
        value = number.group(1).equals("-") ? value.negate() : value;
        if (value.compareTo(BigInteger.valueOf(least)) < 0 || value.compareTo(BigInteger.valueOf(most)) > 0) {
            throw new ExpressionFailure("value \"" + text + "\" is out of range for type " + type);
        }
        return value.longValue();
    }

    /** A {@link BigDecimal} with the scale that is written, or a {@link SpecialNumeric}. */
    public static Object numeric(String text) {
        String number = stripped(text);
        switch (number.toLowerCase(Locale.ROOT)) {
            case "nan" -> {
                return SpecialNumeric.NAN;
            }
            case "infinity", "+infinity", "inf", "+inf" -> {
                return SpecialNumeric.POSITIVE_INFINITY;
            }
            case "-infinity", "-inf" -> {
                return SpecialNumeric.NEGATIVE_INFINITY;
            }
            default -> {
                // A number, then.
            }
        }
        Matcher integer = INTEGER.matcher(number);
        if (integer.matches() && integer.group(5) == null) {
            BigInteger value = integer.group(2) != null
                    ? new BigInteger(integer.group(2).replace("_", ""), 16)
                    : integer.group(3) != null
                            ? new BigInteger(integer.group(3).replace("_", ""), 8)
                            : new BigInteger(integer.group(4).replace("_", ""), 2);
            return new BigDecimal(integer.group(1).equals("-") ? value.negate() : value);
        }
        if (!DECIMAL.matcher(number).matches()) {
            throw invalid("numeric", text);
        }
        return decimal(number.replace("_", ""), text);
    }

    private static BigDecimal decimal(String number, String text) {
        int power = Math.max(number.indexOf('e'), number.indexOf('E'));
        String exponent = power < 0 ? "0" : number.substring(power + 1);
        if (exponent.length() > 8 || Math.abs(Integer.parseInt(exponent)) > LARGEST_EXPONENT) {
            throw new ExpressionFailure("value overflows numeric format");
        }
        String plain = power < 0 ? number : number.substring(0, power);
        try {
            BigDecimal value = new BigDecimal((plain.endsWith(".") ? plain.substring(0, plain.length() - 1) : plain))
                    .scaleByPowerOfTen(Integer.parseInt(exponent));
            return value.scale() < 0 ? value.setScale(0) : value;
        } catch (NumberFormatException malformed) {
            throw invalid("numeric", text);
        }
    }

    private static String special(String number) {
        return switch (number.toLowerCase(Locale.ROOT)) {
            case "nan" -> "NaN";
            case "infinity", "+infinity", "inf", "+inf" -> "Infinity";
            case "-infinity", "-inf" -> "-Infinity";
            default -> number;
        };
    }

    private static Float float4(String text) {
        String number = floating(text, "real");
        float value = Float.parseFloat(number);
        if (Float.isInfinite(value) && !number.endsWith("Infinity") || value == 0 && !isZero(number)) {
            throw new ExpressionFailure("\"" + text + "\" is out of range for type real");
        }
        return value;
    }

    private static Double float8(String text) {
        String number = floating(text, "double precision");
        double value = Double.parseDouble(number);
        if (Double.isInfinite(value) && !number.endsWith("Infinity") || value == 0 && !isZero(number)) {
            throw new ExpressionFailure("\"" + text + "\" is out of range for type double precision");
        }
        return value;
    }

    /** As Java reads it: of hexadecimal numbers, as C has them, with an exponent. */
    private static String floating(String text, String type) {
        String number = special(stripped(text));
        if (HEX_FLOAT.matcher(number).matches()) {
            return number.toLowerCase(Locale.ROOT).contains("p") ? number : number + "p0";
        }
        if (!FLOAT.matcher(number).matches() && !number.endsWith("Infinity") && !number.equals("NaN")) {
            throw invalid(type, text);
        }
        return number;
    }

    private static boolean isZero(String number) {
        return !number.replaceFirst("[eEpP].*", "").matches(".*[1-9a-fA-F].*");
    }

    /** Any beginning that tells one word from the others. */
    private static Boolean bool(String text) {
        String word = stripped(text).toLowerCase(Locale.ROOT);
        if (!word.isEmpty()) {
            for (String yes : Set.of("true", "yes", "1", "on")) {
                if (yes.startsWith(word) && !word.equals("o")) {
                    return true;
                }
            }
            for (String no : Set.of("false", "no", "0", "off")) {
                if (no.startsWith(word) && !word.equals("o")) {
                    return false;
                }
            }
        }
        throw invalid("boolean", text);
    }

    /** In the form in which Postgres shows it. */
    private static String uuid(String text) {
        String digits = text.startsWith("{") && text.endsWith("}") ? text.substring(1, text.length() - 1) : text;
        if (!UUID_TEXT.matcher(digits).matches()) {
            throw invalid("uuid", text);
        }
        String plain = digits.replace("-", "");
        return new UUID(
                        Long.parseUnsignedLong(plain.substring(0, 16), 16),
                        Long.parseUnsignedLong(plain.substring(16), 16))
                .toString();
    }

    /** As a cast has it: cut, or padded with spaces. */
    static String character(String text, int length) {
        if (length < 0) {
            return text;
        }
        String cut = cut(text, length);
        return cut + " ".repeat(length - cut.codePointCount(0, cut.length()));
    }

    static String cut(String text, int length) {
        return text.codePointCount(0, text.length()) > length
                ? text.substring(0, text.offsetByCodePoints(0, length))
                : text;
    }
}
