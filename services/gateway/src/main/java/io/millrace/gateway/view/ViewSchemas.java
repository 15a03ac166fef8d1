package io.millrace.gateway.view;

import io.millrace.gateway.http.Schema;
import java.util.LinkedHashMap;
import java.util.Map;

/** What answers about views look like. */
final class ViewSchemas {
    static final Map<String, Object> VIEW = view();
    static final Map<String, Object> PAGE = page();
    static final Map<String, Object> FRESHNESS = Schema.members(
            "source", Schema.text("Its name."),
            "lsn", Schema.text("Position in the source's log that all views are the result of."),
            "committedAt", Schema.time("Commit time of the newest transaction up to there."),
            "ageMillis",
                    Schema.number(
                            "For how long that has been; while nobody writes to the source, it grows up to the heartbeat's interval."));

    private ViewSchemas() {}

    private static Map<String, Object> view() {
        return Schema.members(
                "name", Schema.text("Its name."),
                "kind", Schema.text("view or report."),
                "description", Schema.text("As the catalog has it; may be empty."),
                "status", Schema.text("ok; degraded: rows are kept out of it; broken: a report that is not there."),
                "problem", Schema.nullable(Schema.text("Why a report is not there.")),
                "excludedRows", Schema.number("Input rows on which one of its expressions fails."),
                "key", Schema.array(Schema.text("A column.")),
                "generation", Schema.nullable(Schema.text("Fingerprint of a view's definition.")),
                "columns",
                        Schema.array(Schema.members(
                                "name", Schema.text("Its name."),
                                "type", Schema.text("Its type in Postgres, such as numeric(16,2)."),
                                "nullable", Schema.truth("Whether it may be null."),
                                "description", Schema.text("As the catalog has it; may be empty."))));
    }

    private static Map<String, Object> page() {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("type", "object");
        row.put("description", "A member for each column. GET /views/{view} has their types.");
        return Schema.members(
                "view", Schema.text("Its name."),
                "lsn", Schema.text("Position in the source's log that the rows are the result of."),
                "committedAt", Schema.time("Commit time of the newest transaction up to there."),
                "status", Schema.text("ok, or degraded: rows are kept out of the view."),
                "excludedRows", Schema.number("Input rows on which one of the view's expressions fails."),
                "more", Schema.truth("Whether other rows follow."),
                "next", Schema.nullable(Schema.text("Where the next page begins.")),
                "moved", Schema.truth("Whether rows of the view changed since the first page was read."),
                "count", Schema.nullable(Schema.number("Rows of all pages, if that was asked for.")),
                "rows", Schema.array(row));
    }
}
