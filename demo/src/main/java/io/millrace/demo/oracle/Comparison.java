package io.millrace.demo.oracle;

import java.util.List;

/**
 * Something beside what it must equal.
 *
 * @param subject a topic or a view
 * @param expected how many rows or transactions the source has
 * @param actual how many are here
 * @param differences how many are missing, surplus or different
 * @param examples some of them
 */
public record Comparison(String subject, long expected, long actual, long differences, List<String> examples) {
    public boolean equal() {
        return differences == 0;
    }
}
