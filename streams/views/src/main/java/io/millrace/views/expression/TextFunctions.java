package io.millrace.views.expression;

import io.millrace.schemas.row.PgType;
import io.millrace.views.plan.Expression;
import io.millrace.views.plan.ExpressionFailure;
import io.millrace.views.planner.SqlTypes;
import io.millrace.views.planner.Unsupported;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.fun.SqlTrimFunction;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.SqlOperandTypeChecker;
import org.apache.calcite.sql.type.SqlTypeFamily;

/** Functions of text. Positions and lengths count characters (code points), from 1. */
final class TextFunctions {
    private static final SqlTypeFamily TEXT = SqlTypeFamily.CHARACTER;
    private static final SqlTypeFamily INT = SqlTypeFamily.INTEGER;

    static final List<ViewFunction> ALL = List.of(
            new ViewFunction("char_length(t)", "", SqlStdOperatorTable.CHAR_LENGTH, TextFunctions::length),
            ViewFunction.of(
                    "concat(a, b, …)",
                    "nulls are passed over",
                    "CONCAT",
                    ViewFunction.TEXT.andThen(org.apache.calcite.sql.type.SqlTypeTransforms.TO_NOT_NULLABLE),
                    OperandTypes.ONE_OR_MORE,
                    TextFunctions::concat),
            text(
                    "left(t, n)",
                    "all but the last -n if n < 0",
                    "LEFT",
                    values -> left((String) values[0], (Integer) values[1]),
                    TEXT,
                    INT),
            ViewFunction.of(
                    "length(t)", "", "LENGTH", ViewFunction.INTEGER, OperandTypes.family(TEXT), TextFunctions::length),
            new ViewFunction(
                    "lower(t)",
                    "each character by itself, as Postgres with a C.UTF-8 locale",
                    SqlStdOperatorTable.LOWER,
                    (call, operands) -> mapped(operands, Character::toLowerCase)),
            pad("lpad(t, n, fill)", "LPAD", true),
            trim("btrim(t, characters)", "BTRIM", true, true),
            trim("ltrim(t, characters)", "LTRIM", true, false),
            trim("rtrim(t, characters)", "RTRIM", false, true),
            new ViewFunction(
                    "trim([both | leading | trailing] [characters] from t)",
                    "also trim(t)",
                    SqlStdOperatorTable.TRIM,
                    TextFunctions::trim),
            new ViewFunction(
                    "position(part in t)",
                    "0 if it is not in there",
                    SqlStdOperatorTable.POSITION,
                    (call, operands) ->
                            ViewFunction.strict(operands, values -> position((String) values[1], (String) values[0]))),
            text(
                    "replace(t, from, to)",
                    "",
                    "REPLACE",
                    values -> ((String) values[1]).isEmpty()
                            ? values[0]
                            : ((String) values[0]).replace((String) values[1], (String) values[2]),
                    TEXT,
                    TEXT,
                    TEXT),
            text(
                    "right(t, n)",
                    "all but the first -n if n < 0",
                    "RIGHT",
                    values -> right((String) values[0], (Integer) values[1]),
                    TEXT,
                    INT),
            pad("rpad(t, n, fill)", "RPAD", false),
            text(
                    "split_part(t, delimiter, n)",
                    "from the end if n < 0",
                    "SPLIT_PART",
                    values -> splitPart((String) values[0], (String) values[1], (Integer) values[2]),
                    TEXT,
                    TEXT,
                    INT),
            ViewFunction.strict(
                    "strpos(t, part)",
                    "0 if it is not in there",
                    "STRPOS",
                    ViewFunction.INTEGER,
                    OperandTypes.family(TEXT, TEXT),
                    values -> position((String) values[0], (String) values[1])),
            new ViewFunction(
                    "substring(t from start for length)",
                    "also substring(t, start, length); without length: to the end",
                    SqlStdOperatorTable.SUBSTRING,
                    TextFunctions::substring),
            new ViewFunction(
                    "upper(t)",
                    "each character by itself, as Postgres with a C.UTF-8 locale",
                    SqlStdOperatorTable.UPPER,
                    (call, operands) -> mapped(operands, Character::toUpperCase)));

    private TextFunctions() {}

    private static ViewFunction text(
            String usage, String meaning, String name, ViewFunction.Strict function, SqlTypeFamily... operands) {
        return ViewFunction.strict(usage, meaning, name, ViewFunction.TEXT, OperandTypes.family(operands), function);
    }

