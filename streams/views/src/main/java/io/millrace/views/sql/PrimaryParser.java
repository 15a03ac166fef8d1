package io.millrace.views.sql;

import io.millrace.views.sql.Expr.Literal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What expressions are made of: literals, names, calls, CASE, and the functions that have a grammar of their own. */
abstract class PrimaryParser extends TypeParser {
    private static final Set<String> SPECIAL = Set.of("coalesce", "nullif", "greatest", "least");
    private static final Set<String> NOW =
            Set.of("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp");
    private static final Set<String> SESSION =
            Set.of("current_user", "session_user", "user", "current_role", "current_catalog", "system_user");

    PrimaryParser(List<Token> tokens) {
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
        int at = ahead;
        while (peek(at).isPunctuation("(")) {
            at++;
        }
        return peek(at).is("select") || peek(at).is("with") || peek(at).is("values");
    }

    final Expr primary() {
        Token token = peek();
        return switch (token.kind()) {
            case NUMBER -> new Literal(token.at(), Literal.Kind.NUMBER, take().text());
            case STRING -> new Literal(token.at(), Literal.Kind.STRING, take().text());
            case PUNCTUATION -> parenthesised();
            case WORD -> word(token);
            case QUOTED -> name();
            case OPERATOR, END -> throw unexpected("an expression");
        };
    }

    private Expr parenthesised() {
        Position at = here();
        if (!acceptMark("(")) {
            throw unexpected("an expression");
        }
        if (peek().is("select") || peek().is("with") || peek().is("values")) {
            Query query = query();
            expectMark(")");
            return new Expr.Value(at, query);
        }
        List<Expr> items = expressions();
        expectMark(")");
        return items.size() == 1 ? items.getFirst() : new Expr.Row(at, items);
    }

    private Expr word(Token token) {
        Position at = token.at();
        boolean call = peek(1).isPunctuation("(");
        switch (token.text()) {
            case "null" -> {
                take();
                return new Literal(at, Literal.Kind.NULL, "");
            }
            case "true", "false" -> {
                return new Literal(at, Literal.Kind.BOOLEAN, take().text());
            }
            case "case" -> {
                return choice();
            }
            case "exists" -> {
                if (call) {
                    take();
                    expectMark("(");
                    Query query = query();
                    expectMark(")");
                    return new Expr.Exists(at, query);
                }
            }
            case "cast" -> {
                take();
                expectMark("(");
                Expr operand = expression();
                expect("as");
                TypeName type = typeName();
                expectMark(")");
                return new Expr.Cast(at, operand, type);
            }
            case "array" -> throw Refused.unsupported(at, "an array", "use single values");
            default -> {
                if (NOW.contains(token.text())) {
                    throw Refused.unsupported(
                            at,
                            token.text(),
                            "join the relation clock, which has one row with today: … JOIN clock ON due_date < clock.today");
                }
                if (SESSION.contains(token.text())) {
                    throw Refused.unsupported(at, token.text(), "leave it out: a view is the same for all its readers");
                }
            }
        }
        Expr typed = typedLiteral();
        if (typed != null) {
            return typed;
        }
        return call ? callOf(token) : name();
    }

    /** {@code date '2026-01-31'}, {@code interval '1' day}; null if it is none. */
    private @Nullable Expr typedLiteral() {
        Position at = here();
        boolean generic = isFunctionName(peek()) && peek(1).kind() == Token.Kind.STRING;
        if (!generic && !(isTypeKeyword() && stringFollowsType())) {
            return null;
        }
        TypeName type = typeName();
        if (peek().kind() != Token.Kind.STRING) {
            throw unexpected("a text in quotes");
        }
        Literal text = new Literal(here(), Literal.Kind.STRING, take().text());
        if (type.name().equals("interval") && type.interval().isEmpty()) {
            type = new TypeName(type.at(), type.name(), type.modifiers(), intervalFields());
        }
        return new Expr.Cast(at, text, type);
    }

    /** Looks past what belongs to a type's name. */
    private boolean stringFollowsType() {
        int ahead = 1;
        while (peek(ahead).is("precision")
                || peek(ahead).is("varying")
                || peek(ahead).is("character")
                || peek(ahead).is("char")) {
            ahead++;
        }
        if (peek(ahead).isPunctuation("(")) {
            while (!peek(ahead).isPunctuation(")") && peek(ahead).kind() != Token.Kind.END) {
                ahead++;
            }
            ahead++;
        }
        if ((peek(ahead).is("with") || peek(ahead).is("without"))
                && peek(ahead + 1).is("time")
                && peek(ahead + 2).is("zone")) {
            ahead += 3;
        }
        return peek(ahead).kind() == Token.Kind.STRING;
    }

    private Expr choice() {
        Position at = take().at();
        Expr operand = isWord("when") ? null : expression();
        List<Expr.When> whens = new ArrayList<>();
        while (accept("when")) {
            Expr condition = expression();
            expect("then");
            whens.add(new Expr.When(condition, expression()));
        }
        if (whens.isEmpty()) {
            throw unexpected("WHEN");
        }
        Expr otherwise = accept("else") ? expression() : null;
        expect("end");
        return new Expr.Case(at, operand, List.copyOf(whens), otherwise);
    }

    private Expr name() {
        Position at = here();
        List<String> parts = new ArrayList<>();
        parts.add(columnName("an expression"));
        while (peek().isPunctuation(".") && !peek(1).isOperator("*")) {
            take();
            parts.add(label("a name"));
        }
        if (peek().isPunctuation("(")) {
            return parts.size() == 2 && parts.getFirst().equals("pg_catalog")
                    ? plainCall(at, parts.getLast())
                    : throwUnknown(at, String.join(".", parts));
        }
        return new Expr.Name(at, List.copyOf(parts));
    }

    private static Expr throwUnknown(Position at, String name) {
        throw Refused.unsupported(at, "function " + name, "see docs/sql.md for the functions of views");
    }

    private Expr callOf(Token token) {
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
        return ExprParser.call(at, "position", whole, part);
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
        return ExprParser.call(at, "extract", new Literal(field.at(), Literal.Kind.STRING, field.text()), from);
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
        return ExprParser.call(at, "substring", text, start, length);
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
            return ExprParser.call(at, function, text);
        }
        Expr first = expression();
        Expr second = null;
        boolean turned = accept("from");
        if (turned || acceptMark(",")) {
            second = expression();
        }
        expectMark(")");
        return turned ? ExprParser.call(at, function, second, first) : ExprParser.call(at, function, first, second);
    }

    /** The name is taken already. */
    private Expr plainCall(Position at, String name) {
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
