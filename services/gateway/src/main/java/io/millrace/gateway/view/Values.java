package io.millrace.gateway.view;

import java.util.ArrayList;
import java.util.List;

/** Values with commas between; one with a comma or a quote in it is quoted as in CSV. */
final class Values {
    private final String text;
    private int at;

    private Values(String text) {
        this.text = text;
    }

    /** @throws IllegalArgumentException if a quote is not closed, or something follows it */
    static List<String> parse(String text) {
        Values values = new Values(text);
        List<String> parsed = new ArrayList<>();
        parsed.add(values.next());
        while (values.at < text.length()) {
            values.at++;
            parsed.add(values.next());
        }
        return parsed;
    }

    /** Leaves the position at a comma or at the end. */
    private String next() {
        if (at < text.length() && text.charAt(at) == '"') {
            at++;
            return quoted();
        }
        int comma = text.indexOf(',', at);
        int end = comma < 0 ? text.length() : comma;
        String value = text.substring(at, end);
        at = end;
        return value;
    }

    private String quoted() {
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            boolean quote = c == '"';
            if (quote && at < text.length() && text.charAt(at) == '"') {
                at++;
            } else if (quote && (at == text.length() || text.charAt(at) == ',')) {
                return value.toString();
            } else if (quote) {
                throw new IllegalArgumentException("something follows a quote");
            }
            value.append(c);
        }
        throw new IllegalArgumentException("a quote is not closed");
    }
}
