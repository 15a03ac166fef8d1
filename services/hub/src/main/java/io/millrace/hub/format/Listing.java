package io.millrace.hub.format;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is printed of things of a kind: which columns, and how people see them. Programs get every column in full.
 *
 * @param none what people are told if there is nothing
 */
public record Listing<T>(String none, List<Column<T>> columns) {

    /**
     * A column.
     *
     * @param value for programs: a text, a number, a truth value, an instant or null
     * @param shown for people; null where they do not see it
     */
    record Column<T>(
            String name,
            Function<T, @Nullable Object> value,
            @Nullable Function<T, String> shown) {}

    public static <T> Listing<T> of(String none) {
        return new Listing<>(none, List.of());
    }

    /** With another column, which people see as it is. */
    public Listing<T> with(String name, Function<T, @Nullable Object> value) {
        return with(name, value, thing -> {
            Object is = value.apply(thing);
            return is == null ? "" : is.toString();
        });
    }

    /** With another column, which people see otherwise. */
    public Listing<T> with(String name, Function<T, @Nullable Object> value, Function<T, String> shown) {
        return and(new Column<>(name, value, shown));
    }

    /** With another column, for programs only. */
    public Listing<T> withHidden(String name, Function<T, @Nullable Object> value) {
        return and(new Column<>(name, value, null));
    }

    private Listing<T> and(Column<T> column) {
        List<Column<T>> more = new ArrayList<>(columns);
        more.add(column);
        return new Listing<>(none, List.copyOf(more));
    }

    /** All of it, by the columns' names. */
    Map<String, @Nullable Object> values(T thing) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        columns.forEach(column -> values.put(column.name(), column.value().apply(thing)));
        return values;
    }
}
