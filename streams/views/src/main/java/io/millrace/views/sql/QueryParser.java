package io.millrace.views.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Queries: SELECT, UNION, WITH, and what is selected from. */
public final class QueryParser extends ExprParser {
    private static final String NO_ORDER = "leave it out: a table has no order, its readers do";

    private QueryParser(List<Token> tokens) {
        super(tokens);
    }

    /**
     * @param text of one query; a semicolon may end it
     * @throws Refused for what is not one, or is none that views support
     */
    public static Query parse(String text) {
        QueryParser parser = new QueryParser(Lexer.tokens(text));
        Query query = parser.query();
        boolean ended = parser.acceptMark(";");
        if (parser.peek().kind() != Token.Kind.END) {
            throw ended
                    ? new Refused(parser.here(), "a second statement", "a view is one query: take the rest out")
                    : parser.unexpected("the end of the query");
        }
        return query;
    }

    /** The text with a blank in place of a semicolon that ends it, so that it can stand within another; all places stay. */
    public static String withoutSemicolon(String text) {
        List<Token> tokens;
        try {
            tokens = Lexer.tokens(text);
        } catch (Refused malformed) {
            return text;
        }
        Token last = tokens.size() < 2 ? tokens.getLast() : tokens.get(tokens.size() - 2);
        if (!last.isPunctuation(";")) {
            return text;
        }
        int offset = last.at().offset(text);
        return text.substring(0, offset) + ' ' + text.substring(offset + 1);
    }

    @Override
    Query query() {
        Position at = here();
        if (!accept("with")) {
            return unordered();
        }
        if (isWord("recursive") && !peek(1).is("as")) {
            throw Refused.unsupported(here(), "WITH RECURSIVE", "write the levels out, or use a report");
        }
        List<Query.Named> named = new ArrayList<>();
        do {
            Position name = here();
            String alias = columnName("the name of a query");
            List<String> columns = columnNames();
            expect("as");
            if (accept("not", "materialized") || accept("materialized")) {
                // It says how to run the query, not what it means.
            }
            expectMark("(");
            named.add(new Query.Named(name, alias, columns, query()));
            expectMark(")");
        } while (acceptMark(","));
        return new Query.With(at, List.copyOf(named), unordered());
    }

    private Query unordered() {
        Query query = union();
        if (isWord("order") || isWord("limit") || isWord("offset") || isWord("fetch")) {
            throw Refused.unsupported(here(), "ORDER BY, LIMIT or OFFSET", NO_ORDER);
        }
        if (isWord("for")) {
            throw Refused.unsupported(here(), "FOR " + peek(1).text().toUpperCase(Locale.ROOT), "leave it out");
        }
        return query;
    }

    private Query union() {
        Query left = term();
        while (isWord("union") || isWord("except") || isWord("intersect")) {
            Position at = here();
            String kind = take().text();
            if (!kind.equals("union")) {
                throw Refused.unsupported(
                        at, kind.toUpperCase(Locale.ROOT), "use " + (kind.equals("except") ? "NOT EXISTS" : "EXISTS"));
            }
            boolean all = accept("all");
            if (!all) {
                accept("distinct");
            }
            left = new Query.Union(at, left, term(), all);
        }
        return left;
    }

    private Query term() {
        if (acceptMark("(")) {
            Query query = query();
            expectMark(")");
            return query;
        }
        if (isWord("values") || isWord("table")) {
            throw Refused.unsupported(
                    here(), peek().text().toUpperCase(Locale.ROOT), "write SELECT …, and UNION ALL for several rows");
        }
        if (!isWord("select")) {
            throw unexpected("SELECT");
        }
        return select();
    }

    private Query select() {
        Position at = take().at();
        boolean distinct = accept("distinct");
        if (distinct && isWord("on")) {
            throw Refused.unsupported(here(), "DISTINCT ON", "use GROUP BY with MIN or MAX");
        }
        if (!distinct) {
            accept("all");
        }
        List<Query.Item> items = new ArrayList<>();
        do {
            items.add(item());
        } while (acceptMark(","));
        if (isWord("into")) {
            throw Refused.unsupported(here(), "INTO", "leave it out");
        }
        List<Query.From> from = new ArrayList<>();
        if (accept("from")) {
            do {
                from.add(from());
            } while (acceptMark(","));
        }
        Expr where = accept("where") ? expression() : null;
        List<Expr> groupBy = accept("group", "by") ? groups() : List.of();
        Expr having = accept("having") ? expression() : null;
        if (isWord("window")) {
            throw Refused.unsupported(here(), "WINDOW", "leave it out");
        }
        return new Query.Select(at, distinct, List.copyOf(items), List.copyOf(from), where, groupBy, having);
    }

