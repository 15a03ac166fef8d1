package io.millrace.views.analysis;

import io.millrace.views.expression.Casts;
import io.millrace.views.expression.Implementation;
import io.millrace.views.expression.Special;
import io.millrace.views.expression.ViewFunctions;
import io.millrace.views.planner.Unsupported;
import io.millrace.views.postgres.Catalogue;
import io.millrace.views.postgres.Resolution;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Position;
import io.millrace.views.sql.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;

/** Calls of operators and functions: which one Postgres chooses, its arguments, its result. */
final class Calls {
    static final String AS_TEXT = "views see a type of its own as text: x::text";
    private static final Set<String> COMPARISONS = Set.of("=", "<>", "<", "<=", ">", ">=");
    private static final List<List<String>> WIDER = List.of(
            List.of("int2", "int4", "int8"), List.of("float4", "float8"), List.of("date", "timestamp", "timestamptz"));
    private static final Set<String> NOW = Set.of(
            "now",
            "clock_timestamp",
            "statement_timestamp",
            "transaction_timestamp",
            "timeofday",
            "random",
            "gen_random_uuid");

    private final Rex rex;
    private final Coercion coercion;

    Calls(Rex rex, Coercion coercion) {
        this.rex = rex;
        this.coercion = coercion;
    }

    static Unsupported orderOfText() {
        return new Unsupported(
                "the order of text, which depends on the database's collation,", "compare numbers or dates");
    }

    static Refused refused(Position at, Unsupported unsupported) {
        return new Refused(at, String.valueOf(unsupported.getMessage()), unsupported.remedy());
    }

    /** @param operands one, or two */
    RexNode operator(Position at, String name, RexNode... operands) {
        List<RexNode> given = List.of(operands);
        Catalogue.Signature signature = operator(at, name, given);
        if (name.equals("=")) {
            return equality(at, signature, given);
        }
        if (COMPARISONS.contains(name)
                && !name.equals("<>")
                && signature.arguments().getFirst().matches("text|bpchar")) {
            throw refused(at, orderOfText());
        }
        if (name.equals("||")) {
            return concatenation(at, signature, given);
        }
        return apply(at, signature, given);
    }

    Catalogue.Signature operator(Position at, String name, List<RexNode> operands) {
        operands.forEach(operand -> Coercion.requireDeterministic(Rex.type(operand), rex.place(operand, at)));
        List<String> types = types(operands);
        String shown = operands.size() == 1 ? name + " " + shown(operands) : shown(operands, " " + name + " ");
        return switch (Resolution.operator(name, types)) {
            case Resolution.Found.One one -> one.signature();
            case Resolution.Found.None ignored ->
                throw ofOwnType(operands)
                        ? Refused.unsupported(at, "operator " + name + " of " + shown(operands), AS_TEXT)
                        : new Refused(
                                at, "operator does not exist: " + shown, "cast one side to the type of the other");
            case Resolution.Found.Several ignored ->
                throw new Refused(
                        at, "operator is not unique: " + shown, "cast the operands to the types that are meant");
        };
    }

    /** Whether Postgres may well have operators and functions of these, which views do not know. */
    static boolean ofOwnType(List<RexNode> operands) {
        return operands.stream()
                .map(Rex::type)
                .anyMatch(type -> !type.isInViews() && !type.is("interval") && !type.equals(ValueType.UNKNOWN));
    }

    private static List<String> types(List<RexNode> nodes) {
        return nodes.stream().map(node -> Rex.type(node).name()).toList();
    }

    private static String shown(List<RexNode> nodes) {
        return shown(nodes, ", ");
    }

    private static String shown(List<RexNode> nodes, String between) {
        return nodes.stream()
                .map(node -> Rex.type(node).withoutModifiers().toString())
                .collect(Collectors.joining(between));
    }

    RexNode function(Position at, String name, List<RexNode> arguments) {
        arguments.forEach(argument -> Coercion.requireDeterministic(Rex.type(argument), rex.place(argument, at)));
        if (name.equals("concat")) {
            return concat(at, arguments);
        }
        if (Catalogue.functions(name).isEmpty()) {
            throw NOW.contains(name)
                    ? Refused.unsupported(
                            at,
                            "function " + name + "()",
                            "join the relation clock, which has one row with today: … JOIN clock ON due_date < clock.today")
                    : Refused.unsupported(
                            at,
                            "function " + name + "(" + shown(arguments) + ")",
                            "see docs/sql.md for the functions of views");
        }
        return switch (Resolution.function(name, types(arguments))) {
            case Resolution.Found.One one -> apply(at, one.signature(), arguments);
            case Resolution.Found.None ignored ->
                throw ofOwnType(arguments)
                        ? Refused.unsupported(at, "function " + name + "(" + shown(arguments) + ")", AS_TEXT)
                        : new Refused(
                                at,
                                "function " + name + "(" + shown(arguments) + ") does not exist",
                                "cast the arguments; docs/sql.md lists the functions of views");
            case Resolution.Found.Several ignored ->
                throw new Refused(
                        at,
                        "function " + name + "(" + shown(arguments) + ") is not unique",
                        "cast the arguments to the types that are meant");
        };
    }

