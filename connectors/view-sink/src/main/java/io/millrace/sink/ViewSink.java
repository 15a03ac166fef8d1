package io.millrace.sink;

import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.metrics.HubMetric;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the views in the analytics database up to date. */
public final class ViewSink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ViewSink.class);

    private final SinkLoop loop;
    private volatile String waitsFor = "";

    private ViewSink(
            SourceName source,
            int lanes,
            AnalyticsDatabase database,
            KafkaServers kafkaServers,
            SchemaRegistry registry,
            Reports reports) {
        String what = "views of source " + source;
        this.loop = new SinkLoop(
                what,
                database,
                () -> new SinkSession(what, source, lanes, database, kafkaServers, registry, reports, new Progress()));
    }

    /**
     * @param lanes of the source's feed
     * @param reports to keep on top of the views
     */
    public static ViewSink start(
            SourceName source,
            int lanes,
            AnalyticsDatabase database,
            KafkaServers kafkaServers,
            SchemaRegistry registry,
            List<Report> reports) {
        ViewSink sink = new ViewSink(source, lanes, database, kafkaServers, registry, new Reports(reports));
        sink.loop.start();
        return sink;
    }

    /** What the session tells, for {@link #ready} and {@link #detail}. */
    private final class Progress implements SinkSession.Listener {
        @Override
        public void waits(List<String> views, List<String> gaps) {
            String what = "waits until every lane has published " + String.join(", ", views)
                    + (gaps.isEmpty() ? "" : " as a whole: " + String.join("; ", gaps));
            if (!what.equals(waitsFor)) {
                LOG.info("sink: {}", what);
            }
            waitsFor = what;
        }

        @Override
        public void applied(long epoch, Lsn lsn, Instant committedAt) {
            waitsFor = "";
            HubMetric.SINK_DELAY.timer().record(Duration.between(committedAt, Instant.now()));
            loop.working(String.format(Locale.ROOT, "epoch %d at %s, committed %s", epoch, lsn, committedAt));
        }
    }

    /** Whether the database has been brought up to date since the start, or another hub does that. */
    public boolean ready() {
        return loop.ready();
    }

    /** One line on where it is. */
    public String detail() {
        return waitsFor.isEmpty() ? loop.detail() : loop.detail() + "; " + waitsFor;
    }

    /** Completes when the sink has stopped: exceptionally, if it could not go on. */
    public CompletableFuture<Void> end() {
        return loop.end();
    }

    @Override
    public void close() {
        loop.close();
    }
}
