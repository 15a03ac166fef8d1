package io.millrace.hub.demo;

import io.millrace.demo.erp.ReferenceErp;
import io.millrace.demo.trade.Simulator;
import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.embedded.KafkaProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Servers, a business, and the hub; from start to end. */
public final class Demo {
    private static final long STATUS_MILLIS = 500;

    private final Options options;
    private final PrintWriter out;
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /**
     * @param data directory of all servers' files
     * @param fresh whether to remove what earlier runs left there
     * @param duration how long the business trades
     * @param check whether to compare what was published with the source at the end
     */
    public record Options(
            Path data,
            boolean fresh,
            Path catalog,
            Duration duration,
            double transactionsPerSecond,
            int tenants,
            long seed,
            boolean check) {}

    public Demo(Options options, PrintWriter out) {
        this.options = options;
        this.out = out;
    }

    /**
     * Returns when the time is over, or after an interrupt from the terminal; nothing is left running.
     *
     * @return false if the check found a difference
     */
    public boolean run() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::interrupt, "interrupt"));
        try {
            long started = System.nanoTime();
            say("starting Postgres, Kafka and the schema registry in " + options.data);
            try (EmbeddedStack stack = EmbeddedStack.start(
                    options.data,
                    options.fresh,
                    Set.of(EmbeddedStack.Part.values()),
                    new EmbeddedKafka.Place.BesideThisJvm(SelfProcess.command("-Xmx512m", KafkaProcess.class)))) {
                return withServers(stack, started);
            }
        } finally {
            ended.countDown();
        }
    }

    private boolean withServers(EmbeddedStack stack, long started) {
        String erp = stack.postgres().jdbcUrl("erp");
        ReferenceErp.migrate(erp, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        try (Simulator simulator = Simulator.prepare(
                        erp,
                        EmbeddedPostgres.USER,
                        EmbeddedPostgres.PASSWORD,
                        Simulator.Options.endless(options.transactionsPerSecond, options.tenants, options.seed));
                HubChild hub = HubChild.start(stack, logs(), options.catalog, "source, views, sink")) {
            hub.awaitReady();
            stack.publish(Map.of("http.url", hub.url(), "hub.pid", hub.pid()));
            stack.endpoints().entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(entry -> say(String.format(Locale.ROOT, "  %-24s %s", entry.getKey(), entry.getValue())));
            say(String.format(Locale.ROOT, "ready after %.1f s; trading", (System.nanoTime() - started) / 1e9));
            Check check = options.check ? Check.begin(stack, options.catalog, out) : null;
            try (Freshness freshness = Freshness.start(stack.postgres().jdbcUrl("analytics"))) {
                simulator.start();
                watch(simulator, hub, freshness);
            }
            return check == null || check.finish(simulator.committed());
        }
    }

    private Path logs() {
        try {
            Files.createDirectories(options.data.resolve("logs"));
            return options.data;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void watch(Simulator simulator, HubChild hub, Freshness freshness) {
        StatusLine line = new StatusLine(out);
        long begin = System.nanoTime();
        long end = begin + options.duration.toNanos();
        try {
            long now = begin;
            while (now < end
                    && !interrupted.await(
                            Math.min(STATUS_MILLIS, 1 + (end - now) / 1_000_000), TimeUnit.MILLISECONDS)) {
                hub.assertAlive();
                now = System.nanoTime();
                line.show(figures(simulator, now - begin) + "  " + freshness.figures());
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
        line.end();
        simulator.close();
        say("traded: " + figures(simulator, System.nanoTime() - begin) + "  " + freshness.figures());
    }

    private static String figures(Simulator simulator, long nanos) {
        double seconds = nanos / 1e9;
        return String.format(
                Locale.ROOT,
                "%4.0f s  %,d transactions (%.0f/s)  %,d changes (%.0f/s)",
                seconds,
                simulator.transactions(),
                simulator.transactions() / seconds,
                simulator.changes(),
                simulator.changes() / seconds);
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    /** The JVM is ending: lets {@link #run} end everything first. */
    private void interrupt() {
        interrupted.countDown();
        try {
            ended.await();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }
}
