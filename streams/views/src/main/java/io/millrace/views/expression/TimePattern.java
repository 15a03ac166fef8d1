package io.millrace.views.expression;

import io.millrace.views.planner.Unsupported;
import java.time.LocalDateTime;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** A pattern of {@code to_char}, of those fields that need no locale. */
final class TimePattern {
    private static final Map<String, Function<LocalDateTime, String>> FIELDS = fields();
    private static final String PUNCTUATION = " -/:.,";

    private final List<Function<LocalDateTime, String>> parts;

    private TimePattern(List<Function<LocalDateTime, String>> parts) {
        this.parts = parts;
    }

    private static Map<String, Function<LocalDateTime, String>> fields() {
        Map<String, Function<LocalDateTime, String>> fields = new LinkedHashMap<>();
        fields.put("YYYY", time -> padded(time.getYear() > 0 ? time.getYear() : 1 - time.getYear(), 4));
        fields.put("HH24", time -> padded(time.getHour(), 2));
        fields.put("MM", time -> padded(time.getMonthValue(), 2));
        fields.put("DD", time -> padded(time.getDayOfMonth(), 2));
        fields.put("MI", time -> padded(time.getMinute(), 2));
        fields.put("SS", time -> padded(time.getSecond(), 2));
        fields.put("Q", time -> Integer.toString(time.get(IsoFields.QUARTER_OF_YEAR)));
        return fields;
    }

    private static String padded(int number, int digits) {
        return String.format(Locale.ROOT, "%0" + digits + "d", number);
    }

    /** @throws Unsupported for a field that it does not have */
    static TimePattern parse(String pattern) {
        List<Function<LocalDateTime, String>> parts = new ArrayList<>();
        int at = 0;
        while (at < pattern.length()) {
            int here = at;
            String field = FIELDS.keySet().stream()
                    .filter(name -> pattern.startsWith(name, here))
                    .findFirst()
                    .orElse(null);
            int quote = pattern.charAt(at) == '"' ? pattern.indexOf('"', at + 1) : -1;
            if (field != null) {
                parts.add(FIELDS.get(field));
                at += field.length();
            } else if (quote > 0) {
                String text = pattern.substring(at + 1, quote);
                parts.add(time -> text);
                at = quote + 1;
            } else if (PUNCTUATION.indexOf(pattern.charAt(at)) >= 0) {
                String text = pattern.substring(at, at + 1);
                parts.add(time -> text);
                at++;
            } else {
                throw new Unsupported(
                        "to_char with '" + pattern.substring(at) + "'",
                        "use " + FIELDS.keySet() + ", punctuation, and other text in double quotes");
            }
        }
        return new TimePattern(parts);
    }

    String format(LocalDateTime time) {
        StringBuilder text = new StringBuilder();
        parts.forEach(part -> text.append(part.apply(time)));
        return text.toString();
    }
}
