package io.millrace.demo.trade;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A company in which nothing happens but misdeeds, and what comes close to them. */
final class MisdeedTenant {
    private static final Logger LOG = LoggerFactory.getLogger(MisdeedTenant.class);

    /** One after the other, before it is given up. */
    private static final int FAILURES = 50;

    private static final long PAUSE_NANOS = Duration.ofMillis(400).toNanos();

    private final Jdbi jdbi;
    private final Books books;
    private final Clicks clicks;
    private final List<CommittedMisdeed> misdeeds = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean stopping;
    private int failed;
    private volatile @Nullable Throwable failure;

    MisdeedTenant(Jdbi jdbi, int number, long seed) {
        this.jdbi = jdbi;
        this.books = new Books(number, new SplittableRandom(seed * 1_000_003 + number));
        this.clicks = new Clicks(jdbi, books, () -> stopping);
    }

    int number() {
        return books.tenant;
    }

    /** The first day, unless the tenant exists. */
    void open() {
        Opening.openOnce(jdbi, books);
    }

    /** Each misdeed once and again, until stopped. */
    void misbehave() {
        try {
            while (!stopping) {
                for (Misdeed misdeed : Misdeed.values()) {
                    if (stopping) {
                        break;
                    }
                    happen(misdeed);
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        } catch (Clicks.Stopped stopped) {
            // Between two clicks, while the database was away.
        } catch (RuntimeException | Error unexpected) {
            failure = unexpected;
        } finally {
            clicks.disconnect();
        }
    }

    /** Not if somebody changed by hand what it is about. */
    private void happen(Misdeed misdeed) {
        try {
            misdeed.almost(clicks);
            Map<String, String> key = new TreeMap<>();
            misdeed.happen(clicks).forEach((column, value) -> key.put(column, value.toString()));
            misdeeds.add(new CommittedMisdeed(
                    misdeed.name().toLowerCase(Locale.ROOT), key, clicks.lastActor(), clicks.lastXid()));
            failed = 0;
        } catch (JdbiException | IllegalStateException notThere) {
            if (++failed > FAILURES) {
                throw notThere;
            }
            LOG.info("{} did not happen: {}", misdeed, notThere.getMessage());
        }
    }

    void stop() {
        stopping = true;
    }

    Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    List<CommittedMisdeed> misdeeds() {
        synchronized (misdeeds) {
            return List.copyOf(misdeeds);
        }
    }

    List<Long> committed() {
        return clicks.committed();
    }

    long changes() {
        return clicks.changes();
    }
}
