package io.millrace.views.analysis;

import io.millrace.views.expression.Implementation;
import io.millrace.views.expression.Inputs;
import io.millrace.views.expression.Special;
import io.millrace.views.postgres.Catalogue;
import io.millrace.views.postgres.Resolution;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Expr;
import io.millrace.views.sql.Position;
import io.millrace.views.sql.Refused;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.jspecify.annotations.Nullable;

/** Expressions of one clause of a query, with their types. */
final class Expressions {
    private static final Set<String> BINARY = Set.of("C", "POSIX");

    private final Rex rex;
    private final Coercion coercion;
    private final Calls calls;
    private final Scope scope;
    private final String clause;
    private final @Nullable Aggregates aggregates;

    /**
     * @param clause for messages: WHERE
     * @param aggregates takes the aggregates of the clause; null where there may be none
     */
    Expressions(Rex rex, Scope scope, String clause, @Nullable Aggregates aggregates) {
        this.rex = rex;
        this.coercion = new Coercion(rex);
        this.calls = new Calls(rex, coercion);
        this.scope = scope;
        this.clause = clause;
        this.aggregates = aggregates;
    }

    /** @return of type {@link ValueType#UNKNOWN} for a literal whose type is open */
    RexNode of(Expr expression) {
        return rex.at(
                expression.at(),
                switch (expression) {
                    case Expr.Name name -> mention(scope.column(name, rex.builder()));
                    case Expr.Literal literal -> literal(literal);
                    case Expr.Cast cast ->
                        coercion.cast(
                                of(cast.operand()), cast.type(), cast.operand().at());
                    case Expr.Collate collate -> collated(collate);
                    case Expr.Unary unary -> calls.operator(unary.at(), unary.operator(), of(unary.operand()));
                    case Expr.Binary binary -> binary(binary);
                    case Expr.Logic logic -> logic(logic);
                    case Expr.Not not ->
                        rex.call("NOT", Special.not(), ValueType.BOOL, List.of(condition(not.operand(), "NOT")));
                    case Expr.Is is -> is(is);
                    case Expr.IsDistinct is -> calls.distinct(is.at(), of(is.left()), of(is.right()), is.negated());
                    case Expr.Between between -> between(between);
                    case Expr.InList in -> in(in);
                    case Expr.Like like -> like(like);
                    case Expr.Case choice -> choice(choice);
                    case Expr.Special special -> special(special);
                    case Expr.Call call -> call(call);
                    case Expr.Row row -> throw Refused.unsupported(row.at(), "a row as a value", "name single columns");
                    case Expr.InQuery in -> throw subQuery(in.at());
                    case Expr.Exists exists -> throw subQuery(exists.at());
                    case Expr.Value value ->
                        throw Refused.unsupported(
                                value.at(), "a subquery as a value", "use a LEFT JOIN with a grouped subquery");
                });
    }

    /** Each mention of a column has its own place. */
    private static RexNode mention(RexNode column) {
        return column instanceof RexInputRef reference
                ? new RexInputRef(reference.getIndex(), reference.getType())
                : column;
    }

    static Refused subQuery(Position at) {
        return Refused.unsupported(
                at,
                "a subquery inside an expression",
                "make EXISTS or IN a condition of its own in WHERE, joined to the others by AND; for a value, LEFT JOIN a grouped"
                        + " subquery");
    }

    /** A truth value. */
    RexNode condition(Expr expression, String of) {
        RexNode node = of(expression);
        if (!Rex.type(node).equals(ValueType.BOOL) && !Rex.isUnknown(node)) {
            throw new Refused(
                    expression.at(),
                    "argument of " + of + " must be type boolean, not type " + Rex.type(node),
                    "write a condition");
        }
        return coercion.coerce(node, ValueType.BOOL, expression.at());
    }

