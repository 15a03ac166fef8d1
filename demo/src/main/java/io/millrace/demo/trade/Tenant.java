package io.millrace.demo.trade;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One company: makes one transaction after the other, also over restarts of its database. */
final class Tenant {
    private static final long RETRY_NANOS = Duration.ofMillis(200).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(Tenant.class);

    /** One after the other, before it is given up. */
    private static final int FAILURES = 50;

    private final Jdbi jdbi;
    private final Books books;
    private final double transactionsPerSecond;
    private final long limit;
    private final AtomicLong changes = new AtomicLong();
    private final List<Long> committed = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean stopping;
    private int failed;
    private volatile @Nullable Throwable failure;

    /** Of the transaction whose commit was asked for and not yet answered. */
    private @Nullable Long inDoubt;

    Tenant(Jdbi jdbi, int number, long seed, double transactionsPerSecond, long limit) {
        this.jdbi = jdbi;
        this.books = new Books(number, new SplittableRandom(seed * 1_000_003 + number));
        this.transactionsPerSecond = transactionsPerSecond;
        this.limit = limit;
    }

    int number() {
        return books.tenant;
    }

    long transactions() {
        return committed.size();
    }

    long changes() {
        return changes.get();
    }

    List<Long> committed() {
        synchronized (committed) {
            return List.copyOf(committed);
        }
    }

    Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    void stop() {
        stopping = true;
    }

    /** The first day, unless the tenant exists. */
    void open() {
        Opening.openOnce(jdbi, books);
    }

    void trade() {
        long started = System.nanoTime();
        try {
            while (!stopping && committed.size() < limit) {
                try (Handle handle = jdbi.open()) {
                    settleDoubt(handle);
                    books.attach(handle);
                    tradeOn(handle, started);
                } catch (JdbiException broken) {
                    if (!Clicks.passing(broken)) {
                        throw broken;
                    }
                    LockSupport.parkNanos(RETRY_NANOS);
                }
            }
            settleLast();
        } catch (RuntimeException | Error unexpected) {
            failure = unexpected;
        }
    }

    private void tradeOn(Handle handle, long started) {
        while (!stopping && committed.size() < limit) {
            Event event = Event.choose(books);
            handle.begin();
            books.begin(Opening.user(event.role(), number()));
            long xid = books.announce();
            if (happens(event)) {
                inDoubt = xid;
                handle.commit();
                inDoubt = null;
                changes.addAndGet(books.changes());
                committed.add(xid);
                awaitTurn(started);
            } else {
                handle.rollback();
            }
        }
    }

    /** Somebody may have changed by hand what the event is about: then it does not happen, unless nothing does any more. */
    private boolean happens(Event event) {
        try {
            boolean happened = event.happen(books);
            failed = 0;
            return happened;
        } catch (RuntimeException notThere) {
            if (Clicks.passing(notThere) || ++failed > FAILURES) {
                throw notThere;
            }
            LOG.info("tenant {}: {} did not happen: {}", number(), event, notThere.getMessage());
            LockSupport.parkNanos(RETRY_NANOS);
            return false;
        }
    }

    /** The database went away while a commit was under way: was it made? */
    private void settleDoubt(Handle handle) {
        Long xid = inDoubt;
        if (xid != null) {
            if (Books.wasCommitted(handle, xid)) {
                committed.add(xid);
                changes.addAndGet(books.changes());
            }
            inDoubt = null;
        }
    }

    private void settleLast() {
        if (inDoubt != null) {
            try (Handle handle = jdbi.open()) {
                settleDoubt(handle);
            }
        }
    }

    private void awaitTurn(long started) {
        long due = started + (long) (committed.size() * 1e9 / transactionsPerSecond);
        for (long left = due - System.nanoTime(); left > 0 && !stopping; left = due - System.nanoTime()) {
            LockSupport.parkNanos(Math.min(left, RETRY_NANOS));
        }
    }
}
