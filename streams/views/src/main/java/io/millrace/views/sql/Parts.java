package io.millrace.views.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Walks over the tree of a query, from the outside in. */
public final class Parts {
    private final Consumer<Query> queries;
    private final Consumer<Query.From> sources;
    private final Consumer<Expr> expressions;

    private Parts(Consumer<Query> queries, Consumer<Query.From> sources, Consumer<Expr> expressions) {
        this.queries = queries;
        this.sources = sources;
        this.expressions = expressions;
    }

    /** Shows every query, source and expression within a query. */
    public static void walk(
            Query query, Consumer<Query> queries, Consumer<Query.From> sources, Consumer<Expr> expressions) {
        new Parts(queries, sources, expressions).query(query);
    }

    /** Shows every expression within one, and in its subqueries, itself included. */
    public static void walk(Expr expression, Consumer<Expr> expressions) {
        new Parts(query -> {}, source -> {}, expressions).expression(expression);
    }

    private void query(Query query) {
        queries.accept(query);
        switch (query) {
            case Query.Select select -> {
                for (Query.Item item : select.items()) {
                    if (item instanceof Query.Item.Value value) {
                        expression(value.expression());
                    }
                }
                select.from().forEach(this::source);
                expression(select.where());
                select.groupBy().forEach(this::expression);
                expression(select.having());
            }
            case Query.Union union -> {
                query(union.left());
                query(union.right());
            }
            case Query.With with -> {
                with.queries().forEach(named -> query(named.query()));
                query(with.body());
            }
        }
    }

    private void source(Query.From source) {
        sources.accept(source);
        switch (source) {
            case Query.From.Table ignored -> {
                // Has no parts.
            }
            case Query.From.Derived derived -> query(derived.query());
            case Query.From.Join join -> {
                source(join.left());
                source(join.right());
                expression(join.on());
            }
        }
    }

    private void expression(@Nullable Expr expression) {
        if (expression == null) {
            return;
        }
        expressions.accept(expression);
        operands(expression).forEach(this::expression);
        switch (expression) {
            case Expr.InQuery in -> query(in.query());
            case Expr.Exists exists -> query(exists.query());
            case Expr.Value value -> query(value.query());
            default -> {
                // Has no queries.
            }
        }
    }

    private static List<Expr> operands(Expr expression) {
        return switch (expression) {
            case Expr.Name ignored -> List.of();
            case Expr.Literal ignored -> List.of();
            case Expr.Exists ignored -> List.of();
            case Expr.Value ignored -> List.of();
            case Expr.Cast cast -> List.of(cast.operand());
            case Expr.Collate collate -> List.of(collate.operand());
            case Expr.Unary unary -> List.of(unary.operand());
            case Expr.Binary binary -> List.of(binary.left(), binary.right());
            case Expr.Logic logic -> logic.operands();
            case Expr.Not not -> List.of(not.operand());
            case Expr.Is is -> List.of(is.operand());
            case Expr.IsDistinct is -> List.of(is.left(), is.right());
            case Expr.Between between -> List.of(between.operand(), between.low(), between.high());
            case Expr.InList in -> joined(List.of(in.operand()), in.list());
            case Expr.InQuery in -> List.of(in.operand());
            case Expr.Like like -> present(like.operand(), like.pattern(), like.escape());
            case Expr.Case choice -> {
                List<Expr> operands = new ArrayList<>(present(choice.operand(), choice.otherwise()));
                choice.whens().forEach(when -> operands.addAll(List.of(when.condition(), when.result())));
                yield operands;
            }
            case Expr.Row row -> row.items();
            case Expr.Special special -> special.arguments();
            case Expr.Call call ->
                joined(
                        joined(
                                call.arguments(),
                                call.order().stream().map(Expr.Order::by).toList()),
                        present(call.filter()));
        };
    }

    private static List<Expr> joined(List<Expr> first, List<Expr> second) {
        List<Expr> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static List<Expr> present(@Nullable Expr... expressions) {
        List<Expr> present = new ArrayList<>();
        for (Expr expression : expressions) {
            if (expression != null) {
                present.add(Objects.requireNonNull(expression));
            }
        }
        return present;
    }
}
