package io.millrace.views.analysis;

import io.millrace.views.sql.Query;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Queries that WITH has named. */
record NamedQueries(Map<String, Named> queries) {
    /** @param within what it can name itself */
    record Named(Query.Named query, NamedQueries within) {}

    NamedQueries with(Query.Named query) {
        Map<String, Named> more = new HashMap<>(queries);
        more.put(query.name(), new Named(query, this));
        return new NamedQueries(more);
    }

    /** Null if there is none. */
    @Nullable Named get(String name) {
        return queries.get(name);
    }
}