    /** Text by its bytes, which is what views compare: of a column with another rule this has to be said. */
    private RexNode collated(Expr.Collate collate) {
        if (!BINARY.contains(collate.collation())) {
            throw Refused.unsupported(
                    collate.at(), "COLLATE \"" + collate.collation() + '"', "write COLLATE \"C\", or leave it out");
        }
        RexNode operand = of(collate.operand());
        ValueType type = Rex.type(operand);
        if (type.hasOwnCollation()) {
            return rex.call("::text", Implementation.one(value -> value), ValueType.TEXT, List.of(operand));
        }
        if (!type.is("text", "bpchar") && !Rex.isUnknown(operand)) {
            throw new Refused(collate.at(), "collations are not supported by type " + type, "leave COLLATE out");
        }
        return operand;
    }

    private RexNode literal(Expr.Literal literal) {
        return switch (literal.kind()) {
            case NULL -> rex.constant(ValueType.UNKNOWN, null);
            case STRING -> rex.constant(ValueType.UNKNOWN, literal.text());
            case BOOLEAN -> rex.constant(ValueType.BOOL, literal.text().equals("true"));
            case NUMBER -> number(literal.text());
        };
    }

    /** Integer if it fits, else bigint, else numeric. */
    private RexNode number(String text) {
        BigDecimal value = (BigDecimal) Inputs.numeric(text);
        if (text.matches("-?(0[xob].*|[0-9]+)")) {
            try {
                return rex.constant(ValueType.INT4, value.intValueExact());
            } catch (ArithmeticException larger) {
                try {
                    return rex.constant(ValueType.INT8, value.longValueExact());
                } catch (ArithmeticException largest) {
                    return rex.constant(ValueType.NUMERIC, value);
                }
            }
        }
        return rex.constant(ValueType.NUMERIC, value);
    }

    private RexNode binary(Expr.Binary binary) {
        if (binary.left() instanceof Expr.Row left && binary.right() instanceof Expr.Row right) {
            if (!binary.operator().equals("=") && !binary.operator().equals("<>")) {
                throw Refused.unsupported(
                        binary.at(), "the order of rows", "compare the columns: a < c OR a = c AND b < d");
            }
            return rows(binary.at(), binary.operator(), left, right);
        }
        return calls.operator(binary.at(), binary.operator(), of(binary.left()), of(binary.right()));
    }

    private RexNode rows(Position at, String operator, Expr.Row left, Expr.Row right) {
        if (left.items().size() != right.items().size()) {
            throw new Refused(at, "rows of different length are compared", "give both as many columns");
        }
        List<RexNode> pairs = new ArrayList<>();
        for (int i = 0; i < left.items().size(); i++) {
            pairs.add(calls.operator(
                    at, operator, of(left.items().get(i)), of(right.items().get(i))));
        }
        return all(operator.equals("="), pairs);
    }

    /** AND or OR of ours: Calcite's own are for whole conditions, and may not be within each other when its rules have moved them. */
    private RexNode all(boolean and, List<RexNode> conditions) {
        return conditions.size() == 1
                ? conditions.getFirst()
                : rex.call(and ? "AND" : "OR", Special.logic(and), ValueType.BOOL, conditions);
    }

    /** A whole condition, part by part as AND joins it, so that Calcite's rules find what they can move. */
    RexNode conjunction(Expr expression, String of) {
        List<RexNode> parts = new ArrayList<>();
        for (Expr part : conjuncts(expression)) {
            if (part instanceof Expr.Binary binary
                    && binary.operator().equals("=")
                    && binary.left() instanceof Expr.Row left
                    && binary.right() instanceof Expr.Row right
                    && left.items().size() == right.items().size()) {
                for (int i = 0; i < left.items().size(); i++) {
                    parts.add(calls.operator(
                            binary.at(),
                            "=",
                            of(left.items().get(i)),
                            of(right.items().get(i))));
                }
            } else {
                parts.add(condition(part, of));
            }
        }
        return RexUtil.composeConjunction(rex.builder(), parts);
    }

    static List<Expr> conjuncts(Expr where) {
        return where instanceof Expr.Logic logic && logic.and()
                ? logic.operands().stream()
                        .flatMap(operand -> conjuncts(operand).stream())
                        .toList()
                : List.of(where);
    }

