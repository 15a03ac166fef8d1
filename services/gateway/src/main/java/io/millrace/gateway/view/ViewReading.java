package io.millrace.gateway.view;

import io.millrace.gateway.http.Endpoint;
import io.millrace.operations.AnalyticsDatabase;
import java.time.Duration;
import java.util.List;

/** Reading of views and reports: connections of its own, and what they are used for. */
public final class ViewReading implements AutoCloseable {
    private static final int CONNECTIONS = 8;
    private static final int EXPORTS = 2;
    private static final Duration EXPORT_LIMIT = Duration.ofMinutes(10);

    private final ReadPool pool;
    private final ReadPool exports;
    private final AppliedState state;
    private final ViewEndpoints endpoints;

    /**
     * Does not connect yet.
     *
     * @param source name in the catalog
     * @param limit after which a query is cancelled
     */
    public ViewReading(String jdbcUrl, String user, String password, String source, Duration limit) {
        this.pool = new ReadPool(jdbcUrl, user, password, CONNECTIONS, limit);
        this.exports = new ReadPool(jdbcUrl, user, password, EXPORTS, EXPORT_LIMIT);
        this.state = new AppliedState(pool, source);
        this.endpoints = new ViewEndpoints(new Views(pool, state, source), exports);
    }

    /** Begins to follow where the views are. */
    public void start() {
        state.start();
    }

    public List<Endpoint> endpoints() {
        return endpoints.all();
    }

    /** The analytics database, for what else is read there. */
    public AnalyticsDatabase database() {
        return new AnalyticsDatabase(pool.jdbi(), "the analytics database");
    }

    /** Why nothing can be read now; empty if it can. */
    public String trouble() {
        return state.trouble();
    }

    @Override
    public void close() {
        state.close();
        pool.close();
        exports.close();
    }
}
