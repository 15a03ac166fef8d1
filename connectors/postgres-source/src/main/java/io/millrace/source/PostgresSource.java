package io.millrace.source;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.failure.Transient;
import io.millrace.platform.metrics.HubMetric;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.TableName;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.source.publish.EpochTooLong;
import io.millrace.source.publish.KafkaCluster;
import io.millrace.source.publish.SourceSession;
import io.millrace.source.reader.LogReaderFailure;
import io.millrace.source.server.SourceFailures;
import io.millrace.source.server.SourceServer;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Captures one source on a thread of its own, over restarts of the source and of Kafka. */
public final class PostgresSource implements AutoCloseable, SourceSession.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresSource.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    /** So long nothing comes only from a log that is not read any more. */
    private static final Duration SILENCE_LIMIT = Duration.ofMinutes(3);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    /** A server that is away at start is waited for this long. */
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    /** Another process took over while this one's connection was lost, and lost its own, so many times. */
    private static final int FENCED_LIMIT = 3;

    /** Whoever streamed for so long was not in a contest with another process: fencings before it do not count. */
    private static final Duration UNCONTESTED = Duration.ofMinutes(1);

    private final SourceDefinition definition;
    private final SourceServer server;
    private final KafkaCluster kafka;
    private final SchemaRegistry registry;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;
    private final AtomicLong transactions = new AtomicLong();
    private final AtomicLong changes = new AtomicLong();
    private final Instant started = Instant.now();
    private volatile boolean ready;
    /** Whether this process has streamed. */
    private volatile boolean wasReady;

    private volatile String detail = "starting";
    private volatile int keptOut;

    /** Whether the servers were there, though another process captured the source. */
    private boolean stoodBy;

    /** Epochs that took too long, one after the other. */
    private int tooLong;

    /** How often another process took the producer's place while this one had the source's lock. */
    private int fenced;

    private Instant streamingSince = Instant.now();

    private volatile Instant lastHeard = Instant.now();

    private PostgresSource(
            SourceDefinition definition, SourceServer server, KafkaCluster kafka, SchemaRegistry registry) {
        this.definition = definition;
        this.server = server;
        this.kafka = kafka;
        this.registry = registry;
        this.thread = Thread.ofPlatform().name("source-" + definition.name()).unstarted(this::run);
    }

    public static PostgresSource start(
            SourceDefinition definition, SourceServer server, KafkaCluster kafka, SchemaRegistry registry) {
        PostgresSource source = new PostgresSource(definition, server, kafka, registry);
        source.thread.start();
        return source;
    }

    private void run() {
        while (stopping.getCount() > 0) {
            try {
                heard();
                new SourceSession(definition, server, kafka, registry, this, () -> stopping.getCount() == 0, !wasReady)
                        .run();
            } catch (InterruptedException interrupted) {
                end.completeExceptionally(interrupted);
                return;
            } catch (SourceSession.Standby waits) {
                standBy(String.valueOf(waits.getMessage()));
            } catch (RuntimeException | Error failure) {
                ready = false;
                if (stopping.getCount() == 0) {
                    LOG.info("source {} ended while it was being stopped: {}", definition.name(), failure.toString());
                } else if (!goesOn(failure)) {
                    end.completeExceptionally(describe(failure));
                    return;
                }
                pause();
            }
        }
        end.complete(null);
    }

    /** All is well: somebody does the work. */
    private void standBy(String why) {
        if (!why.equals(detail)) {
            LOG.info("source: {}", why);
        }
        detail = why;
        fenced = 0;
        stoodBy = true;
        ready = true;
        pause();
    }

    private boolean goesOn(Throwable failure) {
        if (failure instanceof EpochTooLong) {
            // Once, it may have been Kafka that was away for so long.
            tooLong++;
        }
        if (!mayPass(failure)) {
            return false;
        }
        boolean patient =
                wasReady || stoodBy || Duration.between(started, Instant.now()).compareTo(START_LIMIT) < 0;
        if (patient) {
            detail = "interrupted: " + rootMessage(failure);
            LOG.warn("source {} begins again: {}", definition.name(), rootMessage(failure));
        }
        return patient;
    }

    private boolean mayPass(Throwable failure) {
        if (failure instanceof EpochTooLong) {
            return tooLong <= 1;
        }
        if (isFenced(failure)) {
            // The other one has the source's lock, and this one stands by; unless it does not know of the lock.
            if (Duration.between(streamingSince, Instant.now()).compareTo(UNCONTESTED) > 0) {
                fenced = 0;
            }
            fenced++;
            return fenced <= FENCED_LIMIT;
        }
        return Transient.is(failure);
    }

    private static boolean isFenced(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
                return true;
            }
        }
        return false;
    }

    private RuntimeException describe(Throwable failure) {
        if (failure instanceof MillraceException known) {
            return known;
        }
        if (failure instanceof EpochTooLong) {
            return new MillraceException(
                    Category.RESOURCE,
                    "source " + definition.name() + ": " + failure.getMessage(),
                    "raise transaction.max.timeout.ms on the brokers, then start the hub again: it goes by their limit; nothing is lost",
                    failure);
        }
        if (isFenced(failure)) {
            return new MillraceException(
                    Category.EXTERNAL,
                    "another process writes to the topics of source " + definition.name()
                            + " and captures another database under the same name",
                    "give each source a name of its own in the catalog; this process has stopped, nothing is lost",
                    failure);
        }
        if (failure instanceof LogReaderFailure) {
            return SourceFailures.describe(server, "stream from slot " + definition.slot(), failure);
        }
        return new MillraceException(
                Category.INTERNAL,
                "source " + definition.name() + " stopped: " + failure,
                "nothing is lost: the slot keeps what is not published; report this with the log",
                failure);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + root.getMessage();
    }

    private void pause() {
        try {
            if (stopping.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("stopping instead of beginning again");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void snapshot(TableName table, long rows) {
        LOG.info("source {}: {} rows of {}", definition.name(), rows, table);
        detail = "snapshot of " + table;
    }

    @Override
    public void waits(String what) {
        detail = what;
    }

    @Override
    public void streaming() {
        LOG.info("source {} streams from slot {}", definition.name(), definition.slot());
        streamingSince = Instant.now();
        ready = true;
        wasReady = true;
    }

    @Override
    public void published(
            long epoch, Lsn reached, Instant committedAt, long changesPublished, long transactionsPublished) {
        heard();
        tooLong = 0;
        HubMetric.SOURCE_TRANSACTIONS.counter().increment((double) transactionsPublished);
        HubMetric.SOURCE_CHANGES.counter().increment((double) changesPublished);
        if (changesPublished > 0) {
            HubMetric.SOURCE_DELAY.timer().record(Duration.between(committedAt, Instant.now()));
        }
        changes.addAndGet(changesPublished);
        transactions.addAndGet(transactionsPublished);
        detail = String.format(
                Locale.ROOT,
                "epoch %d at %s, committed %s; %d transactions and %d changes since the start",
                epoch,
                reached,
                committedAt,
                transactions.get(),
                changes.get());
    }

    @Override
    public void keptOut(int rows) {
        keptOut = rows;
    }

    @Override
    public void heard() {
        lastHeard = Instant.now();
    }

    /** Whether something came out of the log lately, where a heartbeat is written every ten seconds. */
    public boolean alive() {
        return Duration.between(lastHeard, Instant.now()).compareTo(SILENCE_LIMIT) < 0;
    }

    /** Whether the stream flows, here or in another hub. */
    public boolean ready() {
        return ready;
    }

    /** One line on where it is. */
    public String detail() {
        int rows = keptOut;
        return rows == 0
                ? detail
                : detail + "; " + rows + " rows cannot be published and are kept out: see millrace deadletters list";
    }

    /** Completes when capture has stopped: exceptionally, if it could not go on. */
    public CompletableFuture<Void> end() {
        return end;
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            if (!thread.join(CLOSE_LIMIT)) {
                // It waits for a server that is away.
                thread.interrupt();
            }
        } catch (InterruptedException stopped) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
        end.exceptionally(failed -> null).join();
    }
}
