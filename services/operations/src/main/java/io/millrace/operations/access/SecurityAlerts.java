package io.millrace.operations.access;

import io.millrace.schemas.avro.Violation;
import io.millrace.schemas.avro.ViolationColumn;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@link SecurityControls}, and what of them governance was told. A row is what happened to one subject in the last day, so
 * the alerts are a view over {@code access.event}.
 */
final class SecurityAlerts {
    private static final int LANE = 0;

    private final String source;

    /** @param source name, under which governance keeps alerts */
    SecurityAlerts(String source) {
        this.source = source;
    }

    private record Told(String id, String control, String evidence) {}

    /**
     * What governance is to be told.
     *
     * @param violation the row, or that it went
     */
    record News(String id, Violation violation) {
        boolean isOver() {
            return violation.getRow() == null;
        }
    }

    /**
     * What is another than what was told.
     *
     * @param all whether rows that were told are told again: what is told twice changes nothing
     */
    List<News> news(Handle handle, boolean all) {
        Map<String, Told> told = new LinkedHashMap<>();
        handle.createQuery("SELECT id::text, control, evidence FROM access.told_alert")
                .map((row, context) ->
                        new Told(row.getString("id"), row.getString("control"), row.getString("evidence")))
                .forEach(each -> told.put(each.id, each));
        List<News> news = new ArrayList<>();
        for (SecurityControls.Watched control : SecurityControls.WATCHED) {
            for (Violation violation : rows(handle, control)) {
                Told before = told.remove(violation.getId());
                if (all || before == null || !before.evidence.equals(String.valueOf(violation.getRow()))) {
                    news.add(new News(violation.getId(), violation));
                }
            }
        }
        told.forEach((id, over) -> news.add(new News(id, violation(id, over.control, Instant.now(), null))));
        return news;
    }

    /** They were told. */
    static void told(Handle handle, List<News> news) {
        for (News each : news) {
            if (each.isOver()) {
                handle.createUpdate("DELETE FROM access.told_alert WHERE id = :id::uuid")
                        .bind("id", each.id)
                        .execute();
            } else {
                handle.createUpdate("INSERT INTO access.told_alert VALUES (:id::uuid, :control, :evidence)"
                                + " ON CONFLICT (id) DO UPDATE SET evidence = EXCLUDED.evidence")
                        .bind("id", each.id)
                        .bind("control", each.violation.getControl())
                        .bind("evidence", String.valueOf(each.violation.getRow()))
                        .execute();
            }
        }
    }

    private List<Violation> rows(Handle handle, SecurityControls.Watched control) {
        return handle.createQuery("SELECT kind, subject, sum(times) AS times, min(at) AS first, max(at) AS last,"
                        + " (array_agg(actor ORDER BY sequence DESC))[1] AS actor,"
                        + " (array_agg(address ORDER BY sequence DESC))[1] AS address,"
                        + " (array_agg(detail ORDER BY sequence DESC))[1] AS detail"
                        + " FROM access.event WHERE at > clock_timestamp() - interval '1 day' AND kind = ANY (:kinds::text[])"
                        + " GROUP BY kind, subject HAVING sum(times) >= :times ORDER BY kind, subject")
                .bind("kinds", control.kinds().toArray(String[]::new))
                .bind("times", control.times())
                .map((row, context) -> violation(control, row))
                .list();
    }

    private Violation violation(SecurityControls.Watched control, ResultSet row) throws SQLException {
        List<ViolationColumn> columns = new ArrayList<>();
        for (String name : SecurityControls.COLUMNS) {
            switch (name) {
                case "times" -> columns.add(new ViolationColumn(name, "bigint", row.getString(name)));
                case "first", "last" ->
                    columns.add(new ViolationColumn(
                            name,
                            "timestamp with time zone",
                            Rows.requiredTime(row, name).toString()));
                default -> columns.add(new ViolationColumn(name, "text", row.getString(name)));
            }
        }
        String name = control.control().name();
        String id = UUID.nameUUIDFromBytes(
                        String.join("\0", source, name, row.getString("kind"), row.getString("subject"))
                                .getBytes(StandardCharsets.UTF_8))
                .toString();
        return violation(id, name, Rows.requiredTime(row, "last"), columns);
    }

    private Violation violation(String id, String control, Instant at, @Nullable List<ViolationColumn> row) {
        return new Violation(id, source, LANE, control, 0L, at, null, List.of("kind", "subject"), row);
    }
}
