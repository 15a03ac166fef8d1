package io.millrace.views.analysis;

import io.millrace.views.expression.Special;
import io.millrace.views.plan.AggregateCall.Function;
import io.millrace.views.postgres.Catalogue;
import io.millrace.views.postgres.Resolution;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Expr;
import io.millrace.views.sql.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** The aggregates of a query: what is written of them becomes a placeholder, which the grouping replaces. */
final class Aggregates {
    static final String WEIGHTED_AVERAGE_COST = "weighted_average_cost";

    private final Rex rex;
    private final Coercion coercion;
    private final List<RexCall> found = new ArrayList<>();

    Aggregates(Rex rex) {
        this.rex = rex;
        this.coercion = new Coercion(rex);
    }

    /** Equal ones are there once. */
    List<RexCall> found() {
        return found;
    }

    static boolean isPlaceholder(RexNode node) {
        return node instanceof RexCall call && call.getOperator() instanceof Aggregation;
    }

    RexNode add(Expr.Call call, Scope scope) {
        Expressions within = new Expressions(rex, scope, "the arguments of an aggregate", null);
        List<RexNode> given = call.arguments().stream().map(within::of).toList();
        Typed typed = call.name().equals(WEIGHTED_AVERAGE_COST) ? weighted(call, given) : typed(call, given);
        List<RexNode> operands = new ArrayList<>(typed.arguments);
        List<Aggregation.Direction> order = new ArrayList<>();
        for (Expr.Order by : call.order()) {
            RexNode node = within.of(by.by());
            requireOrder(by, node);
            operands.add(node);
            order.add(new Aggregation.Direction(by.descending(), by.nullsFirst()));
        }
        if (call.filter() != null) {
            RexNode filter = within.condition(call.filter(), "FILTER");
            operands.replaceAll(operand -> where(filter, operand));
            operands.add(filter);
        }
        boolean distinct = call.distinct() && typed.function != Function.MIN && typed.function != Function.MAX;
        Aggregation.Shape shape = new Aggregation.Shape(distinct, given.size(), order, call.filter() != null);
        // Whether it may be null is known when the groups are.
        RelType result = new RelType(typed.result, typed.function != Function.COUNT);
        RexCall placeholder =
                (RexCall) rex.builder().makeCall(result, new Aggregation(typed.function, result, shape), operands);
        if (!found.contains(placeholder)) {
            found.add(placeholder);
        }
        return placeholder;
    }

    /** What a row that is filtered away would fail on is not evaluated. */
    private RexNode where(RexNode filter, RexNode operand) {
        return operand instanceof RexInputRef || Rex.isConstant(operand)
                ? operand
                : rex.call(
                        "CASE",
                        Special.choice(),
                        Rex.type(operand),
                        true,
                        List.of(filter, operand, rex.constant(Rex.type(operand), null)));
    }

    private static void requireOrder(Expr.Order by, RexNode node) {
        if (Rex.type(node).is("text", "bpchar")) {
            throw Calls.refused(by.by().at(), Calls.orderOfText());
        }
        if (!Rex.type(node).isComparable()) {
            throw Refused.unsupported(by.by().at(), "an order by " + Rex.type(node), "order by numbers or times");
        }
    }

    private record Typed(Function function, List<RexNode> arguments, ValueType result) {}

    private Typed weighted(Expr.Call call, List<RexNode> given) {
        if (call.order().isEmpty() || call.distinct() || given.size() != 2) {
            throw Refused.unsupported(
                    call.at(),
                    "weighted_average_cost without an order, or with DISTINCT,",
                    "say in which order: weighted_average_cost(quantity, unit_cost ORDER BY moved_at, id)");
        }
        List<RexNode> arguments = new ArrayList<>();
        for (RexNode node : given) {
            if (!Resolution.canCoerce(Rex.type(node).name(), "numeric")) {
                throw new Refused(
                        call.at(), "weighted_average_cost of " + Rex.type(node), "cast the arguments to numeric");
            }
            arguments.add(coercion.coerce(node, ValueType.NUMERIC, rex.place(node, call.at())));
        }
        return new Typed(Function.WEIGHTED_AVERAGE_COST, arguments, ValueType.NUMERIC);
    }

    private Typed typed(Expr.Call call, List<RexNode> given) {
        String name = call.name();
        if (!call.order().isEmpty()) {
            throw Refused.unsupported(
                    call.at(), "ORDER BY in " + name, "leave it out: the result does not depend on it");
        }
        if (call.star() && !name.equals("count")) {
            throw new Refused(call.at(), name + "(*) does not exist", "name a column: " + name + "(x)");
        }
        List<String> types = given.stream().map(node -> Rex.type(node).name()).toList();
        Catalogue.Signature signature = signature(call, types, given);
        Function function = Function.valueOf(name.toUpperCase(Locale.ROOT));
        if (given.isEmpty()) {
            return new Typed(function, List.of(), ValueType.INT8);
        }
        RexNode argument = coercion.coerce(
                given.getFirst(),
                ValueType.of(
                        signature.arguments().getFirst().equals("any")
                                ? textIfUnknown(types)
                                : signature.arguments().getFirst()),
                rex.place(given.getFirst(), call.at()));
        requireExact(call, function, Rex.type(argument));
        return new Typed(function, List.of(argument), ValueType.of(signature.result()));
    }

    private static String textIfUnknown(List<String> types) {
        return types.getFirst().equals(Resolution.UNKNOWN) ? "text" : types.getFirst();
    }

    private static Catalogue.Signature signature(Expr.Call call, List<String> types, List<RexNode> given) {
        return switch (Resolution.function(call.name(), types)) {
            case Resolution.Found.One one -> one.signature();
            case Resolution.Found.None ignored ->
                throw Calls.ofOwnType(given)
                        ? Refused.unsupported(call.at(), call.name() + " of " + String.join(", ", types), Calls.AS_TEXT)
                        : noSuch(call, types, "does not exist");
            case Resolution.Found.Several ignored -> throw noSuch(call, types, "is not unique");
        };
    }

    private static Refused noSuch(Expr.Call call, List<String> types, String what) {
        return new Refused(
                call.at(),
                "function " + call.name() + "(" + String.join(", ", types) + ") " + what,
                "cast the argument to a type that it takes");
    }

    private static void requireExact(Expr.Call call, Function function, ValueType type) {
        boolean sums = function == Function.SUM || function == Function.AVG;
        boolean extreme = function == Function.MIN || function == Function.MAX;
        if (sums && type.is("float4", "float8")) {
            throw Refused.unsupported(
                    call.at(),
                    function + " of floating point, which depends on the order of the rows,",
                    "cast the argument: " + call.name() + "(x::numeric)");
        }
        if (extreme && type.is("text", "bpchar")) {
            throw Refused.unsupported(
                    call.at(),
                    function + " of text, which depends on the database's collation,",
                    "use numbers or dates");
        }
        if ((sums || extreme || call.distinct()) && !type.isComparable()) {
            throw Refused.unsupported(call.at(), function + " of " + type, "cast the argument to another type");
        }
    }

    /** Null if there is none. */
    static @Nullable RexCall within(RexNode node) {
        RexCall[] inner = new RexCall[1];
        node.accept(new org.apache.calcite.rex.RexShuttle() {
            @Override
            public RexNode visitCall(RexCall call) {
                if (isPlaceholder(call)) {
                    inner[0] = call;
                    return call;
                }
                return super.visitCall(call);
            }
        });
        return inner[0];
    }
}
