package io.millrace.gateway.door;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.millrace.gateway.http.Problem;
import io.millrace.operations.access.ApiKey;
import io.millrace.operations.access.ApiKeys;
import io.millrace.operations.access.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The keys that programs send, each looked up once a second at most: so long a revocation takes to be felt everywhere. */
final class KnownKeys {
    private static final Duration KEPT = Duration.ofSeconds(1);
    private static final Duration LATELY = Duration.ofMinutes(10);
    private static final int MOST = 10_000;

    private final ApiKeys keys;
    private final LoadingCache<Token, Optional<ApiKey>> known;
    private final LoadingCache<String, Optional<ApiKey>> byId;
    private final Cache<Token, Boolean> acceptedLately =
            Caffeine.newBuilder().expireAfterAccess(LATELY).maximumSize(MOST).build();
    private final Map<String, ApiKeys.Use> uses = new ConcurrentHashMap<>();

    KnownKeys(ApiKeys keys) {
        this.keys = keys;
        this.known =
                Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(MOST).build(keys::find);
        this.byId =
                Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(MOST).build(keys::find);
    }

    /**
     * The key, if it is in force.
     *
     * @param header the value of {@code Authorization}
     * @param from address that asks
     * @param beforeLookup is run before the database is asked, which it may prevent
     * @throws Problem if it is not accepted; of a wrong secret and an unknown id it says the same
     */
    ApiKey require(String header, String from, Runnable beforeLookup) {
        Optional<Token> text = header.regionMatches(true, 0, "Bearer ", 0, 7)
                ? Token.parse(Token.Kind.KEY, header.substring(7).strip())
                : Optional.empty();
        if (text.isEmpty()) {
            throw refused(
                    "the header 'Authorization' is not 'Bearer <key>'",
                    "send the key as it was shown, beginning with mr_");
        }
        // A key that works goes on, whatever others send from its address, which may be a proxy's.
        if (acceptedLately.getIfPresent(text.get()) == null) {
            beforeLookup.run();
        }
        Optional<ApiKey> found = known.get(text.get());
        ApiKey key = found.orElseThrow(() -> refused(
                "there is no such key", "send the key as it was shown; 'millrace keys list' lists those there are"));
        Instant now = Instant.now();
        if (!key.inForce(now)) {
            throw refused("key " + key.id() + " is " + key.state(now), "create another: millrace keys create");
        }
        acceptedLately.put(text.get(), true);
        uses.put(key.id(), new ApiKeys.Use(now, from));
        return key;
    }

    /** The key of this id, if it is in force. */
    Optional<ApiKey> inForce(String id) {
        return byId.get(id).filter(key -> key.inForce(Instant.now()));
    }

    /** The next look sees what is now: somebody changed a key here. */
    void changed() {
        known.invalidateAll();
        byId.invalidateAll();
    }

    private static Problem refused(String detail, String remedy) {
        return new Problem(Problem.Kind.BAD_KEY, detail, remedy);
    }

    /** Writes down when and where keys were used last. */
    void flush() {
        Map<String, ApiKeys.Use> now = new HashMap<>(uses);
        if (!now.isEmpty()) {
            keys.used(now);
            now.forEach(uses::remove);
        }
    }
}
