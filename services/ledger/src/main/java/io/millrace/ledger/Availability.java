package io.millrace.ledger;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;

/** What a circuit breaker says of the service behind it, in words for operators. */
public final class Availability {
    private static final String UNAVAILABLE = " unavailable";
    private static final String RETRIED = " being retried";

    private Availability() {}

    /** Whether a text names a service that is not available. */
    public static boolean isLacking(String text) {
        return text.contains(UNAVAILABLE) || text.contains(RETRIED);
    }

    /** Such as {@code smtp available}. */
    public static String of(String service, CircuitBreaker breaker) {
        return service
                + switch (breaker.getState()) {
                    case CLOSED, DISABLED, METRICS_ONLY -> " available";
                    case OPEN, FORCED_OPEN -> UNAVAILABLE;
                    case HALF_OPEN -> RETRIED;
                };
    }
}
