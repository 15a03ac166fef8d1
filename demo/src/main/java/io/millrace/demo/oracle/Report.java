package io.millrace.demo.oracle;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** Prints comparisons as a table. */
public final class Report {
    private Report() {}

    /** @return whether all are equal */
    public static boolean print(PrintWriter out, String title, List<Comparison> comparisons) {
        int width = comparisons.stream()
                .mapToInt(comparison -> comparison.subject().length())
                .max()
                .orElse(0);
        width = Math.max(width, title.length());
        out.printf(Locale.ROOT, "%-" + width + "s %12s %12s  %s%n", title, "source", "published", "result");
        boolean equal = true;
        for (Comparison comparison : comparisons) {
            out.printf(
                    Locale.ROOT,
                    "%-" + width + "s %,12d %,12d  %s%n",
                    comparison.subject(),
                    comparison.expected(),
                    comparison.actual(),
                    comparison.equal() ? "equal" : comparison.differences() + " DIFFERENT");
            comparison.examples().forEach(example -> out.println("    " + example));
            equal &= comparison.equal();
        }
        out.flush();
        return equal;
    }
}
