package io.millrace.views.sql;

import io.millrace.views.sql.Expr.Literal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Functions: those that have a grammar of their own, and all others. */
abstract class CallParser extends TypeParser {
    /** What goes on with a query in parentheses. */
    private static final Set<String> AFTER_QUERY =
            Set.of("union", "intersect", "except", "order", "limit", "offset", "fetch", "for");

    private static final Set<String> SPECIAL = Set.of("coalesce", "nullif", "greatest", "least");

    CallParser(List<Token> tokens) {
        super(tokens);
    }

    abstract Expr expression();

    /** An expression without comparisons, AND and OR: where these words end it. */
    abstract Expr operand();

    abstract Query query();

    final List<Expr> expressions() {
        List<Expr> list = new ArrayList<>();
        do {
            list.add(expression());
        } while (acceptMark(","));
        return List.copyOf(list);
    }

    /** Whether a query begins some tokens ahead, perhaps in further parentheses. */
    final boolean isQuery(int ahead) {
        Token first = peek(ahead);
        if (!first.isPunctuation("(")) {
            return first.is("select") || first.is("with") || first.is("values");
        }
        if (!isQuery(ahead + 1)) {
            return false;
        }
        // Parentheses around a query, unless they end before: (SELECT …) x JOIN y.
        Token next = peek(closing(ahead) + 1);
        return next.isPunctuation(")") || AFTER_QUERY.stream().anyMatch(next::is);
    }

    /** Where the parenthesis that opens here is closed. */
    private int closing(int ahead) {
        int depth = 0;
        int at = ahead;
        do {
            depth += peek(at).isPunctuation("(") ? 1 : peek(at).isPunctuation(")") ? -1 : 0;
            at++;
        } while (depth > 0 && peek(at).kind() != Token.Kind.END);
        return at - 1;
    }

    static Expr.Call call(Position at, String name, @Nullable Expr... arguments) {
        List<Expr> given = new ArrayList<>();
        for (Expr argument : arguments) {
            if (argument != null) {
                given.add(argument);
            }
        }
        return new Expr.Call(at, name, List.copyOf(given), false, false, List.of(), null);
    }

    /** A function stands here, and its parentheses behind it. */
    final Expr callOf(Token token) {
        Position at = token.at();
        String name = token.text();
        if (SPECIAL.contains(name)) {
            take();
            expectMark("(");
            List<Expr> arguments = expressions();
            expectMark(")");
            return new Expr.Special(at, name, arguments);
        }
        return switch (name) {
            case "row" -> {
                take();
                expectMark("(");
                List<Expr> items = expressions();
                expectMark(")");
                yield new Expr.Row(at, items);
            }
            case "extract" -> extract(at);
            case "position" -> position(at);
            case "substring" -> substring(at);
            case "trim" -> trim(at);
            case "overlay", "grouping", "normalize", "treat", "xmlelement", "json", "json_object" ->
                throw Refused.unsupported(at, "function " + name, "see docs/sql.md for the functions of views");
            default -> {
                if (!isFunctionName(token)) {
                    throw unexpected("an expression");
                }
                take();
                yield plainCall(at, name);
            }
        };
    }

    private Expr position(Position at) {
        take();
        expectMark("(");
        Expr part = operand();
        expect("in");
        Expr whole = operand();
        expectMark(")");
        return call(at, "position", whole, part);
    }

    private Expr extract(Position at) {
        take();
        expectMark("(");
        Token field = peek();
        if (field.kind() != Token.Kind.STRING && field.kind() != Token.Kind.WORD && field.kind() != Token.Kind.QUOTED) {
            throw unexpected("a field, as in extract(year FROM …),");
        }
        take();
        expect("from");
        Expr from = expression();
        expectMark(")");
        return call(at, "extract", new Literal(field.at(), Literal.Kind.STRING, field.text()), from);
    }

    private Expr substring(Position at) {
        take();
        expectMark("(");
        Expr text = expression();
        Expr start = null;
        Expr length = null;
        if (acceptMark(",")) {
            start = expression();
            length = acceptMark(",") ? expression() : null;
        } else {
            if (isWord("similar")) {
                throw Refused.unsupported(
                        here(), "substring with a pattern", "name positions: substring(t from 2 for 3)");
            }
            while (isWord("from") && start == null || isWord("for") && length == null) {
                if (take().text().equals("from")) {
                    start = expression();
                } else {
                    length = expression();
                }
            }
            if (start == null && length != null) {
                start = new Literal(at, Literal.Kind.NUMBER, "1");
            }
        }
        expectMark(")");
        return call(at, "substring", text, start, length);
    }

    private Expr trim(Position at) {
        take();
        expectMark("(");
        String function = "btrim";
        if (accept("leading")) {
            function = "ltrim";
        } else if (accept("trailing")) {
            function = "rtrim";
        } else {
            accept("both");
        }
        if (accept("from")) {
            Expr text = expression();
            expectMark(")");
            return call(at, function, text);
        }
        Expr first = expression();
        Expr second = null;
        boolean turned = accept("from");
        if (turned || acceptMark(",")) {
            second = expression();
        }
        expectMark(")");
        return turned ? call(at, function, second, first) : call(at, function, first, second);
    }

    /** The name is taken already. */
    final Expr plainCall(Position at, String name) {
        expectMark("(");
        boolean star = false;
        boolean distinct = false;
        List<Expr> arguments = List.of();
        List<Expr.Order> order = List.of();
        if (peek().isOperator("*")) {
            take();
            star = true;
        } else if (!peek().isPunctuation(")")) {
            distinct = accept("distinct");
            if (!distinct) {
                accept("all");
            }
            if (isWord("variadic")) {
                throw Refused.unsupported(here(), "VARIADIC", "name the arguments");
            }
            arguments = expressions();
            order = accept("order", "by") ? order() : List.of();
        }
        if (!peek().isPunctuation(")")) {
            throw unexpected(")");
        }
        take();
        refuseAfterCall();
        Expr filter = null;
        if (isWord("filter") && peek(1).isPunctuation("(")) {
            take();
            take();
            expect("where");
            filter = expression();
            expectMark(")");
            refuseAfterCall();
        }
        return new Expr.Call(at, name, arguments, star, distinct, order, filter);
    }

    private void refuseAfterCall() {
        if (isWord("over")) {
            throw Refused.unsupported(
                    here(), "a window function", "use GROUP BY, or write it in a report on top of the view");
        }
        if (isWord("within", "group") || isWord("ignore", "nulls") || isWord("respect", "nulls")) {
            throw Refused.unsupported(here(), "WITHIN GROUP", "see docs/sql.md for the aggregates of views");
        }
    }

    private List<Expr.Order> order() {
        List<Expr.Order> order = new ArrayList<>();
        do {
            Expr by = expression();
            if (isWord("using")) {
                throw Refused.unsupported(here(), "ORDER BY … USING", "write ASC or DESC");
            }
            boolean descending = accept("desc");
            if (!descending) {
                accept("asc");
            }
            boolean nullsFirst = accept("nulls", "first") || !accept("nulls", "last") && descending;
            order.add(new Expr.Order(by, descending, nullsFirst));
        } while (acceptMark(","));
        return List.copyOf(order);
    }
}
