package io.millrace.gateway.view;

import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.live.FeedKind;
import io.millrace.gateway.redis.Redis;
import io.millrace.operations.AnalyticsDatabase;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Tenants;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reading of views and reports: connections of its own, and what they are used for. */
public final class ViewReading implements AutoCloseable {
    private static final int CONNECTIONS = 8;
    private static final int EXPORTS = 2;
    private static final int LIVE = 4;
    private static final Duration EXPORT_LIMIT = Duration.ofMinutes(10);

    private final ReadPool pool;
    private final ReadPool exports;
    private final AppliedState state;
    private final ViewEndpoints endpoints;
    private final RowEndpoints rows;
    private final ReadPool live;
    private final UpdatesTail tail;
    private final Views views;
    private final ChangeReader changes;

    /**
     * Does not connect yet.
     *
     * @param jdbcUrl where it reads: the analytics database's own address, or that of a pool before it
     * @param analyticsUrl the analytics database's own address
     * @param source name in the catalog
     * @param lanes of the source
     * @param tenantColumn column of views that says whose a row is; null if there is none
     * @param limit after which a query is cancelled
     * @param redis in which gateways share pages; empty: each has its own
     */
    public ViewReading(
            String jdbcUrl,
            String analyticsUrl,
            String user,
            String password,
            String source,
            int lanes,
            @Nullable String tenantColumn,
            Duration limit,
            KafkaServers kafkaServers,
            SchemaRegistry registry,
            Optional<Redis> redis) {
        this.pool = new ReadPool(jdbcUrl, user, password, CONNECTIONS, limit);
        this.exports = new ReadPool(jdbcUrl, user, password, EXPORTS, EXPORT_LIMIT);
        this.live = new ReadPool(jdbcUrl, user, password, LIVE, limit);
        this.state = new AppliedState(pool, source);
        Optional<SharedPages> shared = redis.map(there -> new SharedPages(there, pool, source, analyticsUrl));
        shared.ifPresent(pages -> state.onLoss(pages::forget));
        this.views = new Views(pool, state, source, tenantColumn, shared);
        this.endpoints = new ViewEndpoints(views);
        this.rows = new RowEndpoints(views, exports);
        this.tail = new UpdatesTail(source, lanes, kafkaServers, registry, live, state);
        this.changes = new ChangeReader(live, tail, registry, source, tenantColumn);
    }

    /** Views, for those who follow them. */
    public FeedKind feeds() {
        return new FeedKind(
                "view",
                Permission.VIEWS_READ,
                LiveParameters.ALL,
                (arguments, key) -> new ViewFeed(views, changes, arguments, key.tenants()));
    }

    /** Somebody follows views, or is about to. */
    public void follow() {
        tail.start();
    }

    /** @param listener is run after each move of the views */
    public void onMove(Runnable listener) {
        state.onMove(listener);
    }

    /** Begins to follow where the views are. */
    public void start() {
        state.start();
    }

    public List<Endpoint> endpoints() {
        List<Endpoint> all = new ArrayList<>(endpoints.all());
        all.addAll(rows.all());
        return all;
    }

    /** The analytics database, for what else is read there. */
    public AnalyticsDatabase database(Tenants whose) {
        return new AnalyticsDatabase(pool.jdbi(whose), "the analytics database");
    }

    /** Why nothing can be read now; empty if it can. */
    public String trouble() {
        return state.trouble();
    }

    @Override
    public void close() {
        tail.close();
        state.close();
        live.close();
        pool.close();
        exports.close();
    }
}