    private List<Expr> groups() {
        if (isWord("all") || isWord("distinct")) {
            throw Refused.unsupported(here(), "GROUP BY " + peek().text().toUpperCase(Locale.ROOT), "name the columns");
        }
        boolean sets = isWord("grouping", "sets")
                || (isWord("rollup") || isWord("cube")) && peek(1).isPunctuation("(")
                || peek().isPunctuation("(") && peek(1).isPunctuation(")");
        if (sets) {
            throw Refused.unsupported(here(), "GROUPING SETS, ROLLUP or CUBE", "group by columns");
        }
        return expressions();
    }

    private Query.Item item() {
        Position at = here();
        if (peek().isOperator("*")) {
            take();
            return new Query.Item.All(at, null);
        }
        if (isColumnName(peek()) && peek(1).isPunctuation(".") && peek(2).isOperator("*")) {
            String table = take().text();
            take();
            take();
            return new Query.Item.All(at, table);
        }
        Expr expression = expression();
        String alias = accept("as") ? label("a name for the column") : bareLabel();
        if (alias == null && needsAs()) {
            throw new Refused(
                    here(),
                    "syntax error at " + peek().text() + ": this name of a column needs AS",
                    "write AS " + peek().text());
        }
        return new Query.Item.Value(at, expression, alias);
    }

    private Query.From from() {
        Query.From left = source();
        while (true) {
            Position at = here();
            if (accept("cross", "join")) {
                left = new Query.From.Join(at, false, left, source(), null, List.of());
            } else if (isWord("natural")) {
                throw Refused.unsupported(at, "NATURAL JOIN", "name the columns: JOIN … USING (…)");
            } else if (isWord("full") || isWord("right")) {
                String kind = take().text().toUpperCase(Locale.ROOT);
                throw Refused.unsupported(
                        at,
                        kind + " JOIN",
                        kind.equals("RIGHT")
                                ? "write it as LEFT JOIN from the other side"
                                : "write it as UNION ALL of a LEFT JOIN and of the other side's rows WHERE NOT EXISTS a partner");
            } else if (isWord("join") || isWord("inner") || isWord("left")) {
                left = join(at, left);
            } else {
                return left;
            }
        }
    }

    private Query.From join(Position at, Query.From left) {
        boolean outer = accept("left");
        if (outer) {
            accept("outer");
        } else {
            accept("inner");
        }
        expect("join");
        // Joins nest to the right where their conditions say so: a JOIN b JOIN c ON … ON ….
        Query.From right = source();
        while (isWord("join") || isWord("inner") || isWord("left")) {
            right = join(here(), right);
        }
        if (accept("on")) {
            return new Query.From.Join(at, outer, left, right, expression(), List.of());
        }
        if (!accept("using")) {
            throw unexpected("ON or USING");
        }
        List<String> using = columnNames();
        if (using.isEmpty()) {
            throw unexpected("the columns of USING in parentheses");
        }
        if (isWord("as")) {
            throw Refused.unsupported(here(), "an alias of USING", "leave it out");
        }
        return new Query.From.Join(at, outer, left, right, null, using);
    }

    private Query.From source() {
        Position at = here();
        if (isWord("lateral") || isWord("rows", "from")) {
            throw Refused.unsupported(at, peek().text().toUpperCase(Locale.ROOT), "join a subquery, or use EXISTS");
        }
        if (acceptMark("(")) {
            if (isQuery(0)) {
                Query query = query();
                expectMark(")");
                String alias = alias();
                return new Query.From.Derived(
                        at, query, alias == null ? "" : alias, alias == null ? List.of() : columnNames());
            }
            Query.From inner = from();
            expectMark(")");
            if (alias() != null) {
                throw Refused.unsupported(at, "a name for a join", "name its tables");
            }
            return inner;
        }
        if (accept("only")) {
            throw Refused.unsupported(at, "ONLY", "name the partition");
        }
        String name = columnName("a table");
        String schema = null;
        if (acceptMark(".")) {
            schema = name;
            name = label("a table");
        }
        if (peek().isPunctuation("(")) {
            throw Refused.unsupported(at, "a function in FROM", "select from tables and queries");
        }
        String alias = alias();
        List<String> columns = alias == null ? List.of() : columnNames();
        if (isWord("tablesample")) {
            throw Refused.unsupported(here(), "TABLESAMPLE", "leave it out");
        }
        return new Query.From.Table(at, schema, name, alias, columns);
    }

    private @Nullable String alias() {
        if (accept("as")) {
            return columnName("a name");
        }
        return isColumnName(peek()) ? take().text() : null;
    }

    /** {@code (a, b)}, or nothing. */
    private List<String> columnNames() {
        List<String> names = new ArrayList<>();
        if (acceptMark("(")) {
            do {
                names.add(columnName("a column's name"));
            } while (acceptMark(","));
            expectMark(")");
        }
        return List.copyOf(names);
    }
}