    private static Expression length(RexCall call, List<Expression> operands) {
        return ViewFunction.strict(operands, values -> length((String) values[0]));
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** Characters from one (inclusive) to another (exclusive), counted from 0; what is outside is not there. */
    private static String slice(String text, long from, long to) {
        int length = length(text);
        int begin = Math.clamp(from, 0, length);
        int end = Math.clamp(to, begin, length);
        return text.substring(text.offsetByCodePoints(0, begin), text.offsetByCodePoints(0, end));
    }

    private static String left(String text, int n) {
        return slice(text, 0, n >= 0 ? n : (long) length(text) + n);
    }

    private static String right(String text, int n) {
        return slice(text, n >= 0 ? (long) length(text) - n : -(long) n, Integer.MAX_VALUE);
    }

    private static int position(String text, String part) {
        int at = text.indexOf(part);
        return at < 0 ? 0 : text.codePointCount(0, at) + 1;
    }

    private static Expression substring(RexCall call, List<Expression> operands) {
        for (RexNode operand : call.getOperands().subList(1, operands.size())) {
            PgType.Kind kind = SqlTypes.pgType(operand.getType()).kind();
            if (kind != PgType.Kind.INT4 && kind != PgType.Kind.INT2) {
                throw new Unsupported("substring with a pattern", "name positions: substring(t from 2 for 3)");
            }
        }
        return ViewFunction.strict(operands, values -> {
            int start = (Integer) values[1];
            if (values.length == 2) {
                return slice((String) values[0], start - 1L, Integer.MAX_VALUE);
            }
            int length = (Integer) values[2];
            if (length < 0) {
                throw new ExpressionFailure("negative substring length not allowed");
            }
            return slice((String) values[0], start - 1L, start - 1L + length);
        });
    }

    private static String splitPart(String text, String delimiter, int n) {
        if (n == 0) {
            throw new ExpressionFailure("field position must not be zero");
        }
        List<String> parts =
                delimiter.isEmpty() ? List.of(text) : List.of(text.split(java.util.regex.Pattern.quote(delimiter), -1));
        int index = n > 0 ? n - 1 : parts.size() + n;
        return index >= 0 && index < parts.size() ? parts.get(index) : "";
    }

    private static ViewFunction pad(String usage, String name, boolean before) {
        return ViewFunction.strict(
                usage,
                "cut to n characters if longer; a space unless fill is given",
                name,
                ViewFunction.TEXT,
                OperandTypes.or(OperandTypes.family(TEXT, INT), OperandTypes.family(TEXT, INT, TEXT)),
                values -> pad(
                        (String) values[0],
                        (Integer) values[1],
                        values.length == 2 ? " " : (String) values[2],
                        before));
    }

    private static String pad(String text, int wanted, String fill, boolean before) {
        int missing = wanted - length(text);
        if (missing <= 0 || fill.isEmpty()) {
            return slice(text, 0, wanted);
        }
        int[] characters = fill.codePoints().toArray();
        StringBuilder padding = new StringBuilder();
        for (int i = 0; i < missing; i++) {
            padding.appendCodePoint(characters[i % characters.length]);
        }
        return before ? padding + text : text + padding;
    }

    private static ViewFunction trim(String usage, String name, boolean start, boolean end) {
        SqlOperandTypeChecker operands = OperandTypes.or(OperandTypes.family(TEXT), OperandTypes.family(TEXT, TEXT));
        return ViewFunction.strict(
                usage,
                "spaces unless characters are given",
                name,
                ViewFunction.TEXT,
                operands,
                values -> trimmed((String) values[0], values.length == 1 ? " " : (String) values[1], start, end));
    }

    private static Expression trim(RexCall call, List<Expression> operands) {
        return ViewFunction.strict(operands, values -> {
            SqlTrimFunction.Flag flag = (SqlTrimFunction.Flag) values[0];
            return trimmed((String) values[2], (String) values[1], flag.getLeft() == 1, flag.getRight() == 1);
        });
    }

    private static String trimmed(String text, String characters, boolean start, boolean end) {
        int[] points = text.codePoints().toArray();
        int from = 0;
        int to = points.length;
        while (start && from < to && characters.indexOf(points[from]) >= 0) {
            from++;
        }
        while (end && to > from && characters.indexOf(points[to - 1]) >= 0) {
            to--;
        }
        return new String(points, from, to - from);
    }

    private static Expression concat(RexCall call, List<Expression> operands) {
        for (RexNode operand : call.getOperands()) {
            PgType.Kind kind = SqlTypes.pgType(operand.getType()).kind();
            if (kind == PgType.Kind.BOOL || kind == PgType.Kind.FLOAT4 || kind == PgType.Kind.FLOAT8) {
                throw new Unsupported(
                        "concat of " + SqlTypes.pgType(operand.getType()), "cast it to text or numeric first");
            }
        }
        return row -> {
            StringBuilder all = new StringBuilder();
            for (Expression operand : operands) {
                Object value = operand.evaluate(row);
                if (value != null) {
                    all.append(Casts.text(value));
                }
            }
            return all.toString();
        };
    }

    private static Expression mapped(List<Expression> operands, IntUnaryOperator map) {
        return ViewFunction.strict(
                operands,
                values -> ((String) values[0])
                        .codePoints()
                        .map(map)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString());
    }
}
