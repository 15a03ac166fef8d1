package io.millrace.views.analysis;

import io.millrace.views.expression.Casts;
import io.millrace.views.expression.Implementation;
import io.millrace.views.expression.Inputs;
import io.millrace.views.expression.IntervalInput;
import io.millrace.views.plan.ExpressionFailure;
import io.millrace.views.planner.Unsupported;
import io.millrace.views.postgres.Resolution;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Position;
import io.millrace.views.sql.Refused;
import io.millrace.views.sql.TypeName;
import java.util.List;
import java.util.Set;
import org.apache.calcite.rex.RexNode;

/** Gives expressions other types: literals become values of the type, other expressions are cast. */
final class Coercion {
    private static final Set<String> TYPES = Set.of(
            "bool",
            "int2",
            "int4",
            "int8",
            "float4",
            "float8",
            "numeric",
            "text",
            "varchar",
            "bpchar",
            "uuid",
            "date",
            "timestamp",
            "timestamptz",
            "interval");
    private static final int MOST_DIGITS = 1_000;
    private static final int MICROS = 6;
    private static final int LONGEST_TEXT = 10_485_760;

    private final Rex rex;

    Coercion(Rex rex) {
        this.rex = rex;
    }

    /** Without a cast being written: the caller has seen that Postgres does it. */
    RexNode coerce(RexNode node, ValueType type, Position at) {
        ValueType from = Rex.type(node);
        if (from.name().equals(type.name()) && (type.precision() < 0 || from.equals(type))) {
            return node;
        }
        return Rex.isUnknown(node) ? literal(node, type, "", at) : cast(node, type, at);
    }

    /** The same for what several expressions become: without a declared scale that only one of them has. */
    RexNode coerceExactly(RexNode node, ValueType type, Position at) {
        return retyped(coerce(node, type, at), type);
    }

    /** A literal whose type was open until now. */
    private RexNode literal(RexNode node, ValueType type, String intervalField, Position at) {
        Object text = Rex.value(node);
        if (text == null) {
            return rex.constant(type, null);
        }
        try {
            Object value = type.is("interval")
                    ? IntervalInput.read((String) text, intervalField)
                    : type.is("text") && type.precision() >= 0
                            ? castText((String) text, type)
                            : Inputs.read((String) text, type);
            return rex.constant(type.is("text") ? ValueType.TEXT : type, value);
        } catch (ExpressionFailure invalid) {
            throw new Refused(at, String.valueOf(invalid.getMessage()), "write a value of type " + type);
        } catch (Unsupported unsupported) {
            throw new Refused(at, String.valueOf(unsupported.getMessage()), unsupported.remedy());
        }
    }

    private static Object castText(String text, ValueType type) {
        Implementation cut = java.util.Objects.requireNonNull(Casts.of(ValueType.TEXT, type));
        return java.util.Objects.requireNonNull(
                cut.compile(List.of(new Implementation.Argument(row -> text, true, text)))
                        .evaluate(new Object[0]));
    }

    private RexNode cast(RexNode node, ValueType type, Position at) {
        ValueType from = Rex.type(node);
        requireDeterministic(from, at);
        Implementation cast = Casts.of(from, type);
        if (cast == null) {
            throw Refused.unsupported(
                    at, "a cast from " + from + " to " + type, "cast by way of a type that both have in common");
        }
        ValueType result = type.is("text") ? ValueType.TEXT : type;
        Object value = Rex.value(node);
        if (value != null) {
            try {
                return rex.constant(
                        result,
                        cast.compile(List.of(new Implementation.Argument(row -> value, true, value)))
                                .evaluate(new Object[0]));
            } catch (ExpressionFailure invalid) {
                throw new Refused(at, String.valueOf(invalid.getMessage()), "write a value of type " + type);
            }
        }
        return rex.call("::" + type, cast, result, List.of(node));
    }

    /** A cast to text would keep the collation in Postgres. */
    static void requireDeterministic(ValueType type, Position at) {
        if (type.hasOwnCollation()) {
            throw Refused.unsupported(
                    at,
                    "text with a collation that is not deterministic (" + type + ")",
                    "compare it by its bytes: column COLLATE \"C\"; or compare lower(column COLLATE \"C\")");
        }
    }

    /** A cast that is written. */
    RexNode cast(RexNode node, TypeName name, Position at) {
        ValueType type = type(name);
        ValueType from = Rex.type(node);
        if (Rex.isUnknown(node)) {
            return literal(node, type, name.interval(), at);
        }
        if (!Resolution.canCast(from.name(), type.name())) {
            throw new Refused(
                    at, "cannot cast type " + from + " to " + type, "cast by way of a type that both have in common");
        }
        if (!name.interval().isEmpty()) {
            throw Refused.unsupported(
                    name.at(), "an interval of certain fields", "write interval '1' day with a literal");
        }
        return from.equals(type) || from.name().equals(type.name()) && type.precision() < 0
                ? retyped(node, type)
                : cast(node, type, at);
    }

    /** {@code x::numeric} of a numeric(12,2) forgets only the declaration. */
    private RexNode retyped(RexNode node, ValueType type) {
        return Rex.type(node).equals(type)
                ? node
                : rex.call("::" + type, Implementation.one(value -> value), type, List.of(node));
    }

    /** @throws Refused for a type that expressions can't have */
    static ValueType type(TypeName name) {
        if (!TYPES.contains(name.name())) {
            throw Refused.unsupported(
                    name.at(), "type " + name.name(), "cast to a type that docs/sql.md lists, or to text");
        }
        List<Integer> modifiers = name.modifiers();
        return switch (name.name()) {
            case "numeric" -> numeric(name);
            case "text", "varchar" -> length(name, "text");
            case "bpchar" -> length(name, "bpchar");
            case "timestamp", "timestamptz" -> {
                if (modifiers.size() > 1
                        || !modifiers.isEmpty() && (modifiers.getFirst() < 0 || modifiers.getFirst() > MICROS)) {
                    throw new Refused(
                            name.at(), name.name() + modifiers + " is not a type", "write a precision of 0 to 6");
                }
                yield modifiers.isEmpty()
                        ? ValueType.of(name.name())
                        : new ValueType(name.name(), modifiers.getFirst(), -1);
            }
            default -> {
                if (!modifiers.isEmpty()) {
                    throw Refused.unsupported(name.at(), "a precision of " + name.name(), "leave the precision out");
                }
                yield ValueType.of(name.name());
            }
        };
    }

    /** A scale that is not written is 0. */
    private static ValueType numeric(TypeName name) {
        List<Integer> modifiers = name.modifiers();
        if (modifiers.isEmpty()) {
            return ValueType.NUMERIC;
        }
        int precision = modifiers.getFirst();
        int scale = modifiers.size() > 1 ? modifiers.get(1) : 0;
        if (modifiers.size() > 2 || precision < 1 || precision > MOST_DIGITS || Math.abs(scale) > MOST_DIGITS) {
            throw new Refused(
                    name.at(),
                    "numeric" + modifiers + " is not a type",
                    "write numeric(precision, scale), with a precision of 1 to 1000");
        }
        return new ValueType("numeric", precision, scale);
    }

    private static ValueType length(TypeName name, String type) {
        List<Integer> modifiers = name.modifiers();
        if (modifiers.isEmpty()) {
            return ValueType.of(type);
        }
        if (modifiers.size() > 1 || modifiers.getFirst() < 1 || modifiers.getFirst() > LONGEST_TEXT) {
            throw new Refused(name.at(), name.name() + modifiers + " is not a type", "write a length of 1 or more");
        }
        return new ValueType(type, modifiers.getFirst(), -1);
    }
}
