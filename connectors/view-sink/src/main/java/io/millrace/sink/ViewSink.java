package io.millrace.sink;

import io.millrace.schemas.Lsn;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.failure.Category;
import io.millrace.schemas.failure.MillraceException;
import io.millrace.schemas.registry.SchemaRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the analytics database up to date on a thread of its own, over restarts of Kafka and of the database. */
public final class ViewSink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ViewSink.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** A server that is away at start is waited for this long. */
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private final SourceName source;
    private final int lanes;
    private final AnalyticsDatabase database;
    private final String bootstrapServers;
    private final SchemaRegistry registry;
    private final Reports reports;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Instant started = Instant.now();
    private volatile boolean ready;
    private volatile boolean wasReady;
    private volatile String detail = "starting";
    private volatile String waitsFor = "";

    private ViewSink(
            SourceName source,
            int lanes,
            AnalyticsDatabase database,
            String bootstrapServers,
            SchemaRegistry registry,
            List<Report> reports) {
        this.source = source;
        this.lanes = lanes;
        this.database = database;
        this.bootstrapServers = bootstrapServers;
        this.registry = registry;
        this.reports = new Reports(reports);
    }

    /**
     * @param lanes of the source's feed
     * @param reports to keep on top of the views
     */
    public static ViewSink start(
            SourceName source,
            int lanes,
            AnalyticsDatabase database,
            String bootstrapServers,
            SchemaRegistry registry,
            List<Report> reports) {
        ViewSink sink = new ViewSink(source, lanes, database, bootstrapServers, registry, reports);
        Thread.ofPlatform().name("sink-" + source).start(sink::run);
        return sink;
    }

    private void run() {
        while (stopping.getCount() > 0) {
            try (SinkSession session = new SinkSession(source, lanes, database, bootstrapServers, registry, reports)) {
                session.run(() -> stopping.getCount() == 0, new Progress());
            } catch (SQLException failed) {
                String state = String.valueOf(failed.getSQLState());
                boolean passing = state.startsWith("08") || state.startsWith("57P") || state.startsWith("53");
                if (!goesOn(passing, failed)) {
                    end.completeExceptionally(database.describe("apply the views", failed));
                    return;
                }
            } catch (RuntimeException | Error failed) {
                boolean passing = failed instanceof KafkaException || failed instanceof SinkSession.LostPosition;
                if (!goesOn(passing, failed)) {
                    end.completeExceptionally(failed instanceof MillraceException ? failed : internal(failed));
                    return;
                }
            }
        }
        end.complete(null);
    }

    private boolean goesOn(boolean passing, Throwable failure) {
        ready = false;
        boolean patient = wasReady || Duration.between(started, Instant.now()).compareTo(START_LIMIT) < 0;
        if (!passing || !patient) {
            return false;
        }
        detail = "interrupted: " + failure.getMessage();
        LOG.warn("sink begins again: {}", failure.toString());
        try {
            boolean stopped = stopping.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
            LOG.debug("stopping: {}", stopped);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
        return true;
    }

    private MillraceException internal(Throwable failure) {
        return new MillraceException(
                Category.INTERNAL,
                "the views of source " + source + " cannot be applied: " + failure,
                "nothing is lost: Kafka keeps what is not applied; report this with the log",
                failure);
    }

    /** What the session tells, for {@link #ready} and {@link #detail}. */
    private final class Progress implements SinkSession.Listener {
        @Override
        public void waits(List<String> views) {
            String what = "waits until every lane has published " + String.join(", ", views);
            if (!what.equals(waitsFor)) {
                LOG.info("sink: {}", what);
            }
            waitsFor = what;
        }

        @Override
        public void applied(long epoch, Lsn lsn, Instant committedAt) {
            waitsFor = "";
            ready = true;
            wasReady = true;
            detail = String.format(Locale.ROOT, "epoch %d at %s, committed %s", epoch, lsn, committedAt);
        }
    }

    /** Whether the database has been brought up to date since the start. */
    public boolean ready() {
        return ready;
    }

    /** One line on where it is. */
    public String detail() {
        return waitsFor.isEmpty() ? detail : detail + "; " + waitsFor;
    }

    /** Completes when the sink has stopped: exceptionally, if it could not go on. */
    public CompletableFuture<Void> end() {
        return end;
    }

    @Override
    public void close() {
        stopping.countDown();
        end.exceptionally(failed -> null).join();
    }
}
