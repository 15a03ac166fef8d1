package io.millrace.gateway.view;

import io.millrace.gateway.view.Relation.Column;
import io.millrace.operations.access.Tenants;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a relation are wanted, and how.
 *
 * @param chosen columns, in the order in which they are shown
 * @param cursor where the page before ended
 * @param limit rows at most; 0 for all of them
 * @param keyed whether each row comes with its key: see {@link KeySql}
 * @param tenants whose rows the one who asks may see
 */
record RowQuery(
        Relation relation,
        List<Column> chosen,
        List<Filter> filters,
        Order order,
        Optional<Cursor> cursor,
        int limit,
        Count count,
        Numbers numbers,
        boolean keyed,
        Tenants tenants) {

    /** Whether to count all rows that the filters let through. */
    enum Count {
        NONE,
        ESTIMATE,
        EXACT
    }

    /** How numbers that JavaScript would round are written. */
    enum Numbers {
        STRING,
        NUMBER
    }

    /** The same filters and order have the same. */
    static String fingerprint(Relation relation, List<Filter> filters, Order order) {
        return UUID.nameUUIDFromBytes(
                        (relation.name() + "\n" + filters + "\n" + order).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    String fingerprint() {
        return fingerprint(relation, filters, order);
    }

    /** By which the answer is kept. */
    String text() {
        return String.join(
                "\n",
                fingerprint(),
                chosen.stream().map(Column::name).collect(Collectors.joining(",")),
                cursor.map(Cursor::text).orElse(""),
                limit + " " + count + " " + numbers + " " + keyed + " " + tenants.setting());
    }

    /** The same, of the next page. */
    RowQuery after(Cursor last) {
        return new RowQuery(relation, chosen, filters, order, Optional.of(last), limit, count, numbers, keyed, tenants);
    }

    /** Columns that identify a row, in the view's order. */
    List<Column> key() {
        return relation.key().stream()
                .map(name -> order.columns().stream()
                        .map(Order.By::column)
                        .filter(column -> column.name().equals(name))
                        .findFirst()
                        .orElseThrow())
                .toList();
    }

    /** A row of {@code t} as JSON. */
    String object() {
        String shown = chosen.stream()
                .map(column -> json(column) + " AS " + column.quoted())
                .collect(Collectors.joining(", "));
        return "(SELECT row_to_json(r) FROM (SELECT " + shown + ") r)::text";
    }

    /** A statement and its values. */
    Condition rows() {
        List<@Nullable String> values = new ArrayList<>();
        String row = keyed
                ? "'{\"key\":' || to_json(" + KeySql.of(key()) + ")::text || ',\"row\":' || " + object() + " || '}'"
                : object();
        String last = order.columns().stream()
                .map(by -> ", t." + by.column().quoted() + "::text")
                .collect(Collectors.joining());
        return new Condition(
                "SELECT " + row + last + " FROM " + relation.quoted() + " t" + where(values, true) + order.sql()
                        + (limit == 0 ? "" : " LIMIT " + (limit + 1)),
                values);
    }

    /** The same rows as text, a column each. */
    Condition texts() {
        List<@Nullable String> values = new ArrayList<>();
        return new Condition(
                "SELECT "
                        + chosen.stream()
                                .map(column -> exact(column) + "::text")
                                .collect(Collectors.joining(", ")) + " FROM " + relation.quoted() + " t"
                        + where(values, true) + order.sql(),
                values);
    }

    /** Counts rows of all pages. */
    Condition counting(String what) {
        List<@Nullable String> values = new ArrayList<>();
        return new Condition("SELECT " + what + " FROM " + relation.quoted() + " t" + where(values, false), values);
    }

    /** All filters; its text is empty if there are none. */
    Condition filter() {
        return all(filters.stream().map(Filter::condition).toList());
    }

    private String where(List<@Nullable String> values, boolean behindCursor) {
        List<Condition> conditions =
                new ArrayList<>(filters.stream().map(Filter::condition).toList());
        if (behindCursor) {
            cursor.ifPresent(last -> conditions.add(order.after(last.last())));
        }
        Condition all = all(conditions);
        values.addAll(all.values());
        return all.sql().isEmpty() ? "" : " WHERE " + all.sql();
    }

    private static Condition all(List<Condition> conditions) {
        List<@Nullable String> values = new ArrayList<>();
        conditions.forEach(condition -> values.addAll(condition.values()));
        return new Condition(conditions.stream().map(Condition::sql).collect(Collectors.joining(" AND ")), values);
    }

    private String json(Column column) {
        String type = column.baseType();
        return switch (type) {
            case "bigint", "numeric", "money" -> exact(column) + (numbers == Numbers.STRING ? "::text" : "");
            case "bigint[]", "numeric[]" -> exact(column) + (numbers == Numbers.STRING ? "::text[]" : "");
            case "money[]" -> exact(column) + "::numeric[]" + (numbers == Numbers.STRING ? "::text[]" : "");
            default -> exact(column);
        };
    }

    /** Money is written as the server's locale has it, a number as it is. */
    private static String exact(Column column) {
        return "t." + column.quoted() + (column.baseType().equals("money") ? "::numeric" : "");
    }
}
