package io.millrace.gateway.door;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.millrace.operations.access.Sessions;
import io.millrace.operations.access.SignedIn;
import io.millrace.operations.access.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The sessions that browsers send, each looked up once a second at most: so long its end takes to be felt everywhere. */
final class KnownSessions {
    private static final Duration KEPT = Duration.ofSeconds(1);
    private static final Duration LATELY = Duration.ofMinutes(10);
    private static final int MOST = 10_000;

    private final Sessions sessions;
    private final LoadingCache<Token, Optional<SignedIn>> known;
    private final LoadingCache<String, Optional<SignedIn>> byId;
    private final Cache<Token, Boolean> acceptedLately =
            Caffeine.newBuilder().expireAfterAccess(LATELY).maximumSize(MOST).build();
    private final Map<String, Instant> uses = new ConcurrentHashMap<>();

    KnownSessions(Sessions sessions) {
        this.sessions = sessions;
        this.known =
                Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(MOST).build(sessions::find);
        this.byId =
                Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(MOST).build(sessions::find);
    }

    /**
     * The person, if the session is in force.
     *
     * @param beforeLookup is run before the database is asked about a session that was not accepted lately
     */
    Optional<SignedIn> find(Token text, Runnable beforeLookup) {
        if (acceptedLately.getIfPresent(text) == null) {
            beforeLookup.run();
        }
        Instant now = Instant.now();
        Optional<SignedIn> found = known.get(text).filter(who -> who.inForce(now));
        found.ifPresent(who -> {
            acceptedLately.put(text, true);
            uses.put(who.id(), now);
        });
        return found;
    }

    /** The same, by its id. To be there is no use: a page that is left open is signed out when its person is idle. */
    Optional<SignedIn> inForce(String id) {
        return byId.get(id).filter(who -> who.inForce(Instant.now()));
    }

    /** The next look sees what is now: somebody changed a session here. */
    void changed() {
        known.invalidateAll();
        byId.invalidateAll();
    }

    /** Writes down when sessions were used last. */
    void flush() {
        Map<String, Instant> now = new HashMap<>(uses);
        if (!now.isEmpty()) {
            sessions.seen(now);
            now.forEach(uses::remove);
        }
    }
}
