package io.millrace.gateway.view;

import io.millrace.gateway.http.Problem;
import io.millrace.gateway.view.Relation.Column;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** In which order rows come. That of a view ends with its key, so that it is one order, and a page can go on where another ended. */
record Order(List<By> columns) {
    private static final Pattern DIRECTION = Pattern.compile("\\.(desc|asc)$");

    record By(Column column, boolean descending) {}

    /** @param texts each a name, or names with commas between, {@code .desc} or {@code .asc} behind them */
    static Order parse(List<String> texts, Columns columns, List<String> key) {
        List<By> by = new ArrayList<>();
        for (String text : texts) {
            // A name may have commas.
            boolean one = columns.find(DIRECTION.matcher(text).replaceFirst("")).isPresent();
            for (String part : one ? List.of(text) : Arrays.asList(text.split(",", -1))) {
                add(by, parse(part.strip(), columns));
            }
        }
        for (String name : key) {
            Column column = columns.require(name);
            if (by.stream().noneMatch(each -> each.column.equals(column))) {
                by.add(new By(column, false));
            }
        }
        return new Order(List.copyOf(by));
    }

    private static void add(List<By> by, By next) {
        if (by.stream().anyMatch(each -> each.column.equals(next.column))) {
            throw new Problem(
                    Problem.Kind.BAD_PARAMETER,
                    "order names column '" + next.column.name() + "' twice",
                    "name it once");
        }
        by.add(next);
    }

    private static By parse(String text, Columns columns) {
        if (columns.find(text).isPresent()) {
            return new By(columns.require(text), false);
        }
        return new By(columns.require(DIRECTION.matcher(text).replaceFirst("")), text.endsWith(".desc"));
    }

    /** The clause; empty if rows come in no order. */
    String sql() {
        return columns.isEmpty()
                ? ""
                : columns.stream()
                        .map(by -> "t." + by.column.quoted() + (by.descending ? " DESC" : ""))
                        .collect(Collectors.joining(", ", " ORDER BY ", ""));
    }

    /**
     * The rows behind one.
     *
     * @param last the texts of this order's columns in it
     */
    Condition after(List<@Nullable String> last) {
        if (columns.stream().noneMatch(by -> by.descending || by.column.nullable())) {
            // An index serves this form.
            return new Condition(
                    columns.stream().map(by -> "t." + by.column.quoted()).collect(Collectors.joining(", ", "(", ")"))
                            + columns.stream().map(Order::parameter).collect(Collectors.joining(", ", " > (", ")")),
                    new ArrayList<>(last));
        }
        List<String> alternatives = new ArrayList<>();
        List<@Nullable String> values = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            List<String> all = new ArrayList<>();
            for (int j = 0; j < i; j++) {
                all.add(equal(columns.get(j), last.get(j), values));
            }
            all.add(beyond(columns.get(i), last.get(i), values));
            alternatives.add("(" + String.join(" AND ", all) + ")");
        }
        return new Condition("(" + String.join(" OR ", alternatives) + ")", values);
    }

    private static String equal(By by, @Nullable String value, List<@Nullable String> values) {
        String name = "t." + by.column.quoted();
        if (value == null) {
            return name + " IS NULL";
        }
        values.add(value);
        return name + " = " + parameter(by);
    }

    /** Nulls come last, or first in descending order, as Postgres has it. */
    private static String beyond(By by, @Nullable String value, List<@Nullable String> values) {
        String name = "t." + by.column.quoted();
        if (value == null) {
            return by.descending ? name + " IS NOT NULL" : "false";
        }
        values.add(value);
        if (by.descending) {
            return name + " < " + parameter(by);
        }
        String greater = name + " > " + parameter(by);
        return by.column.nullable() ? "(" + greater + " OR " + name + " IS NULL)" : greater;
    }

    private static String parameter(By by) {
        return "?::text::" + by.column.baseType();
    }

    @Override
    public String toString() {
        return columns.stream()
                .map(by -> by.column.name() + (by.descending ? ".desc" : ""))
                .collect(Collectors.joining(","));
    }
}
