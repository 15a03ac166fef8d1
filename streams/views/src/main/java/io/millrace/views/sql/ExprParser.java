package io.millrace.views.sql;

import io.millrace.views.sql.Expr.Literal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Expressions, with Postgres' precedence. An operator takes what stands left of it as its operand where it binds more than the
 * operator before that; what is complete by itself, such as {@code a IS NULL}, may be the left operand of any.
 */
abstract class ExprParser extends PrimaryParser {
    private static final Set<String> COMPARISONS = Set.of("=", "<>", "<", "<=", ">", ">=");
    private static final Set<String> MATCHES = Set.of("between", "in", "like", "ilike", "similar");

    /** How much operators bind, from OR to {@code ::}. */
    private static final int OR = 1;

    private static final int AND = 2;
    private static final int NOT = 3;
    private static final int IS = 4;
    private static final int COMPARISON = 5;
    private static final int MATCH = 6;
    private static final int OPERATOR = 8;
    private static final int PLUS = 9;
    private static final int TIMES = 10;
    private static final int POWER = 11;
    private static final int AT = 12;
    private static final int COLLATE = 13;
    private static final int SIGN = 14;
    private static final int CAST = 16;
    private static final int NONE = -1;

    /** Within the lower bound of BETWEEN and its like, where AND, IN and so on end the expression. */
    private boolean restricted;

    ExprParser(List<Token> tokens) {
        super(tokens);
    }

    @Override
    final Expr expression() {
        boolean before = restricted;
        restricted = false;
        Expr expression = expression(0);
        restricted = before;
        return expression;
    }

    @Override
    final Expr operand() {
        boolean before = restricted;
        restricted = true;
        Expr operand = expression(0);
        restricted = before;
        return operand;
    }

    /** As far as operators bind more than one that stands before it. */
    private Expr expression(int above) {
        Expr left = prefix();
        int closed = NONE;
        while (true) {
            int level = level();
            if (level <= above) {
                return left;
            }
            if (level == closed) {
                throw new Refused(
                        here(),
                        "syntax error at " + peek().shown() + ", which can't follow another of its kind",
                        "put the first one in parentheses");
            }
            Expr next = infix(left, level);
            // Those that end in an operand can't stand in a row; the others are complete.
            closed = endsInOperand(next) ? level : NONE;
            left = next;
        }
    }

    private static boolean endsInOperand(Expr expression) {
        return switch (expression) {
            case Expr.Binary binary -> COMPARISONS.contains(binary.operator());
            case Expr.IsDistinct ignored -> true;
            case Expr.Between ignored -> true;
            case Expr.Like ignored -> true;
            default -> false;
        };
    }

    /** Of the operator that stands here; {@link #NONE} if none does. */
    private int level() {
        Token token = peek();
        return switch (token.kind()) {
            case OPERATOR -> symbolLevel(token.text());
            case PUNCTUATION -> token.text().equals("::") ? CAST : NONE;
            case WORD -> wordLevel(token.text());
            case QUOTED, STRING, NUMBER, END -> NONE;
        };
    }

    private static int symbolLevel(String operator) {
        return switch (operator) {
            case "+", "-" -> PLUS;
            case "*", "/", "%" -> TIMES;
            case "^" -> POWER;
            default -> COMPARISONS.contains(operator) ? COMPARISON : OPERATOR;
        };
    }

    private int wordLevel(String word) {
        if (word.equals("is") && (!restricted || isWord("is", "distinct") || isWord("is", "not", "distinct"))) {
            return IS;
        }
        if (restricted) {
            return NONE;
        }
        return switch (word) {
            case "or" -> OR;
            case "and" -> AND;
            case "isnull", "notnull" -> IS;
            case "between", "in", "like", "ilike", "similar" -> MATCH;
            case "not" -> peek(1).kind() == Token.Kind.WORD && MATCHES.contains(peek(1).text()) ? MATCH : NONE;
            case "operator" -> peek(1).isPunctuation("(") ? OPERATOR : NONE;
            case "at" -> AT;
            case "collate" -> COLLATE;
            default -> NONE;
        };
    }

    private Expr infix(Expr left, int level) {
        return switch (level) {
            case OR, AND -> logic(left, level);
            case IS -> test(left);
            case MATCH -> match(left);
            case AT -> atTimeZone(left);
            case CAST -> {
                take();
                yield new Expr.Cast(left.at(), left, typeName());
            }
            case COLLATE -> {
                take();
                String collation = label("a collation");
                yield new Expr.Collate(left.at(), left, acceptMark(".") ? label("a collation") : collation);
            }
            default -> binary(left, level);
        };
    }

