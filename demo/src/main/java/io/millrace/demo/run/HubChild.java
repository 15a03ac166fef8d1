package io.millrace.demo.run;

import io.millrace.embedded.ChildProcess;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.hub.Millrace;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** The hub as production runs it: {@code millrace run --config FILE}, in a process of its own. */
final class HubChild implements AutoCloseable {
    /** Of role analyst, as the demo shows it. */
    static final String ANALYST_PASSWORD = "analyst";

    private static final Duration READY_LIMIT = Duration.ofSeconds(90);

    private final Path config;
    private final Path log;
    private final String url;
    private volatile ChildProcess process;

    private HubChild(Path config, Path log, String url) {
        this.config = config;
        this.log = log;
        this.url = url;
        this.process = launch();
    }

    /** @param roles comma-separated */
    static HubChild start(EmbeddedStack stack, Path data, Path catalog, String roles) {
        return start(stack, data, catalog, roles, "", "");
    }

    /**
     * @param llm address of the LLM; empty for none
     * @param traces address of the collector of all traces; empty for none
     */
    static HubChild start(EmbeddedStack stack, Path data, Path catalog, String roles, String llm, String traces) {
        int port = stack.choosePort("http");
        String yaml = """
                # Written by millrace demo.
                roles: [%s]
                catalog: %s
                data: %s
                http:
                  port: %d
                kafka:
                  bootstrap-servers: %s
                registry:
                  url: %s
                source:
                  url: %s
                  user: %s
                  password: ${MILLRACE_DEMO_PASSWORD:postgres}
                analytics:
                  url: %s
                  user: %s
                  password: ${MILLRACE_DEMO_PASSWORD:postgres}
                analysts:
                  password: %s
                gateway:
                  requests-per-second: 100000
                mail:
                  public-url: http://127.0.0.1:%d
                  unknown-window: 5s
                  smtp:
                    host: 127.0.0.1
                    port: %d
                llm:
                  url: "%s"
                  key: "%s"
                tracing:
                  endpoint: "%s"
                  sample: 1
                """.formatted(
                        roles,
                        catalog.toAbsolutePath(),
                        data.resolve("hub").toAbsolutePath(),
                        port,
                        stack.kafka().bootstrapServers(),
                        stack.registry().url(),
                        stack.postgres().jdbcUrl("erp"),
                        EmbeddedPostgres.USER,
                        stack.postgres().jdbcUrl("analytics"),
                        EmbeddedPostgres.USER,
                        ANALYST_PASSWORD,
                        port,
                        stack.mail().port(),
                        llm,
                        llm.isEmpty() ? "" : "stand-in",
                        traces);
        try {
            Path config = data.resolve("millrace.yaml");
            Files.writeString(config, yaml);
            return new HubChild(config, data.resolve("logs").resolve("hub.log"), "http://127.0.0.1:" + port);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private ChildProcess launch() {
        return ChildProcess.start(
                "the hub",
                SelfProcess.command("-Xmx1g", Millrace.class, "run", "--config", config.toString()),
                Map.of("MILLRACE_DEMO_PASSWORD", EmbeddedPostgres.PASSWORD),
                "TERM",
                log);
    }

    /** Waits until every role does its work. */
    void awaitReady() {
        long deadline = System.nanoTime() + READY_LIMIT.toNanos();
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/actuator/health/readiness"))
                .timeout(Duration.ofSeconds(5))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (!ready(client, request)) {
                if (!process.alive()) {
                    throw new MillraceException(
                            Category.INTERNAL, "the hub ended:\n" + process.lastWords(), "see " + log);
                }
                if (System.nanoTime() > deadline) {
                    // What its threads do is in the log then.
                    ChildProcess.signal("QUIT", List.of(process.pid()));
                    throw new MillraceException(
                            Category.INTERNAL,
                            "the hub was not ready within " + READY_LIMIT.toSeconds() + " s: "
                                    + readiness(client, request),
                            "see " + log);
                }
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
    }

    private static boolean ready(HttpClient client, HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What the hub says of each role. */
    private static String readiness(HttpClient client, HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException silent) {
            return "it does not answer: " + silent;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /** Ends it as a crash would. */
    void kill() {
        process.kill();
    }

    /** Starts it again after it has ended. */
    void restart() {
        process = launch();
    }

    /** Fails if the process has ended by itself. */
    void assertAlive() {
        if (!process.alive()) {
            throw new MillraceException(
                    Category.INTERNAL, "the hub ended by itself:\n" + process.lastWords(), "see " + log);
        }
    }

    String url() {
        return url;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.close();
    }
}
