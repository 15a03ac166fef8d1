package io.millrace.gateway.view;

import io.millrace.gateway.http.Arguments;
import io.millrace.gateway.http.Parameter;
import io.millrace.gateway.view.RowQuery.Count;
import io.millrace.gateway.view.RowQuery.Numbers;
import io.millrace.operations.access.Tenants;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** What requests for rows may say. */
final class ViewParameters {
    static final Parameter<String> VIEW =
            Parameter.text("view", "Name of the view or report.").inPath();
    static final Parameter<String> KEY = Parameter.text(
                    "key",
                    "The key's values, with commas between, in the order in which the view names its key. A value with a comma or a quote in it is quoted as in CSV.")
            .mandatory();
    static final Parameter<String> COLUMNS = Parameter.text(
                    "columns", "Columns to answer, with commas between. All of them, if it is not said.")
            .repeatable();
    static final Parameter<String> FILTER = Parameter.text(
                    "filter",
                    "Rows to answer: column.operator.value. Operators: eq, ne, lt, le, gt, ge compare, with the value as Postgres writes it;"
                            + " in takes values with commas between, quoted as in CSV where they have a comma; like takes % and _;"
                            + " is takes null or not_null. All filters must hold. As in SQL, no comparison holds for null.")
            .repeatable();
    static final Parameter<String> ORDER = Parameter.text(
                    "order",
                    "Columns to order by, with commas between, .desc behind those in descending order. The key follows by itself, and is the order if nothing is said.")
            .repeatable();
    static final Parameter<Integer> LIMIT =
            Parameter.number("limit", 1, 1_000, 100, "Rows of a page. One with more than 8 MiB ends earlier.");
    static final Parameter<String> CURSOR = Parameter.text(
            "cursor", "Where the page begins: 'next' of the answer before, with everything else as it was.");
    static final Parameter<Count> COUNT = Parameter.choice(
            "count",
            Count.NONE,
            "Whether to count the rows of all pages: exact reads them all, estimate asks Postgres' planner.");
    static final Parameter<Numbers> NUMBERS = Parameter.choice(
            "numbers",
            Numbers.STRING,
            "How bigint and numeric are written: as strings, since JavaScript and others round large numbers, or as JSON numbers with every digit.");
    static final Parameter<String> AT_LEAST = Parameter.form(
            "at_least",
            Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}"),
            "a position in the source's log, such as 0/1A2B3C8",
            "Answers when the views are at this position of the source's log at least: what you wrote is in the answer, if you ask the source"
                    + " for pg_current_wal_insert_lsn() after your commit.");
    static final Parameter<Duration> TIMEOUT = Parameter.seconds("timeout", 30, 10, "How long to wait for at_least.");
    static final Parameter<Export.Format> FORMAT = Parameter.choice(
            "format",
            Export.Format.NDJSON,
            "ndjson: a JSON object a line. csv: RFC 4180, with a header; null is nothing, an empty text a pair of quotes.");
    static final Parameter<Export.Formulas> FORMULAS = Parameter.choice(
            "formulas",
            Export.Formulas.ESCAPE,
            "In CSV, a text that a spreadsheet would take for a formula gets an apostrophe before it; keep leaves it as it is.");

    static final List<Parameter<?>> FRESHNESS = List.of(AT_LEAST, TIMEOUT);

    private ViewParameters() {}

    /** Which rows a request wants of a relation. */
    static Function<Relation, RowQuery> query(
            Arguments arguments, Tenants tenants, Function<Relation, Columns> columnsOf) {
        return relation -> {
            Columns columns = columnsOf.apply(relation);
            List<Filter> filters = arguments.all(FILTER).stream()
                    .map(text -> Filter.parse(text, columns))
                    .toList();
            Order order = Order.parse(arguments.all(ORDER), columns, relation.key());
            return new RowQuery(
                    relation,
                    columns.chosen(arguments.all(COLUMNS)),
                    filters,
                    order,
                    arguments
                            .optional(CURSOR)
                            .map(text -> Cursor.parse(
                                    text,
                                    relation,
                                    RowQuery.fingerprint(relation, filters, order),
                                    order.columns().size())),
                    arguments.get(LIMIT),
                    arguments.get(COUNT),
                    arguments.get(NUMBERS),
                    false,
                    tenants);
        };
    }

    /** All rows that a request wants, on one page. */
    static Function<Relation, RowQuery> everything(
            Arguments arguments, Tenants tenants, Function<Relation, Columns> columnsOf) {
        return relation -> {
            Columns columns = columnsOf.apply(relation);
            return new RowQuery(
                    relation,
                    columns.chosen(arguments.all(COLUMNS)),
                    arguments.all(FILTER).stream()
                            .map(text -> Filter.parse(text, columns))
                            .toList(),
                    Order.parse(arguments.all(ORDER), columns, relation.key()),
                    Optional.empty(),
                    0,
                    Count.NONE,
                    arguments.get(NUMBERS),
                    false,
                    tenants);
        };
    }
}
