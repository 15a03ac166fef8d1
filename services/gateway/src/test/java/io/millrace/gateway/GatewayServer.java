package io.millrace.gateway;

import io.github.bucket4j.TimeMeter;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.enrichment.ledger.Questions;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.operations.access.Access;
import io.millrace.operations.access.ApiKeys;
import io.millrace.operations.access.Origin;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Tenants;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.sink.AnalyticsDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.function.RouterFunction;

/** A gateway with a web server and a Postgres of its own, for tests. */
final class GatewayServer implements AutoCloseable {
    static final String SOURCE = "erp";
    static final int LANES = 2;

    /** The column that says whose a row is. */
    static final String TENANT = "tenant_id";

    static final String PASSWORD = "correct horse battery stapler";

    static final Origin BY = Origin.commandLine("test");

    static final int REQUESTS_PER_SECOND = 10_000;

    final EmbeddedPostgres postgres;
    private final String database;
    final Gateway gateway;
    final Access access;
    final ApiKeys keys;
    final String url;
    final String key;
    private final ConfigurableApplicationContext context;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private long epoch;
    final Clock clock = new Clock();
    volatile @Nullable Object lag;

    GatewayServer(Path directory) throws SQLException {
        this(directory, KafkaServers.at("127.0.0.1:1"), new InMemorySchemaRegistry());
    }

    GatewayServer(Path directory, KafkaServers kafkaServers, SchemaRegistry registry) throws SQLException {
        this(directory, kafkaServers, registry, url -> url);
    }

    /** @param readUrl where the gateway reads, by the database's own address */
    GatewayServer(Path directory, KafkaServers kafkaServers, SchemaRegistry registry, UnaryOperator<String> readUrl)
            throws SQLException {
        this(prepared(directory), "analytics", kafkaServers, registry, readUrl, REQUESTS_PER_SECOND, null);
    }

