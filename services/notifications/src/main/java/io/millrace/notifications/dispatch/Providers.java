package io.millrace.notifications.dispatch;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.millrace.ledger.Availability;
import io.millrace.notifications.ledger.Delivery;
import io.millrace.notifications.provider.Mail;
import io.millrace.notifications.provider.MailProvider;
import io.millrace.notifications.provider.Outcome;
import io.millrace.platform.metrics.HubMetric;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Those who take mail, in the order of preference, each behind a breaker, a rate limit and a limit of mails at once. */
public final class Providers {
    private static final Logger LOG = LoggerFactory.getLogger(Providers.class);
    private static final int AT_ONCE = 8;

    private final Guard guard;
    private final Map<String, Guarded> providers = new LinkedHashMap<>();
    private final AtomicReference<@Nullable String> last = new AtomicReference<>();
    private final Map<String, String> reasons = new ConcurrentHashMap<>();

    private record Guarded(MailProvider provider, CircuitBreaker breaker, RateLimiter rate, Bulkhead bulkhead) {}

    /**
     * How a provider is guarded.
     *
     * @param openFor how long a provider that failed is not asked
     * @param pageFor how long one is not asked whose account is at fault, unless it said
     * @param perSecond mails
     */
    public record Guard(Duration openFor, Duration pageFor, int perSecond) {
        public static final Guard DEFAULT = new Guard(Duration.ofSeconds(10), Duration.ofMinutes(5), 50);
    }

    /** @param inOrder the preferred one first */
    public Providers(List<MailProvider> inOrder, Guard guard) {
        for (MailProvider provider : inOrder) {
            providers.put(provider.name(), guarded(provider, guard));
        }
        this.guard = guard;
    }

    private static Guarded guarded(MailProvider provider, Guard guard) {
        CircuitBreaker breaker = CircuitBreaker.of(
                provider.name(),
                CircuitBreakerConfig.custom()
                        .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                        .slidingWindowSize(10)
                        .minimumNumberOfCalls(4)
                        .failureRateThreshold(50)
                        .waitDurationInOpenState(guard.openFor)
                        .permittedNumberOfCallsInHalfOpenState(2)
                        .automaticTransitionFromOpenToHalfOpenEnabled(false)
                        .build());
        breaker.getEventPublisher().onStateTransition(event -> {
            LOG.warn("mail: breaker of {} {}", provider.name(), event.getStateTransition());
            HubMetric.MAIL_BREAKER
                    .counter(
                            provider.name(),
                            event.getStateTransition().getToState().name().toLowerCase(Locale.ROOT))
                    .increment();
        });
        RateLimiter rate = RateLimiter.of(
                provider.name(),
                RateLimiterConfig.custom()
                        .limitForPeriod(guard.perSecond)
                        .limitRefreshPeriod(Duration.ofSeconds(1))
                        .timeoutDuration(Duration.ZERO)
                        .build());
        Bulkhead bulkhead = Bulkhead.of(
                provider.name(),
                BulkheadConfig.custom().maxConcurrentCalls(AT_ONCE).build());
        return new Guarded(provider, breaker, rate, bulkhead);
    }

    List<String> names() {
        return List.copyOf(providers.keySet());
    }

    boolean idempotent(String name) {
        Guarded guarded = providers.get(name);
        return guarded != null && guarded.provider.idempotent();
    }

    /** The provider for a mail, with its permissions taken: {@link #send} has to follow. */
    Optional<String> choose(Delivery delivery) {
        boolean allTried = delivery.tried().containsAll(names());
        for (Guarded guarded : providers.values()) {
            String name = guarded.provider.name();
            boolean mayTry = delivery.pinned() == null
                    ? allTried || !delivery.tried().contains(name)
                    : delivery.pinned().equals(name);
            if (mayTry && permitted(guarded)) {
                return Optional.of(name);
            }
        }
        return Optional.empty();
    }

