package io.millrace.embedded;

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

/** Apicurio Registry beside the JVM, its schemas in a file. */
public final class EmbeddedRegistry implements AutoCloseable {
    /** System property: the folder of servers that the build unpacked. */
    public static final String SERVERS_PROPERTY = "millrace.servers";

    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    private final ChildProcess process;
    private final int port;

    private EmbeddedRegistry(ChildProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * @param directory of the server's files; kept between runs
     * @param wantedPort 0 for any
     */
    public static EmbeddedRegistry start(Path directory, int wantedPort) {
        Path root = directory.toAbsolutePath().normalize();
        Path application = distribution().resolve("quarkus-run.jar");
        int port;
        int management;
        try {
            Files.createDirectories(root);
            port = Ports.choose("the schema registry", wantedPort, root.resolve("port"));
            management = Ports.choose("the schema registry's health", 0, root.resolve("management-port"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        ChildProcess process = ChildProcess.start(
                "the schema registry",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=" + port,
                        "-Dquarkus.management.host=127.0.0.1",
                        "-Dquarkus.management.port=" + management,
                        "-Dapicurio.rules.global.compatibility=BACKWARD",
                        "-Dapicurio.storage.kind=sql",
                        "-Dapicurio.storage.sql.kind=h2",
                        // A schema id that was given out must survive a crash: rows carry it.
                        "-Dapicurio.datasource.url=jdbc:h2:file:" + root.resolve("schemas") + ";WRITE_DELAY=0",
                        "-jar",
                        application.toString()),
                Map.of(),
                "TERM",
                root.resolve("registry.log"));
        EmbeddedRegistry registry = new EmbeddedRegistry(process, port);
        registry.awaitAnswer(root);
        return registry;
    }

    /** Where the build unpacked the registry's distribution. */
    private static Path distribution() {
        Path servers = Path.of(System.getProperty(SERVERS_PROPERTY, "embedded/target/servers"));
        Path home = servers.resolve("apicurio").toAbsolutePath().normalize();
        if (!Files.exists(home.resolve("quarkus-run.jar"))) {
            throw new MillraceException(
                    Category.USER,
                    "no schema registry in " + home,
                    "start with ./millrace, which builds it; or name an existing registry: registry.url in the configuration");
        }
        return home;
    }

    private void awaitAnswer(Path root) {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        HttpRequest request = HttpRequest.newBuilder(URI.create(url() + "/subjects"))
                .timeout(Duration.ofSeconds(5))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (!answers(client, request)) {
                if (!process.alive() || System.nanoTime() > deadline) {
                    String words = process.lastWords();
                    process.close();
                    throw new MillraceException(
                            Category.RESOURCE,
                            "the schema registry did not start: " + words,
                            "see " + root.resolve("registry.log"));
                }
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
    }

    private static boolean answers(HttpClient client, HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Base of the Confluent-compatible API. */
    public String url() {
        return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
    }

    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.close();
    }
}
