package io.millrace.demo.run;

import io.millrace.demo.erp.ReferenceErp;
import io.millrace.demo.oracle.Check;
import io.millrace.demo.oracle.ConsistencyReader;
import io.millrace.demo.oracle.EnrichmentCheck;
import io.millrace.demo.oracle.GatewayCheck;
import io.millrace.demo.oracle.LiveCheck;
import io.millrace.demo.oracle.Report;
import io.millrace.demo.trade.Simulator;
import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.embedded.KafkaProcess;
import io.millrace.embedded.StandInLlm;
import io.millrace.embedded.TraceCollector;
import io.millrace.hub.Millrace;
import io.millrace.hub.config.SourceFile;
import io.millrace.hub.tables.SourceTables;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.Origin;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Tenants;
import io.millrace.platform.data.DataDirectory;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Servers, a business, and the hub; from start to end. */
public final class Demo {
    private static final Duration KEY_VALID = Duration.ofDays(1);
    private static final long STATUS_MILLIS = 500;

    private final Options options;
    private final PrintWriter out;
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private int interruptedQuestions;

    /**
     * @param data directory of all servers' files
     * @param fresh whether to remove what earlier runs left there
     * @param duration how long the business trades
     * @param check whether to compare what was published with the source at the end
     * @param chaos whether to kill the hub again and again
     * @param pauses whether processes are stopped for a while again and again
     * @param misdeeds whether controls are violated
     * @param traces whether transactions are followed, and one is shown at the end
     */
    public record Options(
            Path data,
            boolean fresh,
            Path catalog,
            Duration duration,
            double transactionsPerSecond,
            int tenants,
            long seed,
            boolean check,
            boolean chaos,
            boolean pauses,
            boolean misdeeds,
            boolean standInLlm,
            boolean traces) {
        /** So that several fit. */
        Duration longestPause() {
            return Duration.ofMillis(Math.min(60_000, Math.max(1_500, duration.toMillis() / 5)));
        }
    }

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
            say("starting Postgres, Kafka, the schema registry and an SMTP server in " + options.data);
            try (EmbeddedStack stack = EmbeddedStack.start(
                    DataDirectory.open(options.data),
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
        // So that 'check' knows them when this has ended.
        SourceTables.read(
                options.data, EmbeddedServers.database(stack.postgres(), "erp"), SourceFile.readOnly(options.catalog));
        try (StandInLlm llm = options.standInLlm ? StandInLlm.start(0) : null;
                TraceCollector traces = options.traces ? TraceCollector.start(0) : null;
                Simulator simulator = Simulator.prepare(
                        erp,
                        EmbeddedPostgres.USER,
                        EmbeddedPostgres.PASSWORD,
                        Simulator.Options.endless(
                                options.transactionsPerSecond, options.tenants, options.seed, options.misdeeds));
                HubChild hub = HubChild.start(
                        stack,
                        logs(),
                        options.catalog,
                        "source, views, governance, sink, notifications, enrichment, monitoring, gateway",
                        llm == null ? "" : llm.url(),
                        traces == null ? "" : traces.endpoint())) {
            hub.awaitReady();
            Map<String, Object> more = new HashMap<>(Map.of(
                    "http.url", hub.url(),
                    "hub.pid", hub.pid(),
                    "analyst.url", analyst(stack.postgres().jdbcUrl("analytics"))));
            if (llm != null) {
                more.put("llm.url", llm.url());
            }
            stack.tell(more);
            if (llm != null) {
                say(
                        "the LLM is a stand-in that answers by rule: './millrace enrich try explain-alert --on ID' asks it");
            }
            stack.endpoints().forEach((name, where) -> say(String.format(Locale.ROOT, "  %-24s %s", name, where)));
            say("for analysts: psql " + analyst(stack.postgres().jdbcUrl("analytics"))
                    + " -c 'SELECT * FROM dashboard'");
            String key = key(stack.postgres().jdbcUrl("analytics"));
            say("for applications: curl -H 'Authorization: Bearer " + key + "' " + hub.url()
                    + "/api/v1/views/dashboard/rows");
            say("for people: ./millrace users create NAME --role administrator prints a link to set a password");
            say(String.format(Locale.ROOT, "ready after %.1f s; trading", (System.nanoTime() - started) / 1e9));
            Check check = options.check ? Check.begin(stack, options.catalog, out) : null;
            boolean right;
            try (LiveCheck live = options.check ? follow(stack, hub, key) : null) {
                boolean consistent = trade(stack, simulator, hub);
                right = (check == null
                                || live == null
                                || check.finish(simulator) && answered(stack, hub, key, live) && explained(stack, llm))
                        && consistent;
            }
            if (SelfProcess.writesClassArchive(Millrace.class)) {
                out.println("stopping the hub; once, it also writes a class archive that makes later starts faster");
                out.flush();
            }
            if (traces != null) {
                // The last spans leave the hub when it ends.
                hub.close();
                show(traces.traces());
            }
            return right;
        }
    }

    private void show(Map<String, List<TraceCollector.Step>> traces) {
        say(String.format(Locale.ROOT, "traces: %,d; the one through the most stages:", traces.size()));
        say(Waterfall.longest(traces).orElse("none was complete"));
    }

    private static LiveCheck follow(EmbeddedStack stack, HubChild hub, String key) {
        try (Connection analytics = DriverManager.getConnection(
                stack.postgres().jdbcUrl("analytics"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD)) {
            return LiveCheck.start(hub.url(), key, analytics);
        } catch (SQLException failed) {
            throw new MillraceException(
                    Category.EXTERNAL, "cannot read the views: " + failed.getMessage(), "see the hub's log", failed);
        }
    }

    /** Whether the gateway answers what the tables have, and whoever followed them has the same. */
    private boolean answered(EmbeddedStack stack, HubChild hub, String key, LiveCheck live) {
        try (Connection analytics = DriverManager.getConnection(
                stack.postgres().jdbcUrl("analytics"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD)) {
            boolean equal = Report.print(out, "gateway", new GatewayCheck(hub.url(), key, analytics).compare());
            out.println(equal ? "the gateway answers what the tables have" : "THE GATEWAY ANSWERS OTHERWISE");
            say("live:   " + live.figures());
            boolean followed = Report.print(out, "live", live.compare(analytics));
            out.println(
                    followed
                            ? "whoever followed the views by WebSocket has what the tables have"
                            : "WHOEVER FOLLOWED THE VIEWS HAS SOMETHING ELSE");
            return equal && followed;
        } catch (SQLException | IOException failed) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot read from the gateway: " + failed.getMessage(),
                    "see the hub's log",
                    failed);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean explained(EmbeddedStack stack, @Nullable StandInLlm llm) {
        String analytics = stack.postgres().jdbcUrl("analytics");
        try {
            return llm == null
                    || new EnrichmentCheck(
                                    () -> DriverManager.getConnection(
                                            analytics, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD),
                                    options.catalog,
                                    llm)
                            .finish(interruptedQuestions, out);
        } catch (SQLException failed) {
            throw new MillraceException(
                    Category.EXTERNAL, "cannot compare explanations: " + failed.getMessage(), "see the log", failed);
        }
    }

    /** A new key for the gateway, for a day. */
    private static String key(String analytics) {
        try (Access access = Access.ready(analytics, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD)) {
            return access.keys()
                    .create(
                            "demo",
                            Set.of(Permission.VIEWS_READ),
                            Tenants.ALL,
                            Instant.now().plus(KEY_VALID),
                            Origin.commandLine("demo"))
                    .text()
                    .reveal();
        }
    }

    /** Where role analyst reads, as psql and most tools take it. */
    private static String analyst(String jdbcUrl) {
        return jdbcUrl.replaceFirst("^jdbc:postgresql://", "postgresql://analyst:" + HubChild.ANALYST_PASSWORD + "@");
    }

    /** Returns whether every read of the views could be true of whole transactions. */
    private boolean trade(EmbeddedStack stack, Simulator simulator, HubChild hub) {
        String analytics = stack.postgres().jdbcUrl("analytics");
        if (!options.chaos && !options.pauses) {
            try (Freshness freshness = Freshness.start(analytics)) {
                simulator.start();
                watch(simulator, hub::assertAlive, freshness);
            }
            return true;
        }
        ConsistencyReader reader = ConsistencyReader.start(analytics);
        try (Freshness freshness = Freshness.start(analytics);
                reader) {
            simulator.start();
            Disturbance disturbance =
                    options.pauses ? Pauses.start(hub, stack, options.longestPause()) : Chaos.start(hub, stack);
            try (disturbance) {
                watch(
                        simulator,
                        () -> disturbance.failure().ifPresent(failure -> {
                            throw failure;
                        }),
                        freshness);
            }
            interruptedQuestions = disturbance.interruptedQuestions();
            say("chaos:  " + disturbance.figures());
        }
        say(String.format(
                Locale.ROOT,
                "reads:  %,d, of which %d with debits other than credits or a balance sheet that does not balance, %d with stock lost in a transfer",
                reader.reads(),
                reader.unbalanced(),
                reader.lostStock()));
        return reader.unbalanced() == 0 && reader.lostStock() == 0 && reader.reads() > 0;
    }

    private Path logs() {
        try {
            Files.createDirectories(options.data.resolve("logs"));
            return options.data;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void watch(Simulator simulator, Runnable health, Freshness freshness) {
        StatusLine line = new StatusLine(out);
        long begin = System.nanoTime();
        long end = begin + options.duration.toNanos();
        try {
            long now = begin;
            while (now < end
                    && !interrupted.await(
                            Math.min(STATUS_MILLIS, 1 + (end - now) / 1_000_000), TimeUnit.MILLISECONDS)) {
                health.run();
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