    private Expr logic(Expr left, int level) {
        List<Expr> operands = new ArrayList<>(List.of(left));
        while (accept(level == AND ? "and" : "or")) {
            operands.add(expression(level));
        }
        return new Expr.Logic(left.at(), level == AND, List.copyOf(operands));
    }

    private Expr binary(Expr left, int level) {
        if (isWord("operator")) {
            throw Refused.unsupported(here(), "OPERATOR(…)", "write the operator by itself");
        }
        String operator = take().text();
        if (isWord("any") || isWord("some") || isWord("all")) {
            throw Refused.unsupported(here(), operator + " " + peek().text(), "use IN (…), or EXISTS");
        }
        return new Expr.Binary(left.at(), operator, left, expression(level));
    }

    private Expr test(Expr operand) {
        if (accept("isnull")) {
            return new Expr.Is(operand.at(), operand, Expr.Is.Test.NULL, false);
        }
        if (accept("notnull")) {
            return new Expr.Is(operand.at(), operand, Expr.Is.Test.NULL, true);
        }
        take();
        boolean negated = accept("not");
        if (accept("distinct", "from")) {
            return new Expr.IsDistinct(operand.at(), operand, expression(IS), negated);
        }
        for (Expr.Is.Test test : Expr.Is.Test.values()) {
            if (accept(test.name().toLowerCase(java.util.Locale.ROOT))) {
                return new Expr.Is(operand.at(), operand, test, negated);
            }
        }
        if (isWord("normalized")
                || isWord("document")
                || isWord("json")
                || peek().text().startsWith("nf")) {
            throw Refused.unsupported(here(), "IS " + peek().text(), "leave it out");
        }
        throw unexpected("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM");
    }

    private Expr match(Expr operand) {
        boolean negated = accept("not");
        if (accept("between")) {
            boolean symmetric = accept("symmetric");
            if (!symmetric) {
                accept("asymmetric");
            }
            Expr low = operand();
            expect("and");
            return new Expr.Between(operand.at(), operand, low, expression(MATCH), symmetric, negated);
        }
        if (accept("in")) {
            return in(operand, negated);
        }
        if (isWord("similar")) {
            throw Refused.unsupported(here(), "SIMILAR TO", "use LIKE");
        }
        boolean insensitive = take().text().equals("ilike");
        if (isWord("any") || isWord("all")) {
            throw Refused.unsupported(here(), "LIKE " + peek().text(), "join several LIKE by OR or AND");
        }
        Expr pattern = expression(MATCH);
        Expr escape = accept("escape") ? expression(MATCH) : null;
        return new Expr.Like(operand.at(), operand, pattern, escape, insensitive, negated);
    }

    private Expr in(Expr operand, boolean negated) {
        expectMark("(");
        if (isQuery(0)) {
            Query query = query();
            expectMark(")");
            return new Expr.InQuery(operand.at(), operand, query, negated);
        }
        List<Expr> list = expressions();
        expectMark(")");
        return new Expr.InList(operand.at(), operand, list, negated);
    }

    private Expr atTimeZone(Expr left) {
        if (accept("at", "time", "zone")) {
            return call(left.at(), "timezone", expression(AT), left);
        }
        throw isWord("at", "local")
                ? Refused.unsupported(here(), "AT LOCAL", "name the zone: AT TIME ZONE 'UTC'")
                : unexpected("AT TIME ZONE");
    }

    private Expr prefix() {
        Token token = peek();
        if (!restricted && accept("not")) {
            return new Expr.Not(token.at(), expression(NOT));
        }
        if (token.kind() != Token.Kind.OPERATOR) {
            Expr operand = primary();
            if (peek().isPunctuation("[")) {
                throw Refused.unsupported(here(), "an element of an array", "cast the column to text");
            }
            if (peek().isPunctuation(".")) {
                throw Refused.unsupported(here(), "a field of a value", "name columns");
            }
            return operand;
        }
        if (!token.text().equals("-") && !token.text().equals("+")) {
            throw symbolLevel(token.text()) == OPERATOR
                    ? Refused.unsupported(
                            token.at(), "operator " + token.text() + " before its operand", "use a function")
                    : unexpected("an expression");
        }
        take();
        Expr operand = expression(SIGN);
        // As in Postgres a sign is part of a number, so that the least integer can be written.
        return operand instanceof Literal number && number.kind() == Literal.Kind.NUMBER
                ? new Literal(token.at(), Literal.Kind.NUMBER, signed(token.text(), number.text()))
                : new Expr.Unary(token.at(), token.text(), operand);
    }

    private static String signed(String sign, String number) {
        if (sign.equals("+")) {
            return number;
        }
        return number.startsWith("-") ? number.substring(1) : '-' + number;
    }
}
