package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.Change;
import io.millrace.client.LiveView;
import io.millrace.client.MillraceClient;
import io.millrace.client.Problem;
import io.millrace.client.ViewRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The clients that come with the hub, through connections that break off again and again. */
@SuppressWarnings("NullAway.Init")
class ClientsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path JAVASCRIPT = Path.of("../../clients/javascript/millrace-live.js");

    @TempDir
    static Path directory;

    static LiveStack stack;
    static GatewayServer server;
    static LiveViews views;

    @BeforeAll
    static void start() throws Exception {
        stack = new LiveStack(directory);
        server = stack.server;
        views = stack.views;
        views.publish(List.of(row(0, "0")), List.of());
        stack.awaitView();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    private static LiveViews.Row row(int i, String amount) {
        return new LiveViews.Row(i % 2, "k" + i % 20, amount);
    }

    private static void trade(Breaker breaker) throws Exception {
        for (int i = 0; i < 60; i++) {
            views.publish(List.of(row(i, String.valueOf(i)), row(i + 7, "1")), List.of(row(i + 3, "0")));
            if (i % 20 == 10) {
                breaker.breakOff();
                views.again();
            }
            // The tables come along, so that there are states to tell of.
            if (i % 4 == 0) {
                stack.awaitApplied();
            }
        }
    }

    @Test
    void clientForJava_hasTheRowsOfEachState_howeverOftenTheConnectionBreaksOff() throws Exception {
        Map<String, Map<String, String>> states = new ConcurrentHashMap<>();
        List<LiveView> followed = new CopyOnWriteArrayList<>();
        List<Change> changes = new CopyOnWriteArrayList<>();
        try (Breaker breaker = new Breaker(URI.create(server.url).getPort());
                MillraceClient client = MillraceClient.connect(URI.create(breaker.url()), server.key)) {
            followed.add(client.follow(ViewRequest.of("v"), change -> {
                changes.add(change);
                if (!followed.isEmpty()) {
                    states.put(change.lsn(), amounts(followed.getFirst()));
                }
            }));
            followed.getFirst().await("0/1", Duration.ofSeconds(30));
            trade(breaker);
            followed.getFirst().await(views.lsn(), Duration.ofSeconds(30));
            assertThat(amounts(followed.getFirst())).isEqualTo(views.state(views.lsn()));
        }
        assertThat(states).isNotEmpty();
        states.forEach((lsn, rows) -> assertThat(rows).as(lsn).isEqualTo(views.state(lsn)));
        assertThat(changes.getFirst().reset()).isTrue();
    }

    private static Map<String, String> amounts(LiveView view) {
        Map<String, String> amounts = new TreeMap<>();
        view.rows().forEach((key, row) -> amounts.put(key, row.path("amount").asString()));
        return amounts;
    }

    @Test
    void clientForJava_saysWhatIsWrong() throws Exception {
        try (MillraceClient client = MillraceClient.connect(URI.create(server.url), server.key)) {
            LiveView wrong = client.follow(ViewRequest.of("v").filter("amont.eq.1"), change -> {});
            assertThatThrownBy(() -> wrong.await("0/1", Duration.ofSeconds(30)))
                    .isInstanceOf(Problem.class)
                    .hasMessageContaining("did you mean 'amount'?");
            LiveView right = client.follow(
                    ViewRequest.of("v")
                            .columns("amount")
                            .filter("tenant_id.eq.1")
                            .every(Duration.ofMillis(10)),
                    change -> {});
            right.await(views.lsn(), Duration.ofSeconds(30));
            assertThatThrownBy(() -> right.await("FFFF/0", Duration.ofMillis(50)))
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining(views.lsn());
        }
        try (MillraceClient client = MillraceClient.connect(URI.create(server.url), "mr_nonsense")) {
            LiveView refused = client.follow(ViewRequest.of("v"), change -> {});
            assertThatThrownBy(() -> refused.await("0/1", Duration.ofSeconds(30)))
                    .isInstanceOf(Problem.class)
                    .hasMessageContaining("millrace keys create");
        }
    }

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void clientForJavaScript_hasTheRowsOfEachState_howeverOftenTheConnectionBreaksOff() throws Exception {
        Path node = Path.of("/usr/bin/node");
        Assumptions.assumeTrue(Files.isExecutable(node), "no Node.js here: the client for JavaScript is not tested");
        Map<String, Map<String, String>> states = new TreeMap<>();
        try (Breaker breaker = new Breaker(URI.create(server.url).getPort())) {
            Process process = new ProcessBuilder(
                            node.toString(),
                            "--experimental-websocket",
                            Path.of("src/test/resources/follow.mjs").toString(),
                            JAVASCRIPT.toString(),
                            breaker.url(),
                            server.key,
                            "v")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader lines = process.inputReader()) {
                // It follows before anything changes.
                take(lines, states, "");
                trade(breaker);
                take(lines, states, views.lsn());
            } finally {
                process.destroyForcibly();
            }
        }
        assertThat(states).hasSizeGreaterThan(1).containsKey(views.lsn());
        states.forEach((lsn, rows) -> assertThat(rows).as(lsn).isEqualTo(views.state(lsn)));
    }

    /** Reads states up to the one of a position, or the next one. */
    private static void take(BufferedReader lines, Map<String, Map<String, String>> states, String until)
            throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode state = JSON.readTree(line);
            if (state.has("problem")) {
                continue;
            }
            Map<String, String> rows = new TreeMap<>();
            state.path("rows")
                    .properties()
                    .forEach(row -> rows.put(row.getKey(), row.getValue().asString()));
            String lsn = state.path("lsn").asString();
            states.put(lsn, rows);
            if (until.isEmpty() || lsn.equals(until)) {
                return;
            }
        }
    }

    /** Passes bytes on, until it is told to break every connection off. */
    private static final class Breaker implements AutoCloseable {
        private final ServerSocket server;
        private final int target;
        private final List<Socket> open = new CopyOnWriteArrayList<>();

        Breaker(int target) throws IOException {
            this.target = target;
            server = new ServerSocket();
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Thread.ofVirtual().start(this::accept);
        }

        String url() {
            return "http://127.0.0.1:" + server.getLocalPort();
        }

        private void accept() {
            try {
                while (true) {
                    Socket from = server.accept();
                    Socket to = new Socket(InetAddress.getLoopbackAddress(), target);
                    open.add(from);
                    open.add(to);
                    Thread.ofVirtual().start(() -> pass(from, to));
                    Thread.ofVirtual().start(() -> pass(to, from));
                }
            } catch (IOException closed) {
                breakOff();
            }
        }

        private static void pass(Socket from, Socket to) {
            try {
                from.getInputStream().transferTo(to.getOutputStream());
                to.shutdownOutput();
            } catch (IOException broken) {
                close(from);
                close(to);
            }
        }

        void breakOff() {
            open.forEach(Breaker::close);
            open.clear();
        }

        private static void close(Socket socket) {
            try {
                socket.close();
            } catch (IOException gone) {
                throw new IllegalStateException(gone);
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
            breakOff();
        }
    }
}
