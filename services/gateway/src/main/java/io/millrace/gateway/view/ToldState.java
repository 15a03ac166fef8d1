package io.millrace.gateway.view;

import io.millrace.gateway.live.Feed.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a follower of a view was told: each message follows on the one before, and says so. */
final class ToldState {
    private String view = "";
    private String generation = "";

    /** Position of the state that the client has; null before it has one. */
    private @Nullable String lsn;

    private long epoch;
    private long excludedRows;
    private volatile long at;

    /** The state that was told last; 0 before one was. */
    long epoch() {
        return epoch;
    }

    /** How long ago something was told. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - at);
    }

    /** The client has rows of a state already. */
    void has(String position) {
        lsn = position;
    }

    /** Rows follow, or what changed in those that the client has. */
    Message begin(Relation relation, boolean resumed) {
        view = relation.name();
        generation = relation.generation();
        epoch = 0;
        at = 0;
        if (!resumed) {
            lsn = null;
        }
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("type", "begin");
        members.put("view", view);
        members.put("generation", generation);
        members.put("key", relation.key());
        members.put("resumed", resumed);
        return new Message(members, Map.of());
    }

    /** Some of a view's rows: the client has no state with them yet. */
    Message part(long excluded, byte[] upserts) {
        excludedRows = excluded;
        return rows(null, null, upserts, List.of());
    }

    /** What brings the client to a state. */
    Message state(
            long toEpoch, String toLsn, Instant committedAt, long excluded, byte[] upserts, List<String> deletes) {
        excludedRows = excluded;
        Message message = rows(toLsn, committedAt, upserts, deletes);
        told(toEpoch, toLsn);
        return message;
    }

    /** Nothing changed up to here. */
    Message progress(Applied now) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("type", "progress");
        members.put("from", lsn);
        members.put("lsn", now.lsn());
        members.put("committedAt", now.committedAt().toString());
        told(now.epoch(), now.lsn());
        return new Message(members, Map.of());
    }

    private Message rows(@Nullable String toLsn, @Nullable Instant committedAt, byte[] upserts, List<String> deletes) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("type", "rows");
        members.put("consistent", toLsn != null);
        members.put("from", lsn);
        members.put("lsn", toLsn);
        members.put("committedAt", committedAt == null ? null : committedAt.toString());
        members.put("generation", generation);
        members.put("status", excludedRows > 0 ? "degraded" : "ok");
        members.put("excludedRows", excludedRows);
        members.put("deletes", deletes);
        return new Message(members, Map.of("upserts", upserts));
    }

    private void told(long toEpoch, String toLsn) {
        epoch = toEpoch;
        lsn = toLsn;
        at = System.nanoTime();
    }
}
