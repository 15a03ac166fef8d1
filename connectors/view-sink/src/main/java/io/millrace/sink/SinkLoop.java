package io.millrace.sink;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.failure.Transient;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one session after the other on a thread of its own, over restarts of Kafka and of the database. */
final class SinkLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SinkLoop.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** A server that is away at start is waited for this long. */
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private final String what;
    private final AnalyticsDatabase database;
    private final Opening opening;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Instant started = Instant.now();
    private volatile boolean ready;
    private volatile boolean wasReady;
    private volatile String detail = "starting";

    /** From one start to the next failure. */
    interface Session extends AutoCloseable {
        void run(BooleanSupplier stopping) throws SQLException;

        @Override
        void close() throws SQLException;
    }

    interface Opening {
        Session open() throws SQLException;
    }

    /** @param what is applied, for messages, e.g. "views of source erp" */
    SinkLoop(String what, AnalyticsDatabase database, Opening opening) {
        this.what = what;
        this.database = database;
        this.opening = opening;
    }

    void start() {
        Thread.ofPlatform().name("sink-" + what.replace(' ', '-')).start(this::run);
    }

    private void run() {
        while (stopping.getCount() > 0) {
            try (Session session = opening.open()) {
                session.run(() -> stopping.getCount() == 0);
            } catch (AnalyticsDatabase.Standby waits) {
                standBy(String.valueOf(waits.getMessage()));
            } catch (SQLException failed) {
                if (!goesOn(Transient.is(failed), failed)) {
                    end.completeExceptionally(database.describe("apply the " + what, failed));
                    return;
                }
            } catch (RuntimeException | Error failed) {
                if (!goesOn(failed instanceof LostPosition || Transient.isOfAServer(failed), failed)) {
                    end.completeExceptionally(failed instanceof MillraceException ? failed : internal(failed));
                    return;
                }
            }
        }
        end.complete(null);
    }

    /** Another writer is at work: begin again behind it. */
    static final class LostPosition extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LostPosition(String message) {
            super(message);
        }
    }

    private boolean goesOn(boolean isTransient, Throwable failure) {
        ready = false;
        boolean patient = wasReady || Duration.between(started, Instant.now()).compareTo(START_LIMIT) < 0;
        if (!isTransient || !patient) {
            return false;
        }
        detail = "interrupted: " + failure.getMessage();
        LOG.warn("sink of {} begins again: {}", what, failure.toString());
        return pause();
    }

    /** All is well: somebody does the work. */
    private void standBy(String why) {
        if (!why.equals(detail)) {
            LOG.info("sink: {}", why);
        }
        working(why);
        pause();
    }

    /** Whether to go on. */
    private boolean pause() {
        try {
            boolean stopped = stopping.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
            LOG.debug("stopping: {}", stopped);
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private MillraceException internal(Throwable failure) {
        return new MillraceException(
                Category.INTERNAL,
                "the " + what + " cannot be applied: " + failure,
                "nothing is lost: Kafka keeps what is not applied; report this with the log",
                failure);
    }

    /** The session does its work. */
    void working(String where) {
        ready = true;
        wasReady = true;
        detail = where;
    }

    boolean ready() {
        return ready;
    }

    String detail() {
        return detail;
    }

    CompletableFuture<Void> end() {
        return end;
    }

    @Override
    public void close() {
        stopping.countDown();
        end.exceptionally(failed -> null).join();
    }
}