    /** Gives back what {@link #choose} took for a mail that is not sent after all. */
    void release(String name) {
        Guarded guarded = Objects.requireNonNull(providers.get(name));
        guarded.breaker.releasePermission();
        guarded.bulkhead.releasePermission();
    }

    private static boolean permitted(Guarded guarded) {
        if (!guarded.bulkhead.tryAcquirePermission()) {
            return false;
        }
        if (!guarded.breaker.tryAcquirePermission()) {
            guarded.bulkhead.releasePermission();
            return false;
        }
        if (!guarded.rate.acquirePermission()) {
            guarded.breaker.releasePermission();
            guarded.bulkhead.releasePermission();
            return false;
        }
        return true;
    }

    /** Tries, and tells the breaker what is the provider's fault: a bad address or message is not. */
    Outcome send(String name, Mail mail) {
        Guarded guarded = Objects.requireNonNull(providers.get(name));
        long started = System.nanoTime();
        Outcome outcome = tryOnce(guarded.provider, mail);
        long took = System.nanoTime() - started;
        guarded.bulkhead.onComplete();
        switch (outcome) {
            case Outcome.Accepted accepted -> guarded.breaker.onSuccess(took, TimeUnit.NANOSECONDS);
            case Outcome.Unknown unknown -> fault(guarded, took, unknown.detail());
            case Outcome.Refused refused -> {
                switch (refused.action()) {
                    case FAIL_OVER -> fault(guarded, took, refused.detail());
                    case FAIL_OVER_AND_PAGE -> {
                        fault(guarded, took, refused.detail());
                        LOG.error("mail: {} refuses this account, somebody must act: {}", name, refused.detail());
                        guarded.breaker.transitionToOpenStateFor(
                                refused.pause() == null ? guard.pageFor : refused.pause());
                    }
                    case RETRY, PERMANENT, PERMANENT_AND_SUPPRESS ->
                        guarded.breaker.onSuccess(took, TimeUnit.NANOSECONDS);
                }
            }
        }
        HubMetric.MAIL_ATTEMPTS.timer(name, word(outcome)).record(took, TimeUnit.NANOSECONDS);
        return outcome;
    }

    private static String word(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Accepted accepted -> "accepted";
            case Outcome.Unknown unknown -> "unknown";
            case Outcome.Refused refused -> refused.action().name().toLowerCase(Locale.ROOT);
        };
    }

    private static Outcome tryOnce(MailProvider provider, Mail mail) {
        try {
            return provider.send(mail);
        } catch (RuntimeException unexpected) {
            return new Outcome.Unknown(unexpected.toString());
        }
    }

    private void fault(Guarded guarded, long took, String detail) {
        reasons.put(guarded.provider.name(), detail);
        guarded.breaker.onError(took, TimeUnit.NANOSECONDS, new IllegalStateException(detail));
    }

    /** A provider took a mail; returns the one that took the last before it, if it was another. */
    Optional<String> took(String name) {
        String before = last.getAndSet(name);
        if (before == null) {
            String preferred = names().getFirst();
            return preferred.equals(name) ? Optional.empty() : switched(preferred, name);
        }
        return before.equals(name) ? Optional.empty() : switched(before, name);
    }

    private static Optional<String> switched(String before, String now) {
        HubMetric.MAIL_SWITCHES.counter(before, now).increment();
        return Optional.of(before);
    }

    /** What a provider failed with last. */
    String whyNot(String name) {
        return reasons.getOrDefault(name, "the preferred one takes mail again, or its limits were reached");
    }

    boolean impaired() {
        return providers.values().stream().anyMatch(guarded -> Availability.isLacking(guarded.breaker));
    }

    /** One line on the state of each. */
    String detail() {
        return providers.values().stream()
                .map(guarded -> Availability.of(guarded.provider.name(), guarded.breaker))
                .collect(Collectors.joining(", "));
    }
}
