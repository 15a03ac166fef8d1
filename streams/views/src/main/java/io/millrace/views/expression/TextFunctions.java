package io.millrace.views.expression;

import io.millrace.views.plan.Expression;
import io.millrace.views.plan.ExpressionFailure;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/** Operators and functions of text. Positions and lengths count characters (code points), from 1. */
final class TextFunctions {
    /** Postgres gives an error where a result would take more than a gigabyte at four bytes a character. */
    private static final int LONGEST = 268_435_454;

    private TextFunctions() {}

    static void register(Map<String, Implementation> all) {
        for (String name : List.of("length", "char_length", "character_length")) {
            all.put(name + "(text)", Implementation.one(text -> length((String) text)));
            all.put(name + "(bpchar)", Implementation.one(text -> length(Casts.trimmed((String) text))));
        }
        all.put("lower(text)", Implementation.one(text -> mapped((String) text, Character::toLowerCase)));
        all.put("upper(text)", Implementation.one(text -> mapped((String) text, Character::toUpperCase)));
        all.put("left(text,int4)", Implementation.two((text, n) -> left((String) text, (Integer) n)));
        all.put("right(text,int4)", Implementation.two((text, n) -> right((String) text, (Integer) n)));
        pad(all, "lpad", true);
        pad(all, "rpad", false);
        trim(all, "btrim", true, true);
        trim(all, "ltrim", true, false);
        trim(all, "rtrim", false, true);
        all.put("position(text,text)", Implementation.two((text, part) -> position((String) text, (String) part)));
        all.put("strpos(text,text)", Implementation.two((text, part) -> position((String) text, (String) part)));
        all.put("replace(text,text,text)", Implementation.strict(TextFunctions::replace));
        all.put(
                "split_part(text,text,int4)",
                Implementation.strict(
                        values -> splitPart((String) values[0], (String) values[1], (Integer) values[2])));
        for (String name : List.of("substring", "substr")) {
            all.put(
                    name + "(text,int4)",
                    Implementation.two((text, start) -> slice((String) text, (Integer) start - 1L, Integer.MAX_VALUE)));
            all.put(name + "(text,int4,int4)", Implementation.strict(TextFunctions::substring));
        }
        all.put("||(text,text)", Implementation.two((left, right) -> (String) left + right));
        // The other side is cast to text, and is that already here.
        all.put("||(text,anynonarray)", Implementation.two((left, right) -> Texts.of(left) + Texts.of(right)));
        all.put("||(anynonarray,text)", Implementation.two((left, right) -> Texts.of(left) + Texts.of(right)));
        for (String type : List.of("text", "bpchar")) {
            like(all, "~~(" + type + ",text)", false, true);
            like(all, "!~~(" + type + ",text)", false, false);
            like(all, "~~*(" + type + ",text)", true, true);
            like(all, "!~~*(" + type + ",text)", true, false);
        }
    }

    private static void like(Map<String, Implementation> all, String signature, boolean insensitive, boolean wanted) {
        all.put(signature, arguments -> {
            if (arguments.get(1).constant() && arguments.get(1).value() instanceof String pattern) {
                LikePattern compiled = pattern(pattern, insensitive);
                return Implementation.one(text -> compiled.matches(folded((String) text, insensitive)) == wanted)
                        .compile(arguments.subList(0, 1));
            }
            return Implementation.two((text, pattern) ->
                            pattern((String) pattern, insensitive).matches(folded((String) text, insensitive))
                                    == wanted)
                    .compile(arguments);
        });
    }

    private static LikePattern pattern(String pattern, boolean insensitive) {
        return new LikePattern(folded(pattern, insensitive));
    }

    private static String folded(String text, boolean insensitive) {
        return insensitive ? mapped(text, Character::toLowerCase) : text;
    }

    private static void pad(Map<String, Implementation> all, String name, boolean before) {
        all.put(name + "(text,int4)", Implementation.two((text, n) -> pad((String) text, (Integer) n, " ", before)));
        all.put(
                name + "(text,int4,text)",
                Implementation.strict(
                        values -> pad((String) values[0], (Integer) values[1], (String) values[2], before)));
    }

    private static void trim(Map<String, Implementation> all, String name, boolean start, boolean end) {
        all.put(name + "(text)", Implementation.one(text -> trimmed((String) text, " ", start, end)));
        all.put(
                name + "(text,text)",
                Implementation.two((text, characters) -> trimmed((String) text, (String) characters, start, end)));
    }

    /** {@code concat}: nulls are skipped, and truth values are written as a letter. */
    static Implementation concat() {
        return arguments -> {
            List<Expression> parts =
                    arguments.stream().map(Implementation.Argument::expression).toList();
            return row -> {
                StringBuilder all = new StringBuilder();
                for (Expression part : parts) {
                    Object value = part.evaluate(row);
                    if (value != null) {
                        all.append(value instanceof Boolean flag ? flag ? "t" : "f" : Texts.of(value));
                    }
                }
                return all.toString();
            };
        };
    }

    private static Object replace(Object[] values) {
        String from = (String) values[1];
        return from.isEmpty() ? values[0] : ((String) values[0]).replace(from, (String) values[2]);
    }

    private static Object substring(Object[] values) {
        int start = (Integer) values[1];
        int length = (Integer) values[2];
        if (length < 0) {
            throw new ExpressionFailure("negative substring length not allowed");
        }
        return slice((String) values[0], start - 1L, start - 1L + length);
    }

    private static String mapped(String text, IntUnaryOperator map) {
        return text.codePoints()
                .map(map)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
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
        if (n == Integer.MIN_VALUE) {
            // Postgres negates it, which gives the same number, and cuts nothing.
            return text;
        }
        return slice(text, n >= 0 ? (long) length(text) - n : -(long) n, Integer.MAX_VALUE);
    }

    private static int position(String text, String part) {
        int at = text.indexOf(part);
        return at < 0 ? 0 : text.codePointCount(0, at) + 1;
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

    private static String pad(String text, int wanted, String fill, boolean before) {
        if (wanted > LONGEST && !fill.isEmpty()) {
            throw new ExpressionFailure("requested length too large");
        }
        long missing = (long) wanted - length(text);
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
}
