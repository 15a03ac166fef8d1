package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.millrace.embedded.EmbeddedPostgres;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Gateways that share a real Redis: what it has, loses, garbles and holds up changes no answer. */
@SuppressWarnings("NullAway.Init")
class RedisTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path SERVER = Path.of("/usr/bin/redis-server");
    private static final int PER_SECOND = 5;

    @TempDir
    static Path directory;

    static GatewayServer one;
    static GatewayServer two;

    /** On a copy of the database with the same epochs, which goes on otherwise. */
    static GatewayServer foreign;

    static int port;
    static @Nullable Process redis;

    @BeforeAll
    static void start() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(SERVER), "no Redis here: what gateways share is not tested");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        startRedis();
        String url = "redis://127.0.0.1:" + port;
        EmbeddedPostgres postgres = GatewayServer.prepared(directory);
        try (Connection connection = DriverManager.getConnection(
                        postgres.jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE copy TEMPLATE analytics");
        }
        one = new GatewayServer(postgres, "analytics", GatewayServer.REQUESTS_PER_SECOND, url);
        two = new GatewayServer(postgres, "analytics", GatewayServer.REQUESTS_PER_SECOND, url);
        foreign = new GatewayServer(postgres, "copy", GatewayServer.REQUESTS_PER_SECOND, url);
        for (GatewayServer server : List.of(one, foreign)) {
            server.define("stock", "g1", "id integer NOT NULL, n integer", "id");
        }
        for (GatewayServer server : List.of(one, two, foreign)) {
            await().until(() -> server.get("/api/v1/views/stock/rows").statusCode() == 200);
        }
    }

    @AfterAll
    static void stop() {
        if (redis != null) {
            redis.destroyForcibly();
            foreign.close();
            two.close();
            one.close();
        }
    }

    private static void startRedis() throws Exception {
        redis = new ProcessBuilder(
                        SERVER.toString(),
                        "--port",
                        String.valueOf(port),
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "",
                        "--dir",
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("redis.log").toFile())
                .start();
        await().until(() -> pages() >= 0);
    }

    private interface Work<T> {
        T with(StatefulRedisConnection<String, String> connection);
    }

    private static <T> T inRedis(Work<T> work) {
        try (RedisClient client = RedisClient.create("redis://127.0.0.1:" + port);
                StatefulRedisConnection<String, String> connection = client.connect()) {
            return work.with(connection);
        }
    }

    /** How many pages it has; -1 if it is away. */
    private static int pages() {
        try {
            return inRedis(
                    connection -> connection.sync().keys("millrace:page:*").size());
        } catch (RuntimeException away) {
            return -1;
        }
    }

    private static void signal(String signal) throws Exception {
        new ProcessBuilder(
                        "kill",
                        "-" + signal,
                        String.valueOf(java.util.Objects.requireNonNull(redis).pid()))
                .start()
                .waitFor();
    }

    @Test
    void pageThatOneGatewayRead_isTheOthersToo() throws Exception {
        one.apply("stock", "INSERT INTO analytics.stock VALUES (-1, 7)");
        await().until(() -> one.get("/api/v1/views/stock/rows?limit=7").body().contains("\"id\":-1"));
        await().until(() -> pages() > 0);
        // Its first page of this state is read by one gateway, and taken by the other.
        for (int limit = 8; limit < 12; limit++) {
            String page = "/api/v1/views/stock/rows?limit=" + limit;
            int kept = pages();
            String read = one.get(page).body();
            await().until(() -> pages() > kept);
            long hits = hits();
            assertThat(two.get(page).body()).isEqualTo(read);
            assertThat(hits()).isGreaterThan(hits);
        }
    }

    private static long hits() {
        return inRedis(connection ->
                Long.parseLong(connection.sync().info("stats").replaceFirst("(?s).*keyspace_hits:(\\d+).*", "$1")));
    }

    /** Each answer's rows are those that the table had at the answer's position. */
    @Test
    void whateverHappensToRedis_everyAnswerIsOfItsPosition() throws Exception {
        Random random = new Random(11);
        Map<String, Integer> sums = new HashMap<>();
        int sum = Integer.parseInt(
                one.query("SELECT coalesce(sum(n), 0) FROM analytics.stock").getFirst());
        one.apply("stock", "INSERT INTO analytics.stock VALUES (1, 0) ON CONFLICT DO NOTHING");
        int foreignSum = 0;
        for (int step = 0; step < 400; step++) {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> {
                    int more = random.nextInt(1_000);
                    sum += more;
                    sums.put(one.apply("stock", "UPDATE analytics.stock SET n = n + " + more + " WHERE id = 1"), sum);
                }
                case 3 -> {
                    int more = random.nextInt(1_000);
                    foreignSum += more;
                    foreign.apply("stock", "INSERT INTO analytics.stock VALUES (" + (1_000 + step) + ", " + more + ")");
                }
                case 4 -> happen(random.nextInt(20));
                default -> {
                    GatewayServer server = random.nextBoolean() ? one : two;
                    HttpResponse<String> answer =
                            server.get("/api/v1/views/stock/rows?columns=id,n&limit=" + (500 + random.nextInt(2)));
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                    String lsn = answer.headers().firstValue("Millrace-LSN").orElseThrow();
                    Integer expected = sums.get(lsn);
                    if (expected != null) {
                        assertThat(sum(answer)).as(lsn).isEqualTo(expected);
                    }
                    if (random.nextInt(4) == 0) {
                        int last = foreignSum;
                        await().until(() ->
                                sum(foreign.get("/api/v1/views/stock/rows?columns=id,n&limit=500")) == last);
                    }
                }
            }
        }
        assertThat(sums).hasSizeGreaterThan(50);
        signal("CONT");
        int last = sum;
        for (GatewayServer server : List.of(one, two)) {
            await().until(() -> sum(server.get("/api/v1/views/stock/rows?limit=500")) == last);
        }
    }

    private static int sum(HttpResponse<String> answer) {
        int sum = 0;
        for (JsonNode row : JSON.readTree(answer.body()).path("rows")) {
            sum += row.path("n").asInt();
        }
        return sum;
    }

    private static void happen(int what) throws Exception {
        switch (what) {
            case 0 -> {
                java.util.Objects.requireNonNull(redis).destroyForcibly().waitFor();
                startRedis();
            }
            case 1 -> signal("STOP");
            case 2 -> {
                signal("CONT");
                inRedis(connection -> connection.sync().flushall());
            }
            case 3, 4 -> {
                signal("CONT");
                inRedis(connection -> {
                    connection
                            .sync()
                            .keys("millrace:page:*")
                            .forEach(key -> connection.sync().set(key, "garbage"));
                    return 0;
                });
            }
            default -> signal("CONT");
        }
    }

    /** Each by itself would let twice as many through. */
    @Test
    void gateways_countTheRequestsOfAKeyTogether() throws Exception {
        signal("CONT");
        String url = "redis://127.0.0.1:" + port;
        GatewayServer third = new GatewayServer(one.postgres, "analytics", PER_SECOND, url);
        GatewayServer fourth = new GatewayServer(one.postgres, "analytics", PER_SECOND, url);
        String bearer = "Bearer " + third.key;
        await().until(() -> inRedis(connection -> {
                    try {
                        third.get("/api/v1/views", "Authorization", bearer);
                        return connection.sync().keys("millrace:limit:key *").size();
                    } catch (Exception failed) {
                        throw new IllegalStateException(failed);
                    }
                })
                > 0);
        await().pollDelay(Duration.ofSeconds(3))
                .until(() ->
                        fourth.get("/api/v1/views", "Authorization", bearer).statusCode() == 200);
        third.clock.hold();
        fourth.clock.hold();
        third.clock.pass(Duration.ofMinutes(1));
        fourth.clock.pass(Duration.ofMinutes(1));
        long begun = System.nanoTime();
        int accepted = 0;
        for (int i = 0; i < 2 * PER_SECOND; i++) {
            for (GatewayServer server : List.of(third, fourth)) {
                accepted += server.get("/api/v1/views", "Authorization", bearer).statusCode() == 200 ? 1 : 0;
            }
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        assertThat((double) accepted).isLessThanOrEqualTo(2 * PER_SECOND + PER_SECOND * seconds + 1);
        assertThat(accepted).isGreaterThan(PER_SECOND);
    }
}
