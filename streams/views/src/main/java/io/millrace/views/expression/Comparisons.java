package io.millrace.views.expression;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** Comparisons of values of one type, or of types that are compared with each other. */
final class Comparisons {
    private static final Map<String, IntPredicate> OPERATORS = Map.of(
            "=", order -> order == 0,
            "<>", order -> order != 0,
            "<", order -> order < 0,
            "<=", order -> order <= 0,
            ">", order -> order > 0,
            ">=", order -> order >= 0);
    private static final List<List<String>> FAMILIES = List.of(
            List.of("int2", "int4", "int8"),
            List.of("float4", "float8"),
            List.of("numeric"),
            List.of("bool"),
            List.of("uuid"),
            List.of("interval"),
            List.of("date", "timestamp", "timestamptz"));

    private Comparisons() {}

    static void register(Map<String, Implementation> all) {
        OPERATORS.forEach((operator, accepted) -> {
            for (List<String> family : FAMILIES) {
                for (String left : family) {
                    for (String right : family) {
                        all.put(
                                operator + '(' + left + ',' + right + ')',
                                Implementation.two((a, b) -> accepted.test(compare(a, b))));
                    }
                }
            }
            // The order of text depends on the database's collation; whether it is equal does not.
            if (operator.equals("=") || operator.equals("<>")) {
                all.put(operator + "(text,text)", Implementation.two((a, b) -> accepted.test(compare(a, b))));
                all.put(
                        operator + "(bpchar,bpchar)",
                        Implementation.two((a, b) ->
                                accepted.test(compare(Casts.trimmed((String) a), Casts.trimmed((String) b)))));
            }
        });
    }

    private static int compare(Object left, Object right) {
        boolean times = left instanceof LocalDate || left instanceof LocalDateTime || left instanceof java.time.Instant;
        return times && left.getClass() != right.getClass()
                ? Times.local(left).compareTo(Times.local(right))
                : PgOrder.INSTANCE.compare(left, right);
    }
}
