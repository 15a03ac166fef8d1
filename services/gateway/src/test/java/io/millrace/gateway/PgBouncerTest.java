package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Tenants;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A PgBouncer in transaction mode between gateway and database, with fewer connections than the gateway has. */
class PgBouncerTest {
    private static final Path PGBOUNCER = Path.of("/usr/sbin/pgbouncer");

    @TempDir
    static Path directory;

    private @Nullable Process pgbouncer;

    @Test
    void gateway_readsThroughAPoolInTransactionMode_withItsRightsTenantsAndOneState() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(PGBOUNCER), "no PgBouncer here: reads through it are not tested");
        try (GatewayServer server = new GatewayServer(
                        directory, KafkaServers.at("127.0.0.1:1"), new InMemorySchemaRegistry(), this::start);
                ExecutorService threads = Executors.newFixedThreadPool(6)) {
            server.define("stock", "g1", "tenant_id integer NOT NULL, id integer NOT NULL, n numeric", "tenant_id,id");
            server.apply("stock", "INSERT INTO analytics.stock SELECT i % 3, i, 1.50 FROM generate_series(1, 300) i");
            server.analytics().create();
            await().until(() -> server.get("/api/v1/views/stock").statusCode() == 200);
            String one = server.keys
                    .create("one", Set.of(Permission.VIEWS_READ), Tenants.of(List.of("1")), null, GatewayServer.BY)
                    .text()
                    .reveal();
            List<Future<?>> readers = java.util.stream.IntStream.range(0, 6)
                    .<Future<?>>mapToObj(reader -> threads.submit(() -> {
                        for (int i = 0; i < 60; i++) {
                            String key = reader % 2 == 0 ? server.key : one;
                            HttpResponse<String> response = server.get(
                                    "/api/v1/views/stock/rows?limit=1000&filter=id.le." + (300 + i),
                                    "Authorization",
                                    "Bearer " + key);
                            assertThat(response.statusCode())
                                    .as(response.body())
                                    .isEqualTo(200);
                            assertThat(response.body().split("\"1.50\"", -1)).hasSize(reader % 2 == 0 ? 301 : 101);
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> reader : readers) {
                reader.get();
            }
            assertThat(Integer.parseInt(server.query(
                                    "SELECT count(*)::text FROM pg_stat_activity WHERE application_name = 'millrace-gateway'")
                            .getFirst()))
                    .as(
                            "connections: two of the pool, and four at most of keys and sessions, which are looked up directly")
                    .isBetween(1, 6);
        } finally {
            if (pgbouncer != null) {
                pgbouncer.destroy();
            }
        }
    }

    /** Returns where the database is through the pool. */
    private String start(String jdbcUrl) {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = free.getLocalPort();
            free.close();
            URI database = URI.create(jdbcUrl.substring("jdbc:".length()));
            Path users = Files.writeString(
                    directory.resolve("users.txt"),
                    "\"" + EmbeddedPostgres.USER + "\" \"" + EmbeddedPostgres.PASSWORD + "\"\n");
            Path config = Files.writeString(directory.resolve("pgbouncer.ini"), """
                    [databases]
                    * = host=%s port=%d
                    [pgbouncer]
                    listen_addr = 127.0.0.1
                    listen_port = %d
                    unix_socket_dir =
                    auth_type = plain
                    auth_file = %s
                    pool_mode = transaction
                    default_pool_size = 2
                    ignore_startup_parameters = extra_float_digits
                    """.formatted(
                            database.getHost(), database.getPort(), port, users));
            for (Path file : List.of(directory, users, config)) {
                // As root it has to become somebody else, who reads these.
                assertThat(file.toFile().setReadable(true, false)).isTrue();
                assertThat(file.toFile().setExecutable(true, false)).isTrue();
            }
            pgbouncer = new ProcessBuilder(PGBOUNCER.toString(), "-q", "-u", "nobody", config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("pgbouncer.log").toFile())
                    .start();
            return "jdbc:postgresql://127.0.0.1:" + port + database.getPath() + "?prepareThreshold=0";
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