    private RexNode logic(Expr.Logic logic) {
        String name = logic.and() ? "AND" : "OR";
        return all(
                logic.and(),
                logic.operands().stream()
                        .map(operand -> condition(operand, name))
                        .toList());
    }

    private RexNode is(Expr.Is is) {
        if (is.test() == Expr.Is.Test.NULL) {
            if (is.operand() instanceof Expr.Row) {
                throw Refused.unsupported(is.at(), "IS NULL of a row", "test its columns");
            }
            RexNode operand = of(is.operand());
            return test(is, Rex.isUnknown(operand) ? coercion.coerce(operand, ValueType.TEXT, is.at()) : operand);
        }
        return test(is, condition(is.operand(), "IS " + is.test()));
    }

    private RexNode test(Expr.Is is, RexNode operand) {
        boolean wanted = !is.negated();
        Special.Test test = switch (is.test()) {
            case NULL, UNKNOWN -> value -> (value == null) == wanted;
            case TRUE -> value -> Boolean.TRUE.equals(value) == wanted;
            case FALSE -> value -> Boolean.FALSE.equals(value) == wanted;
        };
        String name = (is.negated() ? "IS NOT " : "IS ") + is.test();
        return rex.call(name, Special.test(test), ValueType.BOOL, false, List.of(operand));
    }

    private RexNode between(Expr.Between between) {
        RexNode operand = of(between.operand());
        RexNode low = of(between.low());
        RexNode high = of(between.high());
        Position at = between.at();
        RexNode inside = both(at, operand, low, high, between.negated());
        if (!between.symmetric()) {
            return inside;
        }
        RexNode turned = both(at, operand, high, low, between.negated());
        return all(between.negated(), List.of(inside, turned));
    }

    private RexNode both(Position at, RexNode operand, RexNode low, RexNode high, boolean negated) {
        return negated
                ? all(false, List.of(calls.operator(at, "<", operand, low), calls.operator(at, ">", operand, high)))
                : all(true, List.of(calls.operator(at, ">=", operand, low), calls.operator(at, "<=", operand, high)));
    }

    private RexNode in(Expr.InList in) {
        String operator = in.negated() ? "<>" : "=";
        boolean joined = in.negated();
        if (in.operand() instanceof Expr.Row row) {
            List<RexNode> rows = new ArrayList<>();
            for (Expr item : in.list()) {
                if (!(item instanceof Expr.Row of)) {
                    throw new Refused(item.at(), "a value is compared with a row", "write a row: (a, b)");
                }
                rows.add(rows(in.at(), operator, row, of));
            }
            return all(joined, rows);
        }
        RexNode operand = of(in.operand());
        List<RexNode> list =
                constantsUnified(operand, in.list().stream().map(this::of).toList());
        return all(
                joined,
                list.stream()
                        .map(item -> calls.operator(in.at(), operator, operand, item))
                        .toList());
    }

    /** Several constants get one type, which the operand's is considered for, before they are compared. */
    private List<RexNode> constantsUnified(RexNode operand, List<RexNode> list) {
        List<RexNode> all = new ArrayList<>(List.of(operand));
        all.addAll(list.stream().filter(Expressions::namesNoColumn).toList());
        if (all.size() < 3) {
            return list;
        }
        String common = Resolution.common(
                all.stream().map(node -> Rex.type(node).name()).toList());
        if (common == null) {
            return list;
        }
        return list.stream()
                .map(node -> namesNoColumn(node)
                        ? coercion.coerce(node, ValueType.of(common), rex.place(node, Position.NONE))
                        : node)
                .toList();
    }

    private static boolean namesNoColumn(RexNode node) {
        return org.apache.calcite.plan.RelOptUtil.InputFinder.bits(node).isEmpty()
                && !RexUtil.containsCorrelation(node);
    }

    private RexNode like(Expr.Like like) {
        RexNode pattern = of(like.pattern());
        if (like.escape() != null) {
            pattern = escaped(like, pattern, of(like.escape()));
        }
        String operator = (like.negated() ? "!~~" : "~~") + (like.insensitive() ? "*" : "");
        return calls.operator(like.at(), operator, of(like.operand()), pattern);
    }

