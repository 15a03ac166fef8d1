package io.millrace.views.expression;

import io.millrace.views.planner.Unsupported;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A pattern of {@code to_char}: read as Postgres reads it, refused where it has a field that depends on a locale or a time zone. */
final class TimePattern {
    private final List<Function<LocalDateTime, String>> parts;

    private TimePattern(List<Function<LocalDateTime, String>> parts) {
        this.parts = parts;
    }

    /** @throws Unsupported for a field that it does not have */
    static TimePattern parse(String pattern) {
        List<Function<LocalDateTime, String>> parts = new ArrayList<>();
        int at = 0;
        while (at < pattern.length()) {
            boolean filled = !(pattern.startsWith("FM", at) || pattern.startsWith("fm", at));
            String keyword = PatternFields.keyword(pattern, filled ? at : at + 2);
            PatternFields.Field field = keyword == null ? null : PatternFields.of(keyword);
            char next = pattern.charAt(at);
            int quote = next == '"' ? pattern.indexOf('"', at + 1) : -1;
            if (keyword != null && field != null) {
                at += keyword.length() + (filled ? 0 : 2);
                if (pattern.regionMatches(true, at, "TH", 0, 2)) {
                    throw unsupported(pattern.substring(at));
                }
                parts.add(time -> field.text(time, filled));
            } else if (filled && keyword == null && quote > 0 && pattern.lastIndexOf('\\', quote) < at) {
                String text = pattern.substring(at + 1, quote);
                parts.add(time -> text);
                at = quote + 1;
            } else if (filled
                    && keyword == null
                    && next < 128
                    && !Character.isLetter(next)
                    && next != '"'
                    && next != '\\') {
                parts.add(time -> String.valueOf(next));
                at++;
            } else {
                throw unsupported(pattern.substring(at));
            }
        }
        return new TimePattern(parts);
    }

    private static Unsupported unsupported(String rest) {
        return new Unsupported(
                "to_char with '" + rest + "'",
                "use " + String.join(", ", PatternFields.SHOWN) + ", punctuation, and other text in double quotes");
    }

    String format(LocalDateTime time) {
        StringBuilder text = new StringBuilder();
        parts.forEach(part -> text.append(part.apply(time)));
        return text.toString();
    }
}
