package io.millrace.views.plan;

import io.millrace.schemas.row.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A plan as text, for people: the operators, what each works on, and what it keeps in memory. */
public final class Explanation {
    private static final Pattern REFERENCE = Pattern.compile("\\$(\\d+)");
    private static final String OF = " of (";

    private final StringBuilder text = new StringBuilder();
    private final @Nullable Map<String, Long> sizes;

    private Explanation(@Nullable Map<String, Long> sizes) {
        this.sizes = sizes;
    }

    /** @param sizes rows and groups in memory by {@link Node#id}, or null where no hub is running */
    public static String of(ViewPlan view, @Nullable Map<String, Long> sizes) {
        Explanation explanation = new Explanation(sizes);
        explanation
                .text
                .append("view ")
                .append(view.name())
                .append(", key (")
                .append(view.key().stream()
                        .map(index -> view.columns().get(index).name())
                        .collect(Collectors.joining(", ")))
                .append(")\n");
        explanation.add(view.root(), "", "");
        return explanation.text.toString();
    }

    private void add(Node node, String first, String others) {
        text.append(first).append(readable(describe(node))).append(state(node)).append('\n');
        List<Node> inputs = inputs(node);
        for (int i = 0; i < inputs.size(); i++) {
            boolean last = i == inputs.size() - 1;
            add(inputs.get(i), others + (last ? "└ " : "├ "), others + (last ? "  " : "│ "));
        }
    }

    private String state(Node node) {
        String kept = Cost.of(node).stream()
                .map(Cost::keeps)
                .filter(keeps -> !keeps.equals(Cost.NOTHING))
                .distinct()
                .collect(Collectors.joining(", "));
        if (kept.isEmpty()) {
            return "";
        }
        return sizes == null
                ? "; keeps " + kept
                : "; keeps " + kept + String.format(Locale.ROOT, ", %,d now", sizes.getOrDefault(node.id(), 0L));
    }

    /** Without what only Calcite needs. */
    private static String readable(String expression) {
        return expression
                .replace("_UTF-8'", "'")
                .replaceAll(":DECIMAL\\(1000, 500\\)( NOT NULL)?", ":numeric")
                .replaceAll(":VARCHAR( CHARACTER SET [^ ]*)?( NOT NULL)?", ":text")
                .replace(":INTEGER NOT NULL", ":integer");
    }

    /** What feeds a node. */
    public static List<Node> inputs(Node node) {
        return switch (node) {
            case Node.Scan ignored -> List.of();
            case Node.Filter filter -> List.of(filter.input());
            case Node.Project project -> List.of(project.input());
            case Node.Join join -> List.of(join.left(), join.right());
            case Node.Aggregate aggregate -> List.of(aggregate.input());
            case Node.UnionAll union -> union.inputs();
        };
    }

    private static String describe(Node node) {
        return switch (node) {
            case Node.Scan scan -> "scan " + scan.relation().name() + " (" + names(scan.columns()) + ")";
            case Node.Filter filter ->
                "filter "
                        + named(
                                own(filter).substring("filter ".length()),
                                filter.input().columns());
            case Node.Project project -> project(project);
            case Node.Join join -> join(join);
            case Node.Aggregate aggregate -> aggregate(aggregate);
            case Node.UnionAll ignored -> "union all";
        };
    }

    /** The part of the digest that is about the node itself. */
    private static String own(Node node) {
        int end = node.digest().indexOf(OF);
        return end < 0 ? node.digest() : node.digest().substring(0, end);
    }

    private static String names(List<Column> columns) {
        return columns.stream().map(Column::name).collect(Collectors.joining(", "));
    }

    /** With the names of columns in the place of their numbers. */
    private static String named(String expression, List<Column> columns) {
        return REFERENCE.matcher(expression).replaceAll(reference -> {
            int index = Integer.parseInt(reference.group(1));
            return Matcher.quoteReplacement(
                    index < columns.size() ? columns.get(index).name() : reference.group());
        });
    }

    private static String project(Node.Project project) {
        String own = own(project);
        if (own.startsWith("rename ")) {
            return "project (" + names(project.columns()) + ")";
        }
        String expressions =
                named(own.substring("project ".length()), project.input().columns());
        String names = names(project.columns());
        return expressions.equals("[" + names + "]")
                ? "project (" + names + ")"
                : "project (" + names + ") = " + expressions;
    }

    private static String join(Node.Join join) {
        List<Column> left = join.left().columns();
        List<Column> right = join.right().columns();
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < join.leftKeys().size(); i++) {
            conditions.add(left.get(join.leftKeys().get(i)).name() + " = "
                    + right.get(join.rightKeys().get(i)).name());
        }
        String kind = switch (join.kind()) {
            case INNER -> "join";
            case LEFT -> "left join";
            case SEMI -> "semi-join (EXISTS, IN)";
            case ANTI -> "anti-join (NOT EXISTS, NOT IN)";
        };
        String residual = "";
        if (join.residual() != null) {
            String own = own(join);
            residual = ", then "
                    + named(
                            own.substring(own.lastIndexOf("] ") + 2),
                            Stream.concat(left.stream(), right.stream()).toList());
        }
        return kind + " on " + (conditions.isEmpty() ? "every pair" : String.join(" and ", conditions)) + residual;
    }

    private static String aggregate(Node.Aggregate aggregate) {
        List<Column> columns = aggregate.input().columns();
        String by = aggregate.groupBy().stream()
                .map(index -> columns.get(index).name())
                .collect(Collectors.joining(", "));
        String calls = aggregate.calls().stream()
                .map(call -> call.function().toString().toLowerCase(Locale.ROOT) + "("
                        + (call.distinct() ? "distinct " : "")
                        + call.arguments().stream()
                                .map(index -> columns.get(index).name())
                                .collect(Collectors.joining(", "))
                        + ")")
                .collect(Collectors.joining(", "));
        return (calls.isEmpty() ? "distinct (" + by + ")" : "group by (" + by + "): " + calls);
    }
}