    /** With schema {@code analytics}, as the sink makes it. */
    static EmbeddedPostgres prepared(Path directory) throws SQLException {
        EmbeddedPostgres fresh = EmbeddedPostgres.start(directory.resolve("postgres"), 0, Map.of("fsync", "off"));
        String analytics = fresh.jdbcUrl("analytics");
        new AnalyticsDatabase(analytics, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD, "", TENANT).create();
        try (Connection connection =
                        DriverManager.getConnection(analytics, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO analytics.position VALUES ('erp', 0, '0/0', 'epoch', now(), '{0}')");
        }
        return fresh;
    }

    /** A gateway on a database of this server; closing it closes the server, too. */
    GatewayServer(EmbeddedPostgres postgres, String database, int requestsPerSecond, @Nullable String redisUrl)
            throws SQLException {
        this(
                postgres,
                database,
                KafkaServers.at("127.0.0.1:1"),
                new InMemorySchemaRegistry(),
                url -> url,
                requestsPerSecond,
                redisUrl);
    }

    private GatewayServer(
            EmbeddedPostgres postgres,
            String database,
            KafkaServers kafkaServers,
            SchemaRegistry registry,
            UnaryOperator<String> readUrl,
            int requestsPerSecond,
            @Nullable String redisUrl)
            throws SQLException {
        this.postgres = postgres;
        this.database = database;
        gateway = Gateway.start(
                new Gateway.Settings(
                        jdbcUrl(),
                        readUrl.apply(jdbcUrl()),
                        EmbeddedPostgres.USER,
                        EmbeddedPostgres.PASSWORD,
                        SOURCE,
                        LANES,
                        TENANT,
                        Duration.ofSeconds(3),
                        requestsPerSecond,
                        REQUESTS_PER_SECOND,
                        redisUrl,
                        kafkaServers,
                        registry),
                () -> Optional.ofNullable(lag),
                clock);
        access = Access.ready(jdbcUrl(), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        keys = access.keys();
        key = key("test", EnumSet.allOf(Permission.class)).text().reveal();
        context = new SpringApplicationBuilder(Configuration.class)
                .web(WebApplicationType.SERVLET)
                .registerShutdownHook(false)
                .properties(
                        Map.of("server.port", 0, "server.address", "127.0.0.1", "spring.threads.virtual.enabled", true))
                .initializers(fresh -> register((GenericApplicationContext) fresh))
                .run();
        int port = Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer())
                .getPort();
        url = "http://127.0.0.1:" + port;
    }

    private void register(GenericApplicationContext fresh) {
        fresh.registerBean(WebSecurity.class);
        fresh.registerBean("gatewayRoutes", RouterFunction.class, gateway::routes);
        fresh.registerBean("gatewaySockets", HandlerMapping.class, gateway::sockets);
        fresh.registerBean(Gateway.class, () -> gateway, definition -> definition.setDestroyMethodName(""));
    }

    /** A key for all tenants, which does not expire. */
    ApiKeys.Created key(String name, Set<Permission> permissions) {
        return keys.create(name, permissions, Tenants.ALL, null, BY);
    }

    /** A person with a second factor who is signed in, as the header {@code Cookie} has it. */
    String signIn(String user, String role) throws IOException, InterruptedException {
        String link = access.users()
                .create(user, null, List.of(role), Tenants.ALL, BY)
                .text()
                .reveal();
        HttpResponse<String> welcome =
                anonymously("/api/v1/welcomes", "{\"link\": \"" + link + "\", \"password\": \"" + PASSWORD + "\"}");
        if (welcome.statusCode() != 200) {
            throw new IllegalStateException(welcome.body());
        }
        return cookie(welcome);
    }

    static String cookie(HttpResponse<String> response) {
        return response.headers().firstValue("Set-Cookie").orElseThrow().replaceFirst(";.*", "");
    }

    /** Without a key. */
    HttpResponse<String> anonymously(String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(40))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** As hubs with roles notifications and enrichment make them. */
    void prepareLedgers() {
        try (Ledger mails = new Ledger(jdbcUrl(), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD, "test");
                Questions questions =
                        new Questions(jdbcUrl(), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD, "test")) {
            mails.prepare();
            questions.prepare();
        }
    }

    /** As the sink reaches it. */
    AnalyticsDatabase analytics() {
        return new AnalyticsDatabase(jdbcUrl(), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD, "", TENANT);
    }

    private String jdbcUrl() {
        return postgres.jdbcUrl(database);
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
    }

    void sql(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String each : statements) {
                statement.execute(each);
            }
            connection.commit();
        }
    }

    List<String> query(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(String.valueOf(rows.getString(1)));
            }
            return found;
        }
    }

    /** As the sink does it: rows, the position and what changed in one transaction. Returns the position. */
    String apply(String view, String... statements) throws SQLException {
        long next = ++epoch;
        String lsn = "0/" + Long.toHexString(next * 256).toUpperCase(java.util.Locale.ROOT);
        List<String> all = new ArrayList<>(List.of(statements));
        all.add("UPDATE analytics.position SET epoch = " + next + ", lsn = '" + lsn
                + "', committed_at = now(), applied_at = now()");
        all.add("INSERT INTO analytics.view_change SELECT view, 'erp', " + next + ", '" + lsn
                + "' FROM analytics.view WHERE view = '" + view
                + "' ON CONFLICT (view) DO UPDATE SET epoch = EXCLUDED.epoch, lsn = EXCLUDED.lsn");
        sql(all.toArray(String[]::new));
        return lsn;
    }

    /** @param key its columns, with commas between */
    String define(String view, String generation, String columns, String key) throws SQLException {
        return apply(
                view,
                "DROP TABLE IF EXISTS analytics." + view,
                "CREATE TABLE analytics." + view + " (" + columns + ", UNIQUE NULLS NOT DISTINCT (" + key + "))",
                "GRANT SELECT ON analytics." + view + " TO analyst",
                "INSERT INTO analytics.view (view, generation, description, sql, key) VALUES ('" + view + "', '"
                        + generation
                        + "', 'a test''s', 'SELECT', string_to_array('" + key
                        + "', ',')) ON CONFLICT (view) DO UPDATE SET generation = EXCLUDED.generation");
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return get(path, "Authorization", "Bearer " + key);
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return send("GET", path, headers);
    }

    HttpResponse<String> send(String method, String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(40))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .timeout(Duration.ofSeconds(40))
                        .header("Authorization", "Bearer " + key)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        context.close();
        gateway.close();
        access.close();
        client.close();
        postgres.close();
    }

    /** By which requests are counted. It goes on, unless a test holds it. */
    static final class Clock implements TimeMeter {
        private volatile long held;
        private final AtomicLong ahead = new AtomicLong();

        void pass(Duration time) {
            ahead.addAndGet(time.toNanos());
        }

        void hold() {
            held = System.nanoTime();
        }

        void goOn() {
            held = 0;
        }

        @Override
        public long currentTimeNanos() {
            long at = held;
            return (at == 0 ? System.nanoTime() : at) + ahead.get();
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    }

    @EnableAutoConfiguration(exclude = UserDetailsServiceAutoConfiguration.class)
    static class Configuration {}
}
