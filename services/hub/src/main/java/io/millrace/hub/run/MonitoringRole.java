package io.millrace.hub.run;

import io.millrace.hub.config.Role;
import io.millrace.monitoring.LagReport;
import io.millrace.monitoring.collect.Collector;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where every stage is. It starts when data flows, which it does not help with. */
final class MonitoringRole implements RunningRole {
    private static final Logger LOG = LoggerFactory.getLogger(MonitoringRole.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final Collector.Settings settings;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().name("monitoring").unstarted(this::run);
    private volatile @Nullable LagReport report;

    MonitoringRole(Collector.Settings settings) {
        this.settings = settings;
    }

    @Override
    public void begin() {
        thread.start();
    }

    private void run() {
        String said = "";
        try (Collector collector = new Collector(settings)) {
            do {
                LagReport fresh = collector.round();
                report = fresh;
                String verdict = fresh.verdict().replaceAll(", [0-9.]+ s behind", "");
                if (!verdict.equals(said)) {
                    said = verdict;
                    LOG.info("{}", fresh.verdict());
                }
            } while (!stopping.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException failed) {
            end.completeExceptionally(failed);
        }
    }

    @Override
    public Role role() {
        return Role.MONITORING;
    }

    @Override
    public boolean ready() {
        return report != null;
    }

    @Override
    public String detail() {
        LagReport last = report;
        return last == null ? "starting, after the others" : last.verdict();
    }

    @Override
    public Optional<LagReport> lag() {
        return Optional.ofNullable(report);
    }

    @Override
    public CompletableFuture<Void> end() {
        return end;
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            if (thread.isAlive()) {
                thread.join();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        end.complete(null);
    }
}
