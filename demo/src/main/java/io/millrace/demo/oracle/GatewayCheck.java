package io.millrace.demo.oracle;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads every view through the gateway, as CSV and page by page, and compares it with what Postgres itself writes of its table as CSV.
 * Nobody may write to the source meanwhile.
 */
public final class GatewayCheck {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final String url;
    private final String key;
    private final Connection analytics;

    /** @param key of the gateway, with permission views:read */
    public GatewayCheck(String url, String key, Connection analytics) {
        this.url = url + "/api/v1/views/";
        this.key = key;
        this.analytics = analytics;
    }

    /** One comparison for each view. */
    public List<Comparison> compare() throws SQLException, IOException, InterruptedException {
        List<Comparison> comparisons = new ArrayList<>();
        try (Statement statement = analytics.createStatement();
                HttpClient client = HttpClient.newHttpClient()) {
            statement.execute("SET TIME ZONE 'UTC'");
            String atLeast;
            try (ResultSet row = statement.executeQuery("SELECT max(lsn)::text FROM analytics.position")) {
                row.next();
                atLeast = row.getString(1);
            }
            SortedMap<String, String> selects = new TreeMap<>();
            try (ResultSet rows = statement.executeQuery(
                    "SELECT v.view, string_agg(quote_ident(a.attname) || '::text', ', ' ORDER BY a.attnum),"
                            + " (SELECT string_agg(quote_ident(k), ', ') FROM unnest(v.key) k) FROM analytics.view v JOIN pg_attribute a"
                            + " ON a.attrelid = to_regclass('analytics.' || quote_ident(v.view)) AND a.attnum > 0 AND NOT a.attisdropped"
                            + " GROUP BY v.view, v.key")) {
                while (rows.next()) {
                    String view = rows.getString(1);
                    selects.put(
                            view,
                            "SELECT " + rows.getString(2) + " FROM analytics.\"" + view + "\" t ORDER BY "
                                    + rows.getString(3).replaceAll("(^|, )", "$1t."));
                }
            }
            for (Map.Entry<String, String> select : selects.entrySet()) {
                comparisons.add(compare(client, select.getKey(), select.getValue(), atLeast));
            }
        }
        return comparisons;
    }

    private Comparison compare(HttpClient client, String view, String select, String atLeast)
            throws SQLException, IOException, InterruptedException {
        StringWriter own = new StringWriter();
        analytics.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY (" + select + ") TO STDOUT (FORMAT csv)", own);
        String export = get(client, view + "/export?format=csv&formulas=keep&at_least=" + atLeast);
        List<String> expected = own.toString().lines().toList();
        List<String> actual = export.lines().skip(1).toList();
        Map<String, Long> counts = new HashMap<>();
        expected.forEach(line -> counts.merge(line, 1L, Long::sum));
        actual.forEach(line -> counts.merge(line, -1L, Long::sum));
        long differences = counts.values().stream().mapToLong(Math::abs).sum();
        if (differences == 0 && !expected.equals(actual)) {
            differences = 1;
        }
        List<String> examples = counts.entrySet().stream()
                .filter(line -> line.getValue() != 0)
                .limit(5)
                .map(line -> (line.getValue() > 0 ? "table:   " : "gateway: ") + line.getKey())
                .collect(Collectors.toCollection(ArrayList::new));
        long paged = pages(client, view, atLeast);
        if (paged != rows(view)) {
            differences++;
            examples.add("its pages have " + paged + " rows");
        }
        return new Comparison(view, expected.size(), actual.size(), differences, examples);
    }

    private long rows(String view) throws SQLException {
        try (Statement statement = analytics.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM analytics.\"" + view + "\"")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** How many rows all pages have. */
    private long pages(HttpClient client, String view, String atLeast) throws IOException, InterruptedException {
        long rows = 0;
        String cursor = "";
        do {
            JsonNode page = JSON.readTree(get(client, view + "/rows?limit=1000&at_least=" + atLeast + cursor));
            rows += page.path("rows").size();
            cursor = page.path("next").isNull()
                    ? ""
                    : "&cursor=" + page.path("next").asString();
        } while (!cursor.isEmpty());
        return rows;
    }

    private String get(HttpClient client, String path) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .timeout(LIMIT)
                        .header("Authorization", "Bearer " + key)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return response.statusCode() == 200 ? response.body() : "\n" + response.statusCode() + ": " + response.body();
    }
}
