package io.millrace.gateway.view;

import io.millrace.gateway.http.Problem;
import io.millrace.platform.loop.Loop;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows up to where the views are applied, by looking many times a second. */
final class AppliedState implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AppliedState.class);
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final Duration AFTER_FAILURE = Duration.ofMillis(500);

    /** An answer of what was seen longer ago would say nothing of now. */
    private static final Duration OLDEST = Duration.ofSeconds(5);

    /** Reports come and go without an epoch. */
    private static final Duration LOOK_AT_ALL = Duration.ofSeconds(1);

    private static final String POSITION =
            "SELECT epoch, lsn::text, (lsn - '0/0'::pg_lsn)::bigint, committed_at FROM analytics.position WHERE source = ?";
    private static final String RELATIONS = "SELECT 'VIEW', v.view, v.description, v.key, v.generation,"
            + " to_regclass('analytics.' || quote_ident(v.view))::oid::bigint, coalesce(c.epoch, p.epoch),"
            + " coalesce(c.lsn, p.lsn)::text, coalesce((SELECT sum(l.excluded_rows) FROM analytics.view_lane l WHERE l.view = v.view), 0)::bigint, NULL"
            + " FROM analytics.view v CROSS JOIN analytics.position p LEFT JOIN analytics.view_change c ON c.view = v.view"
            // Epochs and positions of another source say nothing here.
            + " WHERE p.source = ? AND (c.source IS NULL OR c.source = p.source)"
            + " UNION ALL SELECT 'REPORT', r.report, r.description, '{}', '',"
            + " to_regclass('analytics.' || quote_ident(r.report))::oid::bigint, 0, '', 0, r.problem FROM analytics.report r"
            + " ORDER BY 1 DESC, 2";

    private final ReadPool pool;
    private final String source;
    private final Loop loop = new Loop("gateway-applied", this::look);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private volatile @Nullable Applied applied;
    private volatile long seenAt;
    private volatile long allSeenAt;
    private volatile String trouble = "starting";
    private volatile Runnable listener = () -> {};
    private volatile Runnable lost = () -> {};

    AppliedState(ReadPool pool, String source) {
        this.pool = pool;
        this.source = source;
    }

    void start() {
        loop.start();
    }

    private Duration look() {
        try {
            Applied before = applied;
            Applied now = pool.read(connection -> read(connection, before));
            seenAt = System.nanoTime();
            trouble = "";
            if (!now.equals(before)) {
                applied = now;
                lock.lock();
                try {
                    moved.signalAll();
                } finally {
                    lock.unlock();
                }
                listener.run();
            }
            return INTERVAL;
        } catch (Problem away) {
            trouble = pool.told();
            lost.run();
            return AFTER_FAILURE;
        }
    }

    private Applied read(Connection connection, @Nullable Applied before) throws SQLException {
        Map<String, Relation> relations = new LinkedHashMap<>();
        try (PreparedStatement select = connection.prepareStatement(POSITION)) {
            select.setString(1, source);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return new Applied(0, "0/0", 0, Instant.EPOCH, relations);
                }
                if (before != null
                        && before.epoch() == row.getLong(1)
                        && System.nanoTime() - allSeenAt < LOOK_AT_ALL.toNanos()) {
                    return before;
                }
                Applied position = position(row, relations);
                readRelations(connection, relations);
                allSeenAt = System.nanoTime();
                return position;
            }
        }
    }

    private static Applied position(ResultSet row, Map<String, Relation> relations) throws SQLException {
        return new Applied(row.getLong(1), row.getString(2), row.getLong(3), instant(row, 4), relations);
    }

    private void readRelations(Connection connection, Map<String, Relation> relations) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(RELATIONS)) {
            select.setString(1, source);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    Array key = row.getArray(4);
                    relations.put(
                            row.getString(2),
                            new Relation(
                                    row.getString(2),
                                    Relation.Kind.valueOf(row.getString(1)),
                                    row.getString(3),
                                    List.of((String[]) key.getArray()),
                                    row.getString(5),
                                    row.getLong(6),
                                    row.getLong(7),
                                    row.getString(8),
                                    row.getLong(9),
                                    row.getString(10)));
                }
            }
        }
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return Objects.requireNonNull(row.getObject(column, OffsetDateTime.class))
                .toInstant();
    }

    /** What was seen last. */
    Applied now() {
        Applied last = applied;
        if (last == null || System.nanoTime() - seenAt > OLDEST.toNanos()) {
            throw new Problem(
                    Problem.Kind.UNAVAILABLE,
                    "where the views are is not known now",
                    "try again in a moment; 'millrace doctor' says what is wrong");
        }
        return last;
    }

    /** The same, however old; null before the first look. */
    @Nullable Applied last() {
        return applied;
    }

    /** Is run after each move. */
    void onMove(Runnable listener) {
        this.listener = listener;
    }

    /** Is run after each look that failed: the database may be another one when it is there again. */
    void onLoss(Runnable listener) {
        this.lost = listener;
    }

    /** Looks now. */
    Applied refreshed() {
        Applied before = applied;
        Applied now = pool.read(connection -> read(connection, null));
        if (before == null || now.epoch() >= before.epoch()) {
            applied = now;
        }
        return now;
    }

    /**
     * Waits until the views are at a position at least.
     *
     * @throws Problem if they do not come so far in time
     */
    Applied await(long position, String lsn, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        lock.lock();
        try {
            Applied now = now();
            while (now.position() < position) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new Problem(
                            Problem.Kind.NOT_FRESH,
                            "the views have not come to " + lsn + " within " + limit.toMillis() + " ms: they are at "
                                    + now.lsn(),
                            "ask again, with a longer timeout; 'millrace lag' says why it takes so long");
                }
                // Not longer than until it would be known that the database is away.
                if (moved.awaitNanos(Math.min(left, AFTER_FAILURE.toNanos())) > 0) {
                    LOG.trace("the position moved");
                }
                now = now();
            }
            return now;
        } finally {
            lock.unlock();
        }
    }

    /** Why it is not known where the views are, for whoever runs the hub; empty if it is. */
    String trouble() {
        return trouble;
    }

    @Override
    public void close() {
        loop.close();
    }
}
