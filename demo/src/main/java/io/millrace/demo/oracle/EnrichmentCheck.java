package io.millrace.demo.oracle;

import io.millrace.embedded.StandInLlm;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.hub.config.RecipeFiles;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** Is every alert explained that a recipe is about, and was no question paid twice? */
public final class EnrichmentCheck {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final AlertCheck.Analyst analytics;
    private final Path catalog;
    private final StandInLlm llm;

    public EnrichmentCheck(AlertCheck.Analyst analytics, Path catalog, StandInLlm llm) {
        this.analytics = analytics;
        this.catalog = catalog;
        this.llm = llm;
    }

    /** @param interrupted questions that were being asked when the hub was killed: they are asked again */
    public boolean finish(int interrupted, PrintWriter out) throws SQLException {
        List<Comparison> comparisons = new ArrayList<>();
        try (Connection connection = analytics.connect();
                Statement statement = connection.createStatement()) {
            for (Recipe recipe : RecipeFiles.read(catalog)) {
                comparisons.add(
                        recipe.input().equals("alerts")
                                ? compare(statement, recipe, alerts(recipe), "", "alert")
                                : compareRows(statement, recipe));
            }
            long answers = count(statement, "SELECT count(*) FROM enrichment.answer");
            long twice = Math.max(0, llm.asked() - answers);
            comparisons.add(new Comparison(
                    "(questions and answers)",
                    answers,
                    llm.asked(),
                    Math.max(0, twice - interrupted),
                    twice > interrupted
                            ? List.of(twice + " questions were paid twice, and " + interrupted + " were interrupted")
                            : List.of()));
            boolean equal = Report.print(out, "explanations", comparisons);
            out.println(String.format(
                    Locale.ROOT,
                    "%,d questions asked, %,d of them twice, %,d interrupted by kills of the hub",
                    llm.asked(),
                    twice,
                    interrupted));
            return equal && twice <= interrupted;
        }
    }

    private static String alerts(Recipe recipe) {
        String severities = recipe.severities().isEmpty()
                ? ""
                : " AND severity IN ("
                        + recipe.severities().stream()
                                .map(severity -> "'" + severity + "'")
                                .collect(Collectors.joining(","))
                        + ")";
        return "SELECT id::text AS subject FROM analytics.alert WHERE openings > 0" + severities;
    }

    private static Comparison compareRows(Statement statement, Recipe recipe) throws SQLException {
        String name = "enrichment_" + recipe.name().replace('-', '_');
        List<String> key = new ArrayList<>();
        try (ResultSet row = statement.executeQuery("SELECT column_name FROM information_schema.columns"
                + " WHERE table_schema = 'analytics' AND table_name = '" + name + "' ORDER BY ordinal_position")) {
            while (row.next() && !row.getString(1).equals("state")) {
                key.add(row.getString(1));
            }
        }
        StringBuilder wanted = new StringBuilder("SELECT ");
        wanted.append(
                key.isEmpty()
                        ? "'none was told of' AS subject"
                        : "concat_ws(',', "
                                + key.stream()
                                        .map(column -> "'" + column + "=' || " + column)
                                        .collect(Collectors.joining(", "))
                                + ") AS subject");
        wanted.append(" FROM analytics.").append(recipe.input()).append(" WHERE true");
        recipe.filter()
                .forEach((column, values) -> wanted.append(values.stream()
                        .map(value -> "'" + value + "'")
                        .collect(Collectors.joining(",", " AND " + column + "::text IN (", ")"))));
        return compare(statement, recipe, wanted.toString(), " IN (SELECT subject FROM (" + wanted + ") w)", "row");
    }

    /**
     * @param wanted query of the subjects that are asked about
     * @param counted condition on the subjects of answers that count; empty for all
     */
    private static Comparison compare(Statement statement, Recipe recipe, String wanted, String counted, String what)
            throws SQLException {
        String done = "FROM analytics.enrichment e WHERE e.state = 'done' AND e.recipe = '" + recipe.name() + "'";
        String missing = "SELECT subject FROM (" + wanted + ") w WHERE NOT EXISTS (SELECT " + done
                + " AND e.subject = w.subject)";
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (count(statement, "SELECT count(*) FROM (" + missing + ") x") > 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
        List<String> examples = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(missing + " LIMIT 3")) {
            while (row.next()) {
                examples.add("not answered: " + what + " " + row.getString(1));
            }
        }
        return new Comparison(
                recipe.name(),
                count(statement, "SELECT count(*) FROM (" + wanted + ") x"),
                count(statement, "SELECT count(*) " + done + (counted.isEmpty() ? "" : " AND e.subject" + counted)),
                examples.size(),
                examples);
    }

    private static long count(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
