package io.millrace.gateway.redis;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.loop.Loop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis that gateways share. It is asked for a tenth of a second at most; while it is away, or slow, every question is answered with
 * nothing at once, and each gateway goes on by itself.
 */
public final class Redis implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Redis.class);
    private static final Duration PATIENCE = Duration.ofMillis(100);
    private static final Duration AGAIN = Duration.ofSeconds(2);
    private static final Duration CONNECTED = Duration.ofSeconds(10);
    private static final Duration FORGET_BUCKET = Duration.ofMinutes(10);
    private static final String PREFIX = "millrace:";

    private final String where;
    private final RedisURI uri;
    private final RedisClient client = RedisClient.create();
    private final CircuitBreaker breaker = CircuitBreaker.of(
            "redis",
            CircuitBreakerConfig.custom()
                    .slidingWindowSize(10)
                    .minimumNumberOfCalls(3)
                    .failureRateThreshold(50)
                    .waitDurationInOpenState(AGAIN)
                    .permittedNumberOfCallsInHalfOpenState(2)
                    .build());
    private final Loop connect = new Loop("gateway-redis", this::connect);
    private volatile @Nullable Connected connected;
    private volatile boolean told;

    private record Connected(StatefulRedisConnection<String, byte[]> connection, ProxyManager<String> buckets) {}

    /**
     * Does not connect yet.
     *
     * @param url such as {@code rediss://user:password@host:6379/0}
     * @throws MillraceException if it is no address of a Redis; without the address, which may have a password
     */
    public Redis(String url) {
        try {
            this.uri = RedisURI.create(url);
        } catch (RuntimeException wrong) {
            throw new MillraceException(
                    Category.USER,
                    "gateway.redis is not an address of a Redis",
                    "write redis://user:password@host:6379, or rediss:// for TLS");
        }
        this.where = uri.getHost() + ":" + uri.getPort();
        uri.setTimeout(PATIENCE);
        uri.setClientName("millrace-gateway");
        client.setOptions(ClientOptions.builder()
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .socketOptions(SocketOptions.builder().connectTimeout(AGAIN).build())
                .build());
    }

    public void start() {
        connect.start();
    }

    /** Once; then the client connects again by itself. */
    private Duration connect() {
        if (connected != null) {
            return CONNECTED;
        }
        try {
            StatefulRedisConnection<String, byte[]> connection =
                    client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE), uri);
            connected = new Connected(
                    connection,
                    Bucket4jLettuce.casBasedBuilder(connection)
                            .expirationAfterWrite(
                                    ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(FORGET_BUCKET))
                            .requestTimeout(PATIENCE)
                            .build());
            LOG.info("gateway: shares pages and limits with other gateways in Redis at {}", where);
            return CONNECTED;
        } catch (RuntimeException away) {
            tell(away);
            return AGAIN;
        }
    }

    /** What was kept under a name; empty also if that is not known now. */
    public Optional<byte[]> get(String name) {
        return ask(redis -> {
                    byte[] value =
                            redis.connection.async().get(PREFIX + name).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                    return Optional.ofNullable(value);
                })
                .flatMap(found -> found);
    }

    /** Keeps something for a while; nobody waits for it, and it may fail. */
    public void put(String name, byte[] value, Duration age) {
        Connected redis = connected;
        if (redis != null && breaker.getState() != CircuitBreaker.State.OPEN) {
            try {
                redis.connection
                        .async()
                        .set(PREFIX + name, value, SetArgs.Builder.px(age))
                        .exceptionally(away -> {
                            LOG.debug("gateway: Redis at {} did not take a page: {}", where, away.getMessage());
                            return "";
                        });
            } catch (RuntimeException away) {
                LOG.debug("gateway: Redis at {} did not take a page: {}", where, away.getMessage());
            }
        }
    }

    /** Takes from a bucket that all gateways share; empty if that is not known now. */
    public Optional<ConsumptionProbe> take(String bucket, BucketConfiguration configuration) {
        return ask(redis -> redis.buckets
                .builder()
                .build(PREFIX + "limit:" + bucket, () -> configuration)
                .tryConsumeAndReturnRemaining(1));
    }

    /** What is asked of it; it may fail, or take too long. */
    private interface Question<T> {
        T ask(Connected redis) throws Exception;
    }

    private <T> Optional<T> ask(Question<T> question) {
        Connected redis = connected;
        if (redis == null) {
            return Optional.empty();
        }
        Callable<T> guarded = CircuitBreaker.decorateCallable(breaker, () -> question.ask(redis));
        try {
            T answer = guarded.call();
            told = false;
            return Optional.of(answer);
        } catch (CallNotPermittedException away) {
            return Optional.empty();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (Exception away) {
            tell(away);
            return Optional.empty();
        }
    }

    /** Once for each time that it is away. */
    private void tell(Exception away) {
        if (!told) {
            told = true;
            LOG.warn(
                    "gateway: Redis at {} cannot be asked: {}; this gateway goes on without it",
                    where,
                    away.getMessage() == null ? away.getClass().getSimpleName() : away.getMessage());
        }
    }

    @Override
    public void close() {
        connect.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
}
