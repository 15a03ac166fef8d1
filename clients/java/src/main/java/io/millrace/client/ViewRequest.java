package io.millrace.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Which rows of a view to follow.
 *
 * @param view its name
 * @param columns empty for all
 * @param filters each {@code column.operator.value}, as for {@code /api/v1/views/{view}/rows}; all must hold
 * @param every not more than one change in this time; zero for each as it comes
 */
public record ViewRequest(String view, List<String> columns, List<String> filters, Duration every) {
    public ViewRequest {
        columns = List.copyOf(columns);
        filters = List.copyOf(filters);
    }

    /** All rows. */
    public static ViewRequest of(String view) {
        return new ViewRequest(view, List.of(), List.of(), Duration.ZERO);
    }

    /** Only these columns; those of the key come with them as the rows' keys. */
    public ViewRequest columns(String... names) {
        return new ViewRequest(view, List.of(names), filters, every);
    }

    /** Rows for which this holds, too. */
    public ViewRequest filter(String filter) {
        List<String> more = new ArrayList<>(filters);
        more.add(filter);
        return new ViewRequest(view, columns, more, every);
    }

    /** Not more than one change in this time. */
    public ViewRequest every(Duration time) {
        return new ViewRequest(view, columns, filters, time);
    }
}
