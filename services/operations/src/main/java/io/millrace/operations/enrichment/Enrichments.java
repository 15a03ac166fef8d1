package io.millrace.operations.enrichment;

import io.millrace.operations.AnalyticsDatabase;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an LLM said, as the analytics database has it. */
public final class Enrichments {
    private final AnalyticsDatabase analytics;

    public Enrichments(AnalyticsDatabase analytics) {
        this.analytics = analytics;
    }

    /**
     * The newest first.
     *
     * @param recipe null for all
     * @param subject null for all
     */
    public List<Enrichment> list(@Nullable String recipe, @Nullable String subject, int limit) {
        return analytics.read(
                "enrichments",
                handle -> handle.createQuery(
                                "SELECT recipe, subject, state, fields::text AS fields, model, cost, detail, changed_at FROM analytics.enrichment"
                                        + " WHERE (:recipe::text IS NULL OR recipe = :recipe) AND (:subject::text IS NULL OR subject = :subject)"
                                        + " ORDER BY changed_at DESC, recipe, subject LIMIT :limit")
                        .bind("recipe", recipe)
                        .bind("subject", subject)
                        .bind("limit", limit)
                        .map((row, context) -> read(row))
                        .list());
    }

    private static Enrichment read(ResultSet row) throws SQLException {
        return new Enrichment(
                text(row, "recipe"),
                text(row, "subject"),
                text(row, "state"),
                text(row, "fields"),
                row.getString("model"),
                Objects.requireNonNull(row.getBigDecimal("cost")),
                row.getString("detail"),
                Objects.requireNonNull(row.getObject("changed_at", OffsetDateTime.class))
                        .toInstant());
    }

    private static String text(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNullElse(row.getString(column), "");
    }
}
