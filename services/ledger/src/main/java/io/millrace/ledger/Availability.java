package io.millrace.ledger;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;

/** What a circuit breaker says of the service behind it, in words for operators. */
public final class Availability {
    private Availability() {}

    /** Whether the service is not asked, or only tried. */
    public static boolean isLacking(CircuitBreaker breaker) {
        return switch (breaker.getState()) {
            case CLOSED, DISABLED, METRICS_ONLY -> false;
            case OPEN, FORCED_OPEN, HALF_OPEN -> true;
        };
    }

    /** Such as {@code smtp available}. */
    public static String of(String service, CircuitBreaker breaker) {
        return service
                + switch (breaker.getState()) {
                    case CLOSED, DISABLED, METRICS_ONLY -> " available";
                    case OPEN, FORCED_OPEN -> " unavailable";
                    case HALF_OPEN -> " being retried";
                };
    }
}
