package io.millrace.client;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Rows of a view, which are kept as they are at the source. Thread-safe. */
public final class LiveView {
    private final String id;
    private final ViewRequest request;
    private final Consumer<Change> listener;
    private final Map<String, JsonNode> rows = new HashMap<>();

    /** What came since the last state, while more belongs to the next. */
    private final Map<String, JsonNode> upserts = new LinkedHashMap<>();

    private final Set<String> deletes = new HashSet<>();
    private boolean reset;
    private String generation = "";
    private @Nullable String lsn;
    private @Nullable Instant committedAt;
    private long excludedRows;
    private @Nullable Problem problem;
    private boolean over;

    LiveView(String id, ViewRequest request, Consumer<Change> listener) {
        this.id = id;
        this.request = request;
        this.listener = listener;
    }

    String id() {
        return id;
    }

    ViewRequest request() {
        return request;
    }

    /** The rows by key, of one state. */
    public synchronized Map<String, JsonNode> rows() {
        return Map.copyOf(rows);
    }

    /** Position that the rows are the result of; null before the first state. */
    public synchronized @Nullable String lsn() {
        return lsn;
    }

    /** Commit time of the newest transaction in the rows; null before the first state. */
    public synchronized @Nullable Instant committedAt() {
        return committedAt;
    }

    /** Input rows that are kept out of the view because an expression fails on them. */
    public synchronized long excludedRows() {
        return excludedRows;
    }

    /** What is wrong now; null if nothing is. */
    public synchronized @Nullable Problem problem() {
        return problem;
    }

    /**
     * Waits until the rows are the result of everything up to a position at least.
     *
     * @throws TimeoutException if they are not within the limit
     * @throws Problem if they never will be
     */
    public synchronized void await(String position, Duration limit) throws InterruptedException, TimeoutException {
        long wanted = position(position);
        long deadline = System.nanoTime() + limit.toNanos();
        while (lsn == null || Long.compareUnsigned(position(lsn), wanted) < 0) {
            if (over && problem != null) {
                throw problem;
            }
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new TimeoutException("view " + request.view() + " is at " + lsn + ", not at " + position
                        + (problem == null ? "" : ": " + problem.getMessage()));
            }
            wait(left);
        }
    }

    private static long position(String lsn) {
        int slash = lsn.indexOf('/');
        return Long.parseLong(lsn, 0, slash, 16) << 32 | Long.parseLong(lsn, slash + 1, lsn.length(), 16);
    }

    /** Members that say where to go on; empty to begin anew. */
    synchronized Map<String, String> resume() {
        return lsn == null ? Map.of() : Map.of("after", lsn, "generation", generation);
    }

    /** Takes a message; returns whether it follows on the one before. */
    boolean take(JsonNode message) {
        Change change;
        synchronized (this) {
            switch (message.path("type").asString()) {
                case "begin" -> {
                    begin(message);
                    return true;
                }
                case "progress", "rows" -> {
                    JsonNode from = message.path("from");
                    if (!reset && !(from.isNull() ? "" : from.asString()).equals(lsn == null ? "" : lsn)) {
                        lsn = null;
                        return false;
                    }
                }
                default -> {
                    return true;
                }
            }
            problem = null;
            collect(message);
            boolean complete = message.path("consistent").asBoolean()
                    || message.path("type").asString().equals("progress");
            if (!complete) {
                return true;
            }
            change = apply(message);
            notifyAll();
        }
        listener.accept(change);
        return true;
    }

    private void begin(JsonNode message) {
        generation = message.path("generation").asString();
        upserts.clear();
        deletes.clear();
        reset = !message.path("resumed").asBoolean();
    }

    private void collect(JsonNode message) {
        message.path("upserts").forEach(upsert -> {
            String key = upsert.path("key").asString();
            upserts.put(key, upsert.path("row"));
            deletes.remove(key);
        });
        message.path("deletes").forEach(deleted -> {
            String key = deleted.asString();
            upserts.remove(key);
            deletes.add(key);
        });
    }

    private Change apply(JsonNode message) {
        if (reset) {
            rows.clear();
        }
        rows.putAll(upserts);
        rows.keySet().removeAll(deletes);
        String at = message.path("lsn").asString();
        Instant committed = Instant.parse(message.path("committedAt").asString());
        lsn = at;
        committedAt = committed;
        excludedRows = message.path("excludedRows").asLong(excludedRows);
        Change change = new Change(
                request.view(), reset, at, committed, excludedRows, Map.copyOf(upserts), Set.copyOf(deletes));
        upserts.clear();
        deletes.clear();
        reset = false;
        return change;
    }

    /** @param ended whether nothing more will come */
    synchronized void trouble(Problem what, boolean ended) {
        problem = Objects.requireNonNull(what);
        over |= ended;
        notifyAll();
    }

    synchronized boolean isOver() {
        return over;
    }
}
