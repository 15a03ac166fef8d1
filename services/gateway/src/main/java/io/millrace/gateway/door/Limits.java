package io.millrace.gateway.door;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.redis.Redis;
import io.millrace.operations.access.Caller;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How many requests there may be, in tiers: of an address without an accepted key or session, of a key or person, and of all that have
 * the same tenants. Gateways that share a Redis count together; without it, each counts by itself.
 */
public final class Limits {
    /** Of an address without an accepted key or session. */
    private static final Rate ANONYMOUS = new Rate(10, 20, Duration.ofSeconds(1), "requests a second");

    /** Of an address: each takes 19 MiB and some tenths of a second. */
    private static final Rate SIGN_IN = new Rate(10, 10, Duration.ofMinutes(1), "attempts to sign in a minute");

    /** What may come at once, in seconds of the rate. */
    private static final int BURST_SECONDS = 2;

    private static final int MOST_BUCKETS = 100_000;
    private static final Duration FORGOTTEN = Duration.ofMinutes(10);

    private final Cache<String, Bucket> buckets = Caffeine.newBuilder()
            .maximumSize(MOST_BUCKETS)
            .expireAfterAccess(FORGOTTEN)
            .build();
    private final Rate ofCaller;
    private final Rate ofTenants;
    private final TimeMeter clock;
    private final Optional<Redis> redis;

    /**
     * A rate.
     *
     * @param burst what may come at once
     */
    private record Rate(int times, int burst, Duration in, String what) {
        static Rate perSecond(int times) {
            return new Rate(times, times * BURST_SECONDS, Duration.ofSeconds(1), "requests a second");
        }

        BucketConfiguration configuration() {
            return BucketConfiguration.builder()
                    .addLimit(limit -> limit.capacity(burst).refillGreedy(times, in))
                    .build();
        }
    }

    /**
     * @param perSecond requests of a key or person
     * @param tenantsPerSecond requests of all keys and persons that have the same tenants
     * @param redis in which gateways count together; empty: this one counts by itself
     */
    public Limits(int perSecond, int tenantsPerSecond, TimeMeter clock, Optional<Redis> redis) {
        this.ofCaller = Rate.perSecond(perSecond);
        this.ofTenants = Rate.perSecond(tenantsPerSecond);
        this.clock = clock;
        this.redis = redis;
    }

    /** Counts a request of a key or a person, and says in the answer's headers how many there may still be. */
    void ofCaller(Caller caller, HttpServletResponse response) {
        if (!caller.tenants().isAll()) {
            take("tenants " + caller.tenants(), ofTenants, response);
        }
        take(caller.said(), ofCaller, response);
    }

    /** Counts a request without an accepted key or session. */
    void ofAddress(String address, HttpServletResponse response) {
        take("address " + address, ANONYMOUS, response);
    }

    /**
     * Counts an attempt to sign in.
     *
     * @throws Problem if an address has none left
     */
    public void ofSignIn(String address) {
        String who = "address " + address;
        ConsumptionProbe taken = taken("sign-in " + address, SIGN_IN);
        if (!taken.isConsumed()) {
            throw tooMany(who, SIGN_IN, taken);
        }
    }

    /** Fails if an address has no request left; counts nothing. */
    void requireLeft(String address, HttpServletResponse response) {
        Bucket bucket = buckets.getIfPresent("address " + address);
        if (bucket != null && bucket.getAvailableTokens() == 0) {
            ofAddress(address, response);
        }
    }

    private void take(String who, Rate rate, HttpServletResponse response) {
        ConsumptionProbe taken = taken(who, rate);
        response.setHeader("RateLimit-Limit", String.valueOf(rate.burst));
        response.setHeader("RateLimit-Remaining", String.valueOf(taken.getRemainingTokens()));
        response.setHeader("RateLimit-Reset", String.valueOf(seconds(taken.getNanosToWaitForReset())));
        if (!taken.isConsumed()) {
            throw tooMany(who, rate, taken);
        }
    }

    /** What one gateway counted is never more than what all did: whoever has none left here is not asked about further. */
    private ConsumptionProbe taken(String who, Rate rate) {
        ConsumptionProbe here = buckets.get(who, first -> bucket(rate)).tryConsumeAndReturnRemaining(1);
        return here.isConsumed()
                ? redis.flatMap(shared -> shared.take(who, rate.configuration()))
                        .orElse(here)
                : here;
    }

    private Bucket bucket(Rate rate) {
        return Bucket.builder()
                .withCustomTimePrecision(clock)
                .addLimit(limit -> limit.capacity(rate.burst).refillGreedy(rate.times, rate.in))
                .build();
    }

    private static Problem tooMany(String who, Rate rate, ConsumptionProbe taken) {
        return new Problem(
                Problem.Kind.TOO_MANY,
                who + " sends more than " + rate.times + " " + rate.what,
                "wait as long as Retry-After says; read more rows with a request, or keep answers by their ETag",
                Duration.ofNanos(taken.getNanosToWaitForRefill()));
    }

    private static long seconds(long nanos) {
        return Math.ceilDiv(nanos, TimeUnit.SECONDS.toNanos(1));
    }
}
