package io.millrace.gateway.view;

import io.millrace.gateway.http.Arguments;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.view.RowQuery.Count;
import io.millrace.operations.access.Tenants;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The row of a key. */
final class KeyQuery {
    private KeyQuery() {}

    /** @param text values with commas between */
    static Function<Relation, RowQuery> of(
            String text, Arguments arguments, Tenants tenants, Function<Relation, Columns> columnsOf) {
        return relation -> {
            if (relation.key().isEmpty()) {
                throw new Problem(
                        Problem.Kind.NOT_FOUND,
                        "report " + relation.name() + " has no key",
                        "read its rows with filters: GET /api/v1/views/" + relation.name() + "/rows?filter=…");
            }
            Columns columns = columnsOf.apply(relation);
            List<String> values = values(text, relation);
            List<Filter> filters = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) {
                filters.add(new Filter(columns.require(relation.key().get(i)), Filter.Operator.EQ, values.get(i)));
            }
            return new RowQuery(
                    relation,
                    columns.chosen(arguments.all(ViewParameters.COLUMNS)),
                    filters,
                    Order.parse(List.of(), columns, relation.key()),
                    Optional.empty(),
                    1,
                    Count.NONE,
                    arguments.get(ViewParameters.NUMBERS),
                    false,
                    tenants);
        };
    }

    private static List<String> values(String text, Relation relation) {
        String remedy = "the key is " + String.join(", ", relation.key())
                + ": write a value for each, with commas between; one that is null is read with filter=column.is.null";
        List<String> values;
        try {
            values = Values.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw new Problem(Problem.Kind.BAD_PARAMETER, "key '" + text + "': " + wrong.getMessage(), remedy);
        }
        if (values.size() != relation.key().size()) {
            throw new Problem(
                    Problem.Kind.BAD_PARAMETER,
                    "key '" + text + "' has " + values.size() + " values, that of " + relation.name() + " "
                            + relation.key().size(),
                    remedy);
        }
        return values;
    }
}
