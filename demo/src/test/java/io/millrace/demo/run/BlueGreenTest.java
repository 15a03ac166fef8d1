package io.millrace.demo.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.client.LiveView;
import io.millrace.client.MillraceClient;
import io.millrace.client.ViewRequest;
import io.millrace.demo.erp.ReferenceErp;
import io.millrace.demo.trade.Simulator;
import io.millrace.embedded.ChildProcess;
import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.hub.Millrace;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.Origin;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Tenants;
import io.millrace.platform.data.DataDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The gateway is replaced again and again behind a real nginx, with the configuration and the script that production has, while
 * applications read, write and follow: no request fails, no change is lost, and a version that does not come up changes nothing.
 */
@SuppressWarnings("NullAway.Init")
class BlueGreenTest {
    private static final Path NGINX = Path.of("/usr/sbin/nginx");
    private static final Path DEPLOY = Path.of("../deploy");
    private static final String VIEW = "stock_on_hand";

    @TempDir
    static Path directory;

    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final AtomicInteger answered = new AtomicInteger();
    private EmbeddedStack stack;
    private int front;

    @Test
    void gateway_isDeployedAndRolledBack_withoutAFailedRequestOrALostChange() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(NGINX), "no nginx here: blue/green deployment is not tested");
        try (EmbeddedStack started = EmbeddedStack.start(
                DataDirectory.open(directory),
                false,
                Set.of(EmbeddedStack.Part.values()),
                EmbeddedKafka.Place.BesideThisJvm.withThisClassPath())) {
            stack = started;
            ReferenceErp.migrate(stack.postgres().jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
            try (Simulator simulator = Simulator.prepare(
                            stack.postgres().jdbcUrl("erp"),
                            EmbeddedPostgres.USER,
                            EmbeddedPostgres.PASSWORD,
                            Simulator.Options.endless(30, 2, 7, false));
                    HubChild hub = HubChild.start(
                            stack,
                            logs(directory.resolve("main")),
                            Path.of("../catalog"),
                            "source, views, sink",
                            "",
                            "");
                    ChildProcess nginx = nginx()) {
                hub.awaitReady();
                simulator.start();
                assertThat(nginx.alive()).isTrue();
                try {
                    assertThat(script("deploy", Map.of())).contains("deployed: green");
                    deployAgainAndAgain(simulator);
                } finally {
                    runner("stop", "blue");
                    runner("stop", "green");
                }
            }
        }
    }

    private static Path logs(Path data) throws IOException {
        Files.createDirectories(data.resolve("logs"));
        return data;
    }

    private void deployAgainAndAgain(Simulator simulator) throws Exception {
        String key = key();
        List<LiveView> followed = new ArrayList<>();
        AtomicInteger again = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        try (MillraceClient client = MillraceClient.connect(URI.create(url()), key)) {
            followed.add(client.follow(ViewRequest.of(VIEW), change -> again.addAndGet(change.reset() ? 1 : 0)));
            List<Thread> readers = List.of(
                    load(done, key, "GET", "/api/v1/views/" + VIEW + "/rows?limit=5", 200),
                    load(done, key, "GET", "/api/v1/views/trial_balance/rows?filter=tenant_id.eq.1", 200),
                    load(done, key, "POST", "/api/v1/mail/suppressions", 400));
            assertThat(script("deploy", Map.of())).contains("deployed: blue");
            assertThat(script("rollback", Map.of())).contains("rolled back to green");
            // A version that never gets ready: whatever it does, nothing changes.
            String bad = script(
                    "deploy", Map.of("MILLRACE_BLUE_CONFIG", broken().toString(), "MILLRACE_READY_SECONDS", "8"));
            assertThat(bad).contains("blue was not ready within 8 s", "green goes on, nothing has changed", "exit 1");
            assertThat(script("status", Map.of())).contains("green is active", "green is ready", "blue is not ready");
            simulator.close();
            done.set(true);
            for (Thread reader : readers) {
                reader.join();
            }
            assertThat(failures).isEmpty();
            assertThat(answered.get()).isGreaterThan(100);
            compare(followed.getFirst(), key);
        }
        assertThat(again.get()).as("all rows were sent").isEqualTo(1);
        rollBackByItself(key);
    }

    /** A version that says it is well and serves faults. */
    private void rollBackByItself(String key) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread load = load(done, key, "GET", "/api/v1/views/" + VIEW + "/rows?limit=5", 200);
        String faulty = script(
                "deploy",
                Map.of("MILLRACE_COMMAND", String.join(" ", SelfProcess.command("-Xmx64m", FaultyGateway.class))));
        int before = answered.get();
        await().until(() -> answered.get() > before + 10);
        done.set(true);
        load.join();
        assertThat(faulty)
                .contains(
                        "requests go to blue",
                        "with a fault of its own",
                        "requests go to green",
                        "green goes on",
                        "exit 1");
    }

    private void compare(LiveView view, String key) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            String end;
            try (Connection source = DriverManager.getConnection(
                            stack.postgres().jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                    Statement statement = source.createStatement();
                    ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
                row.next();
                end = row.getString(1);
            }
            view.await(end, Duration.ofSeconds(60));
            String export = get(http, key, "/api/v1/views/" + VIEW + "/export?at_least=" + end)
                    .body();
            assertThat(view.rows().values().stream().map(JsonNode::toString))
                    .containsExactlyInAnyOrderElementsOf(export.lines()
                            .map(line ->
                                    JsonMapper.builder().build().readTree(line).toString())
                            .toList());
        }
    }

    private HttpResponse<String> get(HttpClient http, String key, String path)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(url() + path))
                        .header("Authorization", "Bearer " + key)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private Thread load(AtomicBoolean done, String key, String method, String path, int expected) {
        return Thread.ofPlatform().start(() -> {
            try (HttpClient http =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
                while (!done.get()) {
                    try {
                        HttpResponse<String> response = http.send(
                                HttpRequest.newBuilder(URI.create(url() + path))
                                        .header("Authorization", "Bearer " + key)
                                        .timeout(Duration.ofSeconds(30))
                                        .method(method, HttpRequest.BodyPublishers.ofString("{\"a\": 1}"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
                        if (response.statusCode() == expected) {
                            answered.incrementAndGet();
                        } else {
                            failures.add(Instant.now() + " " + method + " " + path + ": " + response.statusCode() + " "
                                    + response.body().replace('\n', ' '));
                        }
                    } catch (IOException failed) {
                        failures.add(Instant.now() + " " + method + " " + path + ": " + failed);
                    }
                    LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                }
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private String key() {
        try (Access access =
                Access.ready(stack.postgres().jdbcUrl("analytics"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD)) {
            return access.keys()
                    .create(
                            "load",
                            EnumSet.of(Permission.VIEWS_READ, Permission.MAIL_DECIDE),
                            Tenants.ALL,
                            null,
                            Origin.commandLine("test"))
                    .text()
                    .reveal();
        }
    }

    private String url() {
        return "http://127.0.0.1:" + front;
    }

    /** Production's configuration, but for addresses. */
    private ChildProcess nginx() throws IOException {
        front = free();
        int blue = free();
        int green = free();
        Path folder = Files.createDirectories(directory.resolve("nginx"));
        Path state = Files.createDirectories(directory.resolve("state"));
        Files.copy(DEPLOY.resolve("nginx/proxy.conf"), folder.resolve("proxy.conf"));
        Files.writeString(
                folder.resolve("nginx.conf"),
                Files.readString(DEPLOY.resolve("nginx/nginx.conf"))
                        .replace("/tmp/", folder + "/")
                        .replace("/etc/nginx/state", state.toString())
                        .replace("worker_processes auto", "worker_processes 1"));
        Files.writeString(
                folder.resolve("upstreams.conf"),
                Files.readString(DEPLOY.resolve("nginx/upstreams.conf"))
                        .replace("172.30.0.11:8080", "127.0.0.1:" + blue)
                        .replace("172.30.0.12:8080", "127.0.0.1:" + green));
        Files.writeString(folder.resolve("listen.conf"), "listen 127.0.0.1:" + front + ";\n");
        config("blue", blue, EmbeddedPostgres.PASSWORD);
        config("green", green, EmbeddedPostgres.PASSWORD);
        for (Path readable = state;
                readable != null && !readable.equals(Path.of("/tmp"));
                readable = readable.getParent()) {
            // nginx's workers are somebody else, where this runs as root.
            assertThat(readable.toFile().setExecutable(true, false)).isTrue();
            assertThat(readable.toFile().setReadable(true, false)).isTrue();
        }
        return ChildProcess.start(
                "nginx",
                List.of(
                        NGINX.toString(),
                        "-p",
                        folder.toString(),
                        "-c",
                        folder.resolve("nginx.conf").toString(),
                        "-g",
                        "daemon off;"),
                Map.of(),
                "QUIT",
                folder.resolve("nginx.log"));
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Path config(String colour, int port, String password) throws IOException {
        return Files.writeString(directory.resolve(colour + ".yaml"), """
                roles: gateway
                catalog: %s
                data: %s
                http: {port: %d}
                kafka: {bootstrap-servers: "%s"}
                registry: {url: "%s"}
                analytics: {url: "%s", user: %s, password: %s}
                gateway: {requests-per-second: 10000}
                """.formatted(
                        Path.of("../catalog").toAbsolutePath(),
                        directory.resolve("data-" + colour),
                        port,
                        stack.kafka().bootstrapServers(),
                        stack.registry().url(),
                        stack.postgres().jdbcUrl("analytics"),
                        EmbeddedPostgres.USER,
                        password));
    }

    /** It reaches no database. */
    private Path broken() throws IOException {
        String config = Files.readString(directory.resolve("blue.yaml"));
        return Files.writeString(
                directory.resolve("broken.yaml"),
                config.replaceAll("jdbc:postgresql://[^/]*/", "jdbc:postgresql://127.0.0.1:1/"));
    }

    private String script(String operation, Map<String, String> more) throws Exception {
        return run(more, DEPLOY.resolve("blue-green.sh").toAbsolutePath().toString(), operation);
    }

    private void runner(String operation, String colour) throws Exception {
        run(Map.of(), DEPLOY.resolve("runner-process.sh").toAbsolutePath().toString(), operation, colour);
    }

    private String run(Map<String, String> more, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Path log = directory.resolve("script.log");
        builder.redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        environment.put(
                "MILLRACE_RUNNER",
                DEPLOY.resolve("runner-process.sh").toAbsolutePath().toString());
        environment.put("MILLRACE_STATE", directory.resolve("state").toString());
        environment.put(
                "MILLRACE_COMMAND",
                String.join(" ", SelfProcess.command("-Xmx512m", Millrace.class, "run", "--config")));
        environment.put("MILLRACE_WATCH_SECONDS", "3");
        for (String colour : List.of("blue", "green")) {
            Path config = directory.resolve(colour + ".yaml");
            environment.put("MILLRACE_" + colour.toUpperCase(Locale.ROOT) + "_CONFIG", config.toString());
            environment.put(
                    "MILLRACE_" + colour.toUpperCase(Locale.ROOT) + "_URL",
                    "http://127.0.0.1:" + Files.readString(config).replaceAll("(?s).*port: (\\d+).*", "$1"));
        }
        environment.putAll(more);
        Process process = builder.start();
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        String said = Files.readString(log) + "exit " + process.exitValue();
        return said;
    }
}
