package io.millrace.views.planner;

import io.millrace.views.postgres.Catalogue;
import io.millrace.views.sql.Expr;
import io.millrace.views.sql.Parts;
import io.millrace.views.sql.Position;
import io.millrace.views.sql.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Where in the query something is that was only seen in its plan, which knows no lines: the most likely place. */
final class Places {
    /** What was wrong. */
    enum Of {
        /** Anything: the whole query. */
        UNKNOWN,
        /** A join, or a subquery of EXISTS or IN, that does not equate the lane column. */
        JOIN,
        /** A group without the lane column. */
        GROUP,
        /** What the view selects. */
        SELECT
    }

    private final String laneColumn;

    Places(String laneColumn) {
        this.laneColumn = laneColumn;
    }

    Position find(Unsupported wrong, Query query) {
        return switch (wrong.place()) {
            case UNKNOWN -> query.at();
            case SELECT -> selected(query);
            case JOIN -> join(query);
            case GROUP -> group(query);
        };
    }

    private static Position selected(Query query) {
        return switch (query) {
            case Query.With with -> selected(with.body());
            case Query.Union union -> selected(union.left());
            case Query.Select select -> select.items().getFirst().at();
        };
    }

    private Position join(Query query) {
        List<Position> found = new ArrayList<>();
        Parts.walk(
                query,
                within -> {},
                source -> {
                    if (source instanceof Query.From.Join join && !equatesLanes(join)) {
                        found.add(join.at());
                    }
                },
                expression -> {
                    boolean asks = expression instanceof Expr.Exists || expression instanceof Expr.InQuery;
                    if (asks && !mentionsLane(expression)) {
                        found.add(expression.at());
                    }
                });
        return found.isEmpty() ? query.at() : found.getFirst();
    }

    private boolean equatesLanes(Query.From.Join join) {
        return join.using().contains(laneColumn) || join.on() != null && mentionsLane(join.on());
    }

    private Position group(Query query) {
        List<Position> found = new ArrayList<>();
        Parts.walk(
                query,
                within -> {
                    if (within instanceof Query.Select select && groups(select) && !mentionsLane(select.groupBy())) {
                        found.add(select.at());
                    }
                    if (within instanceof Query.Union union && !union.all()) {
                        found.add(union.at());
                    }
                },
                source -> {},
                expression -> {});
        return found.isEmpty() ? query.at() : found.getFirst();
    }

    private static boolean groups(Query.Select select) {
        return select.distinct()
                || !select.groupBy().isEmpty()
                || select.having() != null
                || select.items().stream()
                        .anyMatch(item -> item instanceof Query.Item.Value value
                                && mentions(value.expression(), Places::isAggregate));
    }

    private static boolean isAggregate(Expr expression) {
        return expression instanceof Expr.Call call
                && (call.filter() != null
                        || !call.order().isEmpty()
                        || Catalogue.functions(call.name()).stream().anyMatch(Catalogue.Signature::aggregate));
    }

    private boolean mentionsLane(List<Expr> expressions) {
        return expressions.stream().anyMatch(this::mentionsLane);
    }

    private boolean mentionsLane(@Nullable Expr expression) {
        return expression != null
                && mentions(
                        expression,
                        within -> within instanceof Expr.Name name
                                && name.parts().getLast().equals(laneColumn));
    }

    private static boolean mentions(Expr expression, Predicate<Expr> wanted) {
        boolean[] found = {false};
        Parts.walk(expression, within -> found[0] |= wanted.test(within));
        return found[0];
    }
}
