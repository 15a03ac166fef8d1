package io.millrace.gateway.live;

import io.millrace.gateway.http.Problem;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one subscription is sent. It is asked for its next message when the one before is on its way, so a client that reads slowly is
 * sent fewer messages, each up to the newest state, and nothing is queued for it. Used by one thread, but for {@link #isWaiting()}.
 */
public interface Feed {
    /**
     * The next message; null if there is nothing to tell now.
     *
     * @throws Problem if there is none now, or never will be: see {@link #isOver(Problem)}
     */
    @Nullable Message next() throws InterruptedException;

    /** Whether {@link #next()} may have a message. It is cheap, and asked often. */
    boolean isWaiting();

    /** After how long to ask again, if nobody says before that there may be something. */
    default Duration rest() {
        return Duration.ofSeconds(1);
    }

    /** Whether a problem ends the subscription; another one is told, and the feed goes on when it can. */
    static boolean isOver(Problem problem) {
        return switch (problem.kind()) {
            case UNAVAILABLE, TOO_SLOW, INTERNAL -> false;
            default -> true;
        };
    }

    /**
     * A JSON object.
     *
     * @param members in their order
     * @param parts members that are JSON already, without the brackets of their array
     */
    record Message(Map<String, @Nullable Object> members, Map<String, byte[]> parts) {}
}
