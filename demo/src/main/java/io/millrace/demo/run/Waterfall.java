package io.millrace.demo.run;

import io.millrace.embedded.TraceCollector.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A trace as text: what waited for what, and for how long. */
final class Waterfall {
    private static final int LONGEST_VALUE = 40;

    private final String id;
    private final List<Step> steps;
    private final StringBuilder text = new StringBuilder();

    private Waterfall(String id, List<Step> steps) {
        this.id = id;
        this.steps = steps;
    }

    /** That of the traces which went through the most stages, of these the simplest. Empty if none came. */
    static Optional<String> longest(Map<String, List<Step>> traces) {
        return traces.entrySet().stream()
                .filter(trace ->
                        trace.getValue().stream().anyMatch(step -> step.parent().isEmpty()))
                .max(Comparator.<Map.Entry<String, List<Step>>>comparingLong(trace -> stages(trace.getValue()))
                        .thenComparingInt(trace -> -trace.getValue().size()))
                .map(trace -> new Waterfall(trace.getKey(), trace.getValue()).write());
    }

    private static long stages(List<Step> steps) {
        return steps.stream().map(Step::name).distinct().count();
    }

    private String write() {
        Instant begin = steps.getFirst().begin();
        Instant end =
                steps.stream().map(Step::end).max(Comparator.naturalOrder()).orElse(begin);
        text.append(String.format(
                Locale.ROOT, "trace %s: %.1f ms from the commit to the last of it%n", id, ms(begin, end)));
        text.append(String.format(Locale.ROOT, "%-34s %10s %10s%n", "", "begins at", "takes"));
        steps.stream().filter(step -> step.parent().isEmpty()).forEach(root -> add(root, begin, "", ""));
        return text.toString();
    }

    private void add(Step step, Instant zero, String first, String others) {
        String attributes = step.attributes().entrySet().stream()
                .map(one -> "  " + one.getKey().replace("millrace.", "") + ": " + cut(one.getValue()))
                .collect(Collectors.joining());
        text.append(String.format(
                Locale.ROOT,
                "%-34s %7.1f ms %7.1f ms%s%s%n",
                first + step.name(),
                ms(zero, step.begin()),
                ms(step.begin(), step.end()),
                attributes,
                step.failed() ? "  FAILED" : ""));
        List<Step> children =
                steps.stream().filter(child -> child.parent().equals(step.id())).toList();
        for (int i = 0; i < children.size(); i++) {
            boolean last = i == children.size() - 1;
            add(children.get(i), zero, others + (last ? "└ " : "├ "), others + (last ? "  " : "│ "));
        }
    }

    private static String cut(String value) {
        return value.length() > LONGEST_VALUE ? value.substring(0, LONGEST_VALUE) + "…" : value;
    }

    private static double ms(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e6;
    }
}
