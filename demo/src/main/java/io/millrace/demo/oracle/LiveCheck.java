package io.millrace.demo.oracle;

import io.millrace.client.Change;
import io.millrace.client.LiveView;
import io.millrace.client.MillraceClient;
import io.millrace.client.ViewRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import tools.jackson.databind.json.JsonMapper;

/** Follows every view by WebSocket from the begin, through whatever happens, and in the end compares the rows with what REST exports. */
public final class LiveCheck implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int LONGEST_MILLIS = 60_000;

    private final String url;
    private final String key;
    private final MillraceClient client;
    private final Map<String, LiveView> views = new TreeMap<>();
    private final Map<String, Boolean> begun = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong();
    private final AtomicLong again = new AtomicLong();
    private final AtomicLongArray millis = new AtomicLongArray(LONGEST_MILLIS + 1);

    private LiveCheck(String url, String key) {
        this.url = url;
        this.key = key;
        this.client = MillraceClient.connect(URI.create(url), key);
    }

    /** @param key of the gateway, with permission views:read */
    public static LiveCheck start(String url, String key, Connection analytics) throws SQLException {
        LiveCheck check = new LiveCheck(url, key);
        try (Statement statement = analytics.createStatement();
                ResultSet names = statement.executeQuery("SELECT view FROM analytics.view")) {
            while (names.next()) {
                String view = names.getString(1);
                check.views.put(view, check.client.follow(ViewRequest.of(view), check::changed));
            }
        }
        return check;
    }

    private void changed(Change change) {
        changes.incrementAndGet();
        if (!change.reset()) {
            long late = Duration.between(change.committedAt(), Instant.now()).toMillis();
            millis.incrementAndGet(Math.clamp(late, 0, LONGEST_MILLIS));
        } else if (begun.put(change.view(), true) != null) {
            again.incrementAndGet();
        }
    }

    /** How many messages came, and how late after their commits. */
    public String figures() {
        long[] sorted = new long[LONGEST_MILLIS + 1];
        Arrays.setAll(sorted, millis::get);
        return String.format(
                Locale.ROOT,
                "%,d changes of %d views, all rows sent again %d times, commit to message p50 %d ms, p99 %d ms",
                changes.get(),
                views.size(),
                again.get(),
                percentile(sorted, 0.50),
                percentile(sorted, 0.99));
    }

    private static int percentile(long[] counts, double share) {
        long total = Arrays.stream(counts).sum();
        long below = 0;
        for (int i = 0; i < counts.length; i++) {
            below += counts[i];
            if (below >= total * share) {
                return i;
            }
        }
        return counts.length;
    }

    /** One comparison for each view. Nobody may write to the source meanwhile. */
    public List<Comparison> compare(Connection analytics) throws SQLException, IOException, InterruptedException {
        String newest;
        try (Statement statement = analytics.createStatement();
                ResultSet row = statement.executeQuery("SELECT max(lsn)::text FROM analytics.position")) {
            row.next();
            newest = row.getString(1);
        }
        List<Comparison> comparisons = new ArrayList<>();
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (Map.Entry<String, LiveView> view : views.entrySet()) {
                comparisons.add(compare(http, view.getKey(), view.getValue(), newest));
            }
        }
        return comparisons;
    }

    private Comparison compare(HttpClient http, String name, LiveView view, String newest)
            throws IOException, InterruptedException {
        try {
            view.await(newest, LIMIT);
        } catch (TimeoutException late) {
            return new Comparison(name, 0, 0, 1, List.of(String.valueOf(late.getMessage())));
        }
        HttpResponse<String> export = http.send(
                HttpRequest.newBuilder(URI.create(url + "/api/v1/views/" + name + "/export?at_least=" + newest))
                        .timeout(LIMIT)
                        .header("Authorization", "Bearer " + key)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        List<String> expected = export.body().lines().toList();
        Map<String, Long> counts = new HashMap<>();
        expected.forEach(line -> counts.merge(JSON.readTree(line).toString(), 1L, Long::sum));
        view.rows().values().forEach(row -> counts.merge(row.toString(), -1L, Long::sum));
        long differences = counts.values().stream().mapToLong(Math::abs).sum();
        List<String> examples = counts.entrySet().stream()
                .filter(line -> line.getValue() != 0)
                .limit(5)
                .map(line -> (line.getValue() > 0 ? "REST:      " : "WebSocket: ") + line.getKey())
                .toList();
        return new Comparison(name, expected.size(), view.rows().size(), differences, examples);
    }

    @Override
    public void close() {
        client.close();
    }
}
