package io.millrace.notifications.dispatch;

import io.millrace.notifications.ledger.Delivery;
import io.millrace.notifications.ledger.Ledger.Claim;
import io.millrace.notifications.ledger.Ledger.Next;
import io.millrace.notifications.provider.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What comes after an attempt.
 *
 * @param refusals how often a mail may be refused with a code that passes, before it is given up
 * @param firstWait before the second try; doubles with each
 * @param unknownWindow how long news of a mail of unknown outcome is waited for
 */
public record Policy(int refusals, Duration firstWait, Duration longestWait, Duration unknownWindow) {
    public static final Policy DEFAULT =
            new Policy(8, Duration.ofSeconds(2), Duration.ofMinutes(10), Duration.ofMinutes(2));

    /** @param outcome a word for it */
    record Decision(String outcome, String detail, Next next) {}

    Decision decide(Claim claim, Outcome outcome, Providers providers, Instant now) {
        return switch (outcome) {
            case Outcome.Accepted accepted -> new Decision("accepted", "", new Next.Done(accepted.providerId()));
            case Outcome.Unknown unknown -> unknown(claim, unknown, providers, now);
            case Outcome.Refused refused ->
                new Decision(
                        refused.action().name().toLowerCase(Locale.ROOT),
                        claim.provider() + ": " + refused.detail(),
                        refused(claim, refused, providers, now));
        };
    }

    private Decision unknown(Claim claim, Outcome.Unknown unknown, Providers providers, Instant now) {
        boolean asksAgain =
                providers.idempotent(claim.provider()) && claim.delivery().refusals() < refusals;
        Next next = asksAgain
                ? again(claim.delivery(), now.plus(pause(claim.delivery())), claim.provider(), List.of(), true)
                : new Next.Unknown(now.plus(unknownWindow));
        return new Decision("unknown", claim.provider() + ": " + unknown.detail(), next);
    }

    private Next refused(Claim claim, Outcome.Refused refused, Providers providers, Instant now) {
        Delivery delivery = claim.delivery();
        return switch (refused.action()) {
            case PERMANENT -> new Next.Failed(false);
            case PERMANENT_AND_SUPPRESS -> new Next.Failed(true);
            case RETRY -> {
                Duration wait = refused.pause() == null ? pause(delivery) : refused.pause();
                yield delivery.refusals() + 1 >= refusals
                        ? new Next.Failed(false)
                        : again(delivery, now.plus(wait), claim.provider(), List.of(), true);
            }
            case FAIL_OVER, FAIL_OVER_AND_PAGE -> {
                List<String> tried = new ArrayList<>(delivery.tried());
                tried.add(claim.provider());
                // All were asked: from the first again, after a pause. That does not count against the mail.
                yield tried.containsAll(providers.names())
                        ? again(delivery, now.plus(firstWait), null, List.of(), false)
                        : again(delivery, now, null, tried, false);
            }
        };
    }

    private static Next again(
            Delivery delivery,
            Instant at,
            @org.jspecify.annotations.Nullable String pinned,
            List<String> tried,
            boolean counts) {
        return new Next.Again(at, pinned, tried, counts, delivery.maybeAgain());
    }

    private Duration pause(Delivery delivery) {
        Duration wait = firstWait.multipliedBy(1L << Math.min(delivery.refusals(), 20));
        return wait.compareTo(longestWait) > 0 ? longestWait : wait;
    }
}
