package io.millrace.gateway.key;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.live.Doorkeeper;
import io.millrace.operations.access.ApiKey;
import io.millrace.operations.access.ApiKeys;
import io.millrace.operations.access.KeyText;
import io.millrace.platform.loop.Loop;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The keys that programs send, each looked up once a second at most: so long a revocation takes to be felt everywhere. */
public final class KnownKeys implements Doorkeeper, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KnownKeys.class);
    private static final Duration KEPT = Duration.ofSeconds(1);
    private static final Duration LATELY = Duration.ofMinutes(10);
    private static final Duration FLUSH = Duration.ofSeconds(30);
    private static final int MOST = 10_000;

    private final ApiKeys keys;
    private final LoadingCache<KeyText, Optional<ApiKey>> known;
    private final LoadingCache<String, Optional<ApiKey>> byId;
    private final Cache<KeyText, Boolean> acceptedLately =
            Caffeine.newBuilder().expireAfterAccess(LATELY).maximumSize(MOST).build();
    private final Map<String, ApiKeys.Use> uses = new ConcurrentHashMap<>();
    private final Loop flush = new Loop("gateway-keys", this::flush);

    public KnownKeys(ApiKeys keys) {
        this.keys = keys;
        this.known =
                Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(MOST).build(keys::find);
        this.byId =
                Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(MOST).build(keys::find);
    }

    /** Begins to write down when keys are used. */
    public void start() {
        flush.start();
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
        Optional<KeyText> text = header.regionMatches(true, 0, "Bearer ", 0, 7)
                ? KeyText.parse(header.substring(7).strip())
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
        Optional<ApiKey> found = lookUp(text.get());
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

    @Override
    public ApiKey accept(String text, String from) {
        return require("Bearer " + text, from, () -> {});
    }

    @Override
    public Optional<ApiKey> inForce(ApiKey accepted) {
        try {
            return byId.get(accepted.id()).filter(key -> key.inForce(Instant.now()));
        } catch (JdbiException away) {
            throw away();
        }
    }

    private Optional<ApiKey> lookUp(KeyText text) {
        try {
            return known.get(text);
        } catch (JdbiException away) {
            throw away();
        }
    }

    private static Problem away() {
        return new Problem(
                Problem.Kind.UNAVAILABLE,
                "keys cannot be looked up now: the analytics database is unreachable",
                "try again in a moment");
    }

    private static Problem refused(String detail, String remedy) {
        return new Problem(Problem.Kind.BAD_KEY, detail, remedy);
    }

    private Duration flush() {
        Map<String, ApiKeys.Use> now = new HashMap<>(uses);
        if (now.isEmpty()) {
            return FLUSH;
        }
        try {
            keys.used(now);
            now.forEach(uses::remove);
        } catch (JdbiException away) {
            LOG.warn("gateway: when keys were used last cannot be written down now: {}", away.getMessage());
        }
        return FLUSH;
    }

    @Override
    public void close() {
        flush.close();
        flush();
        keys.close();
    }
}
