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
        Map<String, Map<String, Object>> column = new LinkedHashMap<>();
        column.put("name", Schema.text("Its name."));
        column.put("type", Schema.text("Its type in Postgres, such as numeric(16,2)."));
        column.put("nullable", Schema.truth("Whether it may be null."));
        column.put("description", Schema.text("As the catalog has it; may be empty."));
        Map<String, Map<String, Object>> members = new LinkedHashMap<>();
        members.put("name", Schema.text("Its name."));
        members.put("kind", Schema.text("view or report."));
        members.put("description", Schema.text("As the catalog has it; may be empty."));
        members.put(
                "status", Schema.text("ok; degraded: rows are kept out of it; broken: a report that is not there."));
        members.put("problem", Schema.nullable(Schema.text("Why a report is not there.")));
        members.put("excludedRows", Schema.number("Input rows on which one of its expressions fails."));
        members.put("key", Schema.array(Schema.text("A column.")));
        members.put("generation", Schema.nullable(Schema.text("Fingerprint of a view's definition.")));
        members.put("columns", Schema.array(Schema.object(column)));
        return Schema.object(members);
    }

    private static Map<String, Object> page() {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("type", "object");
        row.put("description", "A member for each column. GET /views/{view} has their types.");
        Map<String, Map<String, Object>> members = new LinkedHashMap<>();
        members.put("view", Schema.text("Its name."));
        members.put("lsn", Schema.text("Position in the source's log that the rows are the result of."));
        members.put("committedAt", Schema.time("Commit time of the newest transaction up to there."));
        members.put("status", Schema.text("ok, or degraded: rows are kept out of the view."));
        members.put("excludedRows", Schema.number("Input rows on which one of the view's expressions fails."));
        members.put("more", Schema.truth("Whether other rows follow."));
        members.put("next", Schema.nullable(Schema.text("Where the next page begins.")));
        members.put("moved", Schema.truth("Whether rows of the view changed since the first page was read."));
        members.put("count", Schema.nullable(Schema.number("Rows of all pages, if that was asked for.")));
        members.put("rows", Schema.array(row));
        return Schema.object(members);
    }
}
