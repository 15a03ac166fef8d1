package io.millrace.gateway.door;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.millrace.gateway.http.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How many requests each key may send, and how many an address may that sends none, or one that is not accepted. */
public final class Limits {
    /** Requests of an address without an accepted key, a second. */
    private static final int ANONYMOUS = 10;

    /** Attempts of an address to sign in, a minute: each takes 19 MiB and some tenths of a second. */
    private static final int SIGN_INS = 10;

    /** What may come at once, in seconds of the rate. */
    private static final int BURST_SECONDS = 2;

    private static final int MOST_BUCKETS = 100_000;
    private static final Duration FORGOTTEN = Duration.ofMinutes(10);

    private final Cache<String, Bucket> keys = cache();
    private final Cache<String, Bucket> addresses = cache();
    private final Cache<String, Bucket> signIns = cache();
    private final int perSecond;
    private final TimeMeter clock;

    /** @param perSecond requests of a key */
    public Limits(int perSecond, TimeMeter clock) {
        this.perSecond = perSecond;
        this.clock = clock;
    }

    private static Cache<String, Bucket> cache() {
        return Caffeine.newBuilder()
                .maximumSize(MOST_BUCKETS)
                .expireAfterAccess(FORGOTTEN)
                .build();
    }

    private Bucket bucket(int perSecond) {
        return Bucket.builder()
                .withCustomTimePrecision(clock)
                .addLimit(limit ->
                        limit.capacity((long) perSecond * BURST_SECONDS).refillGreedy(perSecond, Duration.ofSeconds(1)))
                .build();
    }

    /** Counts a request of a key or a person, and says in the answer's headers how many there may still be. */
    void ofKey(String who, HttpServletResponse response) {
        take(keys.get(who, first -> bucket(perSecond)), who, perSecond, response);
    }

    /** Counts a request without an accepted key. */
    void ofAddress(String address, HttpServletResponse response) {
        take(addresses.get(address, first -> bucket(ANONYMOUS)), "address " + address, ANONYMOUS, response);
    }

    /**
     * Counts an attempt to sign in.
     *
     * @throws Problem if an address has none left
     */
    public void ofSignIn(String address) {
        ConsumptionProbe taken = signIns.get(
                        address,
                        first -> Bucket.builder()
                                .withCustomTimePrecision(clock)
                                .addLimit(
                                        limit -> limit.capacity(SIGN_INS).refillGreedy(SIGN_INS, Duration.ofMinutes(1)))
                                .build())
                .tryConsumeAndReturnRemaining(1);
        if (!taken.isConsumed()) {
            throw new Problem(
                    Problem.Kind.TOO_MANY,
                    "address " + address + " tried to sign in more than " + SIGN_INS + " times a minute",
                    "wait as long as Retry-After says",
                    Duration.ofNanos(taken.getNanosToWaitForRefill()));
        }
    }

    /** Fails if an address has no request left; counts nothing. */
    void requireLeft(String address, HttpServletResponse response) {
        Bucket bucket = addresses.getIfPresent(address);
        if (bucket != null && bucket.getAvailableTokens() == 0) {
            ofAddress(address, response);
        }
    }

    private static void take(Bucket bucket, String who, int perSecond, HttpServletResponse response) {
        ConsumptionProbe taken = bucket.tryConsumeAndReturnRemaining(1);
        response.setHeader("RateLimit-Limit", String.valueOf(perSecond * BURST_SECONDS));
        response.setHeader("RateLimit-Remaining", String.valueOf(taken.getRemainingTokens()));
        response.setHeader("RateLimit-Reset", String.valueOf(seconds(taken.getNanosToWaitForReset())));
        if (!taken.isConsumed()) {
            response.setHeader("Retry-After", String.valueOf(seconds(taken.getNanosToWaitForRefill())));
            throw new Problem(
                    Problem.Kind.TOO_MANY,
                    who + " sends more than " + perSecond + " requests a second",
                    "wait as long as Retry-After says; read more rows with a request, or keep answers by their ETag");
        }
    }

    private static long seconds(long nanos) {
        return Math.ceilDiv(nanos, TimeUnit.SECONDS.toNanos(1));
    }
}
