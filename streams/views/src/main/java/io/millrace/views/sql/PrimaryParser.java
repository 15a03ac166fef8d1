package io.millrace.views.sql;

import io.millrace.views.sql.Expr.Literal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What expressions are made of: literals, names, calls, CASE. */
abstract class PrimaryParser extends CallParser {
    private static final Set<String> NOW =
            Set.of("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp");
    private static final Set<String> SESSION =
            Set.of("current_user", "session_user", "user", "current_role", "current_catalog", "system_user");

    PrimaryParser(List<Token> tokens) {
        super(tokens);
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
}
