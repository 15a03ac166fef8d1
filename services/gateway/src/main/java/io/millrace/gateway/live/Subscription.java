package io.millrace.gateway.live;

import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Problems;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A feed of a socket, under the name that the client gave it. */
final class Subscription {
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final String id;
    private final Feed feed;

    /** Until when the feed is left alone, after a problem that passes; 0 for none. */
    private volatile long restUntil;

    private boolean troubled;
    private boolean over;

    Subscription(String id, Feed feed) {
        this.id = id;
        this.feed = feed;
    }

    String id() {
        return id;
    }

    /** Whether there may be something to tell. */
    boolean isWaiting() {
        return restUntil == 0 && feed.isWaiting();
    }

    /** After how long to ask again. */
    Duration rest() {
        return restUntil == 0 ? feed.rest() : AGAIN;
    }

    /** Whether it ended with what was told last. */
    boolean isOver() {
        return over;
    }

    /** What is to be sent now; null if there is nothing. */
    byte @Nullable [] next() throws InterruptedException {
        if (restUntil != 0 && System.nanoTime() - restUntil < 0) {
            return null;
        }
        restUntil = 0;
        try {
            Feed.Message message = feed.next();
            if (message == null) {
                return null;
            }
            troubled = false;
            return Messages.bytes(id, message);
        } catch (RuntimeException failed) {
            return problem(Problems.of(failed, "subscription " + id));
        }
    }

    private byte @Nullable [] problem(Problem problem) {
        over = Feed.isOver(problem);
        boolean told = troubled && !over;
        troubled = true;
        restUntil = System.nanoTime() + AGAIN.toNanos();
        return told ? null : Messages.problem(id, problem, over);
    }

    /** Of a subscription that did not begin. */
    static byte[] refused(String id, RuntimeException failed) {
        return Messages.problem(id, Problems.of(failed, "subscription " + id), true);
    }

    /** What is sent, as bytes. */
    static final class Messages {
        private Messages() {}

        static byte[] bytes(String id, Feed.Message message) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            members.put("type", message.members().get("type"));
            members.put("id", id);
            message.members().forEach(members::putIfAbsent);
            return Answers.object(members, message.parts());
        }

        static byte[] problem(@Nullable String id, Problem problem, boolean ended) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            members.put("type", "problem");
            members.put("id", id);
            members.put("ended", ended);
            members.put("problem", problem.members(LiveSockets.PATH));
            return Answers.object(members, Map.of());
        }
    }
}
