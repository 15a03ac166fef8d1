package io.millrace.views.planner;

import io.millrace.views.expression.Constant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;

/** Expressions as SQL writes them, with the numbers of columns: for digests, and for people. Every call is in parentheses. */
final class Rendered {
    private Rendered() {}

    static String of(List<RexNode> nodes) {
        return nodes.stream().map(Rendered::of).collect(Collectors.joining(", ", "[", "]"));
    }

    static String of(RexNode node) {
        if (!(node instanceof RexCall call) || call.getOperator() instanceof Constant) {
            return node.toString();
        }
        String name = call.getOperator().getName();
        List<String> operands = call.getOperands().stream().map(Rendered::of).toList();
        if (name.startsWith("::")) {
            return operands.getFirst() + name;
        }
        if (name.equals("CASE")) {
            return choice(operands);
        }
        if (name.startsWith("IS ") && operands.size() == 1) {
            return "(" + operands.getFirst() + " " + name + ")";
        }
        boolean symbol = !Character.isLetter(name.charAt(0));
        boolean infix = symbol || name.equals("AND") || name.equals("OR") || name.startsWith("IS ");
        if (infix && operands.size() > 1) {
            return operands.stream().collect(Collectors.joining(" " + name + " ", "(", ")"));
        }
        return symbol || name.equals("NOT")
                ? "(" + name + " " + operands.getFirst() + ")"
                : name + operands.stream().collect(Collectors.joining(", ", "(", ")"));
    }

    private static String choice(List<String> parts) {
        List<String> text = new ArrayList<>(List.of("CASE"));
        for (int i = 0; i + 1 < parts.size(); i += 2) {
            text.add("WHEN " + parts.get(i) + " THEN " + parts.get(i + 1));
        }
        text.add("ELSE " + parts.getLast() + " END");
        return String.join(" ", text);
    }
}
