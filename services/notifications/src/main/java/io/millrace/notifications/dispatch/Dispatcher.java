package io.millrace.notifications.dispatch;

import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.ledger.Ledger.Claim;
import io.millrace.notifications.provider.Outcome;
import io.millrace.platform.loop.Loop;
import io.millrace.platform.trace.Trace;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends what is due, on threads of its own. */
public final class Dispatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final int WORKERS = 8;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final Duration HOUSEKEEPING = Duration.ofSeconds(1);
    /** Before a mail is looked at again that no provider can take now. */
    private static final Duration NO_PROVIDER = Duration.ofMillis(250);

    private static final Duration LEDGER_AWAY = Duration.ofSeconds(1);
    private static final Duration END_LIMIT = Duration.ofSeconds(20);

    private final Ledger ledger;
    private final Providers providers;
    private final String from;
    private final Policy policy;
    private final Runnable digests;
    private final Semaphore free = new Semaphore(WORKERS);
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final Loop loop = new Loop("mail-dispatcher", this::next);
    private final Instant started = Instant.now();
    private Instant lastHousekeeping = Instant.EPOCH;
    private volatile String detail = "starting";

    /**
     * @param from sender of all mails
     * @param digests looked after every second
     */
    public Dispatcher(Ledger ledger, Providers providers, String from, Policy policy, Runnable digests) {
        this.ledger = ledger;
        this.providers = providers;
        this.from = from;
        this.policy = policy;
        this.digests = digests;
    }

    public void start() {
        ledger.startWork();
        loop.start();
    }

    private Duration next() {
        try {
            housekeep();
            boolean idle = dispatch() == 0;
            detail = providers.detail();
            return idle ? LOOK_AGAIN : Duration.ZERO;
        } catch (JdbiException away) {
            detail = "the ledger is unreachable: " + away.getMessage();
            LOG.warn("mail: {}", detail);
            return LEDGER_AWAY;
        }
    }

    /** What was at a provider when its hub was killed may have been sent. */
    private void recover() {
        for (Claim claim : ledger.abandoned()) {
            Outcome outcome = new Outcome.Unknown("its hub ended while " + claim.provider() + " had it");
            settle(claim, outcome);
        }
    }

    private void housekeep() {
        if (Duration.between(lastHousekeeping, Instant.now()).compareTo(HOUSEKEEPING) > 0) {
            lastHousekeeping = Instant.now();
            recover();
            digests.run();
            int doubtful = ledger.stopAsking(policy.unknownWindow());
            int again = ledger.retryUnknown();
            int expired = ledger.expire(started);
            if (doubtful + again + expired > 0) {
                LOG.warn(
                        "mail: {} deliveries unknown: no response from the provider; {} unknown ones are sent again;"
                                + " {} expired",
                        doubtful,
                        again,
                        expired);
            }
        }
    }

    private int dispatch() {
        int capacity = free.availablePermits();
        if (capacity == 0) {
            return 0;
        }
        List<Claim> claims = claim(capacity);
        for (Claim claim : claims) {
            free.acquireUninterruptibly();
            workers.execute(() -> {
                try {
                    attempt(claim);
                } finally {
                    free.release();
                }
            });
        }
        return claims.size();
    }

    /** A claim that the database does not take leaves no provider waiting for mails that never come. */
    private List<Claim> claim(int capacity) {
        List<String> chosen = new ArrayList<>();
        try {
            return ledger.claim(capacity, NO_PROVIDER, delivery -> {
                Optional<String> provider = providers.choose(delivery);
                provider.ifPresent(chosen::add);
                return provider;
            });
        } catch (RuntimeException | Error failed) {
            chosen.forEach(providers::release);
            throw failed;
        }
    }

    private void attempt(Claim claim) {
        Span span = Trace.next("mail.send", claim.delivery().trace())
                .setAttribute("millrace.mail", claim.delivery().id())
                .setAttribute("millrace.provider", claim.provider())
                .setAttribute("millrace.attempt", claim.attempt());
        try {
            Outcome outcome = providers.send(claim.provider(), claim.delivery().mail(from));
            span.setAttribute(
                    "millrace.outcome", outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT));
            if (!(outcome instanceof Outcome.Accepted)) {
                span.setStatus(StatusCode.ERROR);
            }
            writeDown(claim, outcome);
        } finally {
            span.end();
        }
    }

    private void writeDown(Claim claim, Outcome outcome) {
        while (true) {
            try {
                settle(claim, outcome);
                return;
            } catch (JdbiException away) {
                // The outcome is known here only: it is kept until the database takes it.
                LOG.warn(
                        "mail {}: its outcome cannot be written down now: {}",
                        claim.delivery().id(),
                        away.getMessage());
                if (stopped(LEDGER_AWAY)) {
                    return;
                }
            }
        }
    }

    private void settle(Claim claim, Outcome outcome) {
        Policy.Decision decision = policy.decide(claim, outcome, providers, Instant.now());
        ledger.settle(claim, decision.outcome(), decision.detail(), decision.next());
        if (outcome instanceof Outcome.Accepted) {
            providers.took(claim.provider()).ifPresent(before -> {
                String reason = providers.whyNot(before);
                LOG.warn("mail: sent by {} instead of {}: {}", claim.provider(), before, reason);
                ledger.switched(before, claim.provider(), reason);
            });
        }
    }

    private boolean stopped(Duration within) {
        try {
            return loop.pause(within);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Whether a provider is not asked because it failed. */
    public boolean impaired() {
        return providers.impaired();
    }

    /** One line on where it is. */
    public String detail() {
        return detail;
    }

    /** Ends after the mails that are being sent. */
    @Override
    public void close() {
        loop.close();
        try {
            workers.shutdown();
            if (!workers.awaitTermination(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("mail: some attempts did not end in time; their outcome will be unknown");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