    private RexNode escaped(Expr.Like like, RexNode pattern, RexNode escape) {
        if (!(Rex.value(pattern) instanceof String text) || !(Rex.value(escape) instanceof String character)) {
            throw Refused.unsupported(
                    like.at(),
                    "LIKE with a computed pattern and ESCAPE",
                    "write both as literals, or leave ESCAPE out");
        }
        try {
            return rex.constant(ValueType.UNKNOWN, Special.likePattern(text, character));
        } catch (io.millrace.views.plan.ExpressionFailure invalid) {
            throw new Refused(like.at(), String.valueOf(invalid.getMessage()), "write one character, or none");
        }
    }

    private RexNode choice(Expr.Case choice) {
        RexNode operand = choice.operand() == null ? null : of(choice.operand());
        if (operand != null && Rex.isUnknown(operand)) {
            operand = coercion.coerce(operand, ValueType.TEXT, choice.at());
        }
        List<RexNode> conditions = new ArrayList<>();
        List<RexNode> results = new ArrayList<>();
        // Postgres looks at the last one first for the type.
        results.add(choice.otherwise() == null ? rex.constant(ValueType.UNKNOWN, null) : of(choice.otherwise()));
        for (Expr.When when : choice.whens()) {
            conditions.add(
                    operand == null
                            ? condition(when.condition(), "CASE/WHEN")
                            : calls.operator(when.condition().at(), "=", operand, of(when.condition())));
            results.add(of(when.result()));
        }
        List<RexNode> unified = calls.unified(choice.at(), "CASE", results);
        List<RexNode> arguments = new ArrayList<>();
        for (int i = 0; i < conditions.size(); i++) {
            arguments.add(conditions.get(i));
            arguments.add(unified.get(i + 1));
        }
        arguments.add(unified.getFirst());
        return rex.call("CASE", Special.choice(), Rex.type(unified.getFirst()), Rex.anyNullable(unified), arguments);
    }

    private RexNode special(Expr.Special special) {
        List<RexNode> arguments = special.arguments().stream().map(this::of).toList();
        if (special.name().equals("nullif")) {
            if (arguments.size() != 2) {
                throw new Refused(special.at(), "nullif takes two arguments", "write nullif(a, b)");
            }
            return calls.nullIf(special.at(), arguments.get(0), arguments.get(1));
        }
        List<RexNode> unified = calls.unified(special.at(), special.name().toUpperCase(Locale.ROOT), arguments);
        ValueType type = Rex.type(unified.getFirst());
        boolean nullable = unified.stream().allMatch(node -> node.getType().isNullable());
        if (special.name().equals("coalesce")) {
            return rex.call("coalesce", Special.coalesce(), type, nullable, unified);
        }
        if (type.is("text", "bpchar")) {
            throw Calls.refused(special.at(), Calls.orderOfText());
        }
        int sign = special.name().equals("greatest") ? 1 : -1;
        return rex.call(special.name(), Special.extreme(sign), type, nullable, unified);
    }

    private RexNode call(Expr.Call call) {
        boolean aggregate = call.name().equals(Aggregates.WEIGHTED_AVERAGE_COST)
                || Catalogue.functions(call.name()).stream().anyMatch(Catalogue.Signature::aggregate);
        if (aggregate) {
            if (aggregates == null) {
                throw new Refused(
                        call.at(),
                        "aggregate functions are not allowed in " + clause,
                        clause.equals("WHERE") ? "use HAVING" : "compute it in a subquery");
            }
            return aggregates.add(call, scope);
        }
        if (call.distinct()
                || call.star()
                || call.filter() != null
                || !call.order().isEmpty()) {
            throw Refused.unsupported(
                    call.at(), call.name() + " as an aggregate", "see docs/sql.md for the aggregates of views");
        }
        return calls.function(
                call.at(), call.name(), call.arguments().stream().map(this::of).toList());
    }
}
