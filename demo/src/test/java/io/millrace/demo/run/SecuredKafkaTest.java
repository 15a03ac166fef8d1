package io.millrace.demo.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.hub.Millrace;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.YamlFile;
import io.millrace.hub.run.Hub;
import io.millrace.platform.data.DataDirectory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A Kafka that takes nobody without TLS and a password: every client of the hub and of its commands has kafka.properties. */
class SecuredKafkaTest {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final String PASSWORD = "broker-password";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private Path certificate() throws Exception {
        Path store = directory.resolve("broker.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "broker",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=127.0.0.1",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        return store;
    }

    private static Map<String, String> broker(int plain, int secured, int controller, Path store) {
        return Map.ofEntries(
                Map.entry("controller.quorum.voters", "1@127.0.0.1:" + controller),
                Map.entry(
                        "listeners",
                        "PLAINTEXT://127.0.0.1:" + plain + ",SECURED://127.0.0.1:" + secured
                                + ",CONTROLLER://127.0.0.1:" + controller),
                Map.entry("advertised.listeners", "PLAINTEXT://127.0.0.1:" + plain + ",SECURED://127.0.0.1:" + secured),
                Map.entry(
                        "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL"),
                Map.entry("inter.broker.listener.name", "PLAINTEXT"),
                Map.entry("listener.name.secured.sasl.enabled.mechanisms", "PLAIN"),
                Map.entry(
                        "listener.name.secured.plain.sasl.jaas.config",
                        "org.apache.kafka.common.security.plain.PlainLoginModule required user_millrace=\"" + PASSWORD
                                + "\";"),
                Map.entry("listener.name.secured.ssl.keystore.type", "PKCS12"),
                Map.entry("listener.name.secured.ssl.keystore.location", store.toString()),
                Map.entry("listener.name.secured.ssl.keystore.password", PASSWORD),
                Map.entry("listener.name.secured.ssl.key.password", PASSWORD));
    }

    private Path configuration(int secured, Path store) throws Exception {
        return Files.writeString(directory.resolve("millrace.yaml"), """
                catalog: %s
                data: %s
                http: {port: 0}
                kafka:
                  bootstrap-servers: 127.0.0.1:%d
                  properties:
                    security.protocol: SASL_SSL
                    sasl.mechanism: PLAIN
                    sasl.jaas.config: org.apache.kafka.common.security.plain.PlainLoginModule required username="millrace" password="%s";
                    ssl.truststore.type: PKCS12
                    ssl.truststore.location: %s
                    ssl.truststore.password: %s
                """.formatted(
                Path.of("../catalog").toAbsolutePath(), directory.resolve("hub"), secured, PASSWORD, store, PASSWORD));
    }

    private static String command(String... arguments) {
        StringWriter printed = new StringWriter();
        CommandLine millrace =
                Millrace.commandLine().setOut(new PrintWriter(printed, true)).setErr(new PrintWriter(printed, true));
        assertThat(millrace.execute(arguments))
                .as(() -> List.of(arguments) + printed.toString())
                .isZero();
        return printed.toString();
    }

    private static Connection connect(Map<String, Object> endpoints, String key) throws Exception {
        return DriverManager.getConnection(
                String.valueOf(endpoints.get(key)), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
    }

    @Test
    void everyRole_andEveryCommand_worksWithTlsAndSasl() throws Exception {
        int plain = freePort();
        int secured = freePort();
        Path store = certificate();
        try (EmbeddedKafka ignored = EmbeddedKafka.start(
                EmbeddedKafka.Place.BesideThisJvm.withThisClassPath(),
                directory.resolve("kafka"),
                plain,
                broker(plain, secured, freePort(), store))) {
            Path file = configuration(secured, store);
            HubConfig config = YamlFile.read(file, HubConfig.class);
            try (Hub hub = Hub.start(config)) {
                Map<String, Object> endpoints = DataDirectory.running(config.data());
                String lsn;
                try (Connection source = connect(endpoints, "source.url");
                        Statement statement = source.createStatement()) {
                    statement.execute(
                            "INSERT INTO customer SELECT tenant_id, 77, 'A customer', 'c@example.test', 'DE', 1000, 14, true,"
                                    + " now(), now(), 'x', 'x' FROM tenant");
                    try (ResultSet row = statement.executeQuery("SELECT pg_current_wal_lsn()")) {
                        row.next();
                        lsn = row.getString(1);
                    }
                }
                await().atMost(LIMIT).ignoreExceptions().until(() -> {
                    try (Connection analytics = connect(endpoints, "analytics.url");
                            Statement statement = analytics.createStatement()) {
                        return statement.execute("SELECT analytics.wait_for('" + lsn + "', '10 s')");
                    }
                });
                String at = file.toString();
                await().atMost(LIMIT)
                        .untilAsserted(() -> assertThat(command("lag", "--config", at))
                                .contains("stages are well")
                                .doesNotContain("no hub answers"));
                command("deadletters", "list", "--config", at);
                command("alerts", "list", "--config", at);
                command("audit", "verify", "--config", at);
                command("republish", "--all", "--config", at);
            }
        }
    }
}