    private RexNode apply(Position at, Catalogue.Signature signature, List<RexNode> given) {
        Implementation implementation = ViewFunctions.of(signature.toString());
        if (implementation == null) {
            boolean operator = !Character.isLetter(signature.name().charAt(0));
            String types = String.join(", ", signature.arguments());
            throw Refused.unsupported(
                    at,
                    operator
                            ? "operator " + signature.name() + " of " + types
                            : "function " + signature.name() + "(" + types + ")",
                    "see docs/sql.md for the operators and functions of views");
        }
        List<RexNode> arguments = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            arguments.add(coercion.coerce(
                    given.get(i), ValueType.of(signature.arguments().get(i)), rex.place(given.get(i), at)));
        }
        ValueType result = ValueType.of(signature.result());
        try {
            // The plan compiles it again; here what it refuses has a place.
            implementation.compile(arguments.stream()
                    .map(node -> new Implementation.Argument(row -> null, Rex.isConstant(node), Rex.value(node)))
                    .toList());
        } catch (Unsupported unsupported) {
            throw refused(at, unsupported);
        }
        return rex.call(signature.name(), implementation, result, arguments);
    }

    /** With both sides of one type, so that joins find their keys. */
    private RexNode equality(Position at, Catalogue.Signature signature, List<RexNode> given) {
        ValueType type = comparedAs(signature);
        if (type == null) {
            return apply(at, signature, given);
        }
        return rex.standard(
                SqlStdOperatorTable.EQUALS, compared(at, given.get(0), type), compared(at, given.get(1), type));
    }

    private RexNode compared(Position at, RexNode side, ValueType type) {
        return type.is("timestamp", "timestamptz")
                        && Rex.type(side).is("date", "timestamp")
                        && !Rex.type(side).equals(type)
                ? rex.call("::" + type, Casts.comparable(type), type, List.of(side))
                : coercion.coerce(side, type, rex.place(side, at));
    }

    /** The type in which two sides of an equation are compared; null if they are not by their values alone. */
    private static @org.jspecify.annotations.Nullable ValueType comparedAs(Catalogue.Signature signature) {
        String left = signature.arguments().get(0);
        String right = signature.arguments().get(1);
        if (ViewFunctions.of(signature.toString()) == null || left.equals("interval")) {
            return null;
        }
        if (left.equals("bpchar")) {
            return ValueType.TEXT;
        }
        if (left.equals(right)) {
            return ValueType.of(left);
        }
        for (List<String> types : WIDER) {
            if (types.contains(left) && types.contains(right)) {
                return ValueType.of(types.get(Math.max(types.indexOf(left), types.indexOf(right))));
            }
        }
        return null;
    }

    RexNode distinct(Position at, RexNode left, RexNode right, boolean negated) {
        Catalogue.Signature signature = operator(at, "=", List.of(left, right));
        ValueType type = comparedAs(signature);
        if (type == null) {
            throw Refused.unsupported(
                    at, "IS DISTINCT FROM of " + signature.arguments().getFirst(), "compare other types");
        }
        List<RexNode> sides = List.of(compared(at, left, type), compared(at, right, type));
        String name = negated ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM";
        return rex.call(name, Special.distinct(!negated), ValueType.BOOL, false, sides);
    }

    /** The type of NULLIF is that of its first argument as the comparison has it. */
    RexNode nullIf(Position at, RexNode left, RexNode right) {
        Catalogue.Signature signature = operator(at, "=", List.of(left, right));
        RexNode first = coercion.coerce(left, ValueType.of(signature.arguments().get(0)), rex.place(left, at));
        RexNode equal = operator(at, "=", first, right);
        return rex.call("nullif", Special.nullIf(), Rex.type(first), true, List.of(first, equal));
    }

    /** The side that is not a text is cast to it. */
    private RexNode concatenation(Position at, Catalogue.Signature signature, List<RexNode> given) {
        if (!signature.arguments().contains("text")) {
            return apply(at, signature, given);
        }
        List<RexNode> texts = new ArrayList<>();
        for (RexNode node : given) {
            texts.add(coercion.coerce(node, ValueType.TEXT, rex.place(node, at)));
        }
        Implementation both = java.util.Objects.requireNonNull(ViewFunctions.of("||(text,text)"));
        return rex.call("||", both, ValueType.TEXT, texts);
    }

    private RexNode concat(Position at, List<RexNode> arguments) {
        List<RexNode> given = new ArrayList<>();
        for (RexNode argument : arguments) {
            ValueType type = Rex.type(argument);
            given.add(
                    type.equals(ValueType.UNKNOWN) || ofOwnType(List.of(argument))
                            ? coercion.coerce(argument, ValueType.TEXT, rex.place(argument, at))
                            : argument);
        }
        return rex.call("concat", Special.concat(), ValueType.TEXT, false, given);
    }

    /** Gives several expressions, which become one, their type. */
    List<RexNode> unified(Position at, String what, List<RexNode> nodes) {
        ValueType common = common(at, what, nodes);
        return nodes.stream()
                .map(node -> coercion.coerceExactly(node, common, rex.place(node, at)))
                .toList();
    }

    ValueType common(Position at, String what, List<RexNode> nodes) {
        List<ValueType> types = nodes.stream().map(Rex::type).distinct().toList();
        if (types.size() == 1 && !types.getFirst().equals(ValueType.UNKNOWN)) {
            return types.getFirst();
        }
        String common = Resolution.common(types(nodes));
        if (common == null) {
            throw new Refused(
                    at, what + " types " + shown(nodes, " and ") + " cannot be matched", "cast them to one type");
        }
        return ValueType.of(common);
    }
}
