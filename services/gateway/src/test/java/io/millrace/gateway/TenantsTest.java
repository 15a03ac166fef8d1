package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Tenants;
import io.millrace.platform.failure.MillraceException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A key of tenant 1 sees nothing of tenant 0, whose rows all have the word SECRET in them. */
@SuppressWarnings("NullAway.Init")
class TenantsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String SECRET = "SECRET";
    private static final String THEIR_ALERT = "00000000-0000-0000-0000-000000000010";
    private static final String OWN_ALERT = "00000000-0000-0000-0000-000000000011";

    @TempDir
    static Path directory;

    static LiveStack stack;
    static GatewayServer server;
    static LiveViews views;
    static String limited;

    @BeforeAll
    static void start() throws Exception {
        stack = new LiveStack(directory);
        server = stack.server;
        views = stack.views;
        server.prepareLedgers();
        publish(new Random(1), 30);
        stack.awaitView();
        server.sql(
                "CREATE TABLE analytics.of_nobody (id integer PRIMARY KEY, note text)",
                "INSERT INTO analytics.of_nobody VALUES (1, '" + SECRET + "')",
                "GRANT SELECT ON analytics.of_nobody TO analyst",
                "INSERT INTO analytics.view (view, generation, description, sql, key) VALUES ('of_nobody', 'g1', '', 'SELECT', '{id}')",
                "INSERT INTO analytics.report VALUES ('totals', 'a report', '', NULL)",
                "CREATE VIEW analytics.totals AS SELECT * FROM analytics.v",
                "GRANT SELECT ON analytics.totals TO analyst",
                alert(THEIR_ALERT, "{\"tenant_id\": \"0\", \"note\": \"" + SECRET + "\"}"),
                alert(OWN_ALERT, "{\"tenant_id\": \"1\", \"note\": \"fine\"}"),
                "INSERT INTO analytics.alert_event SELECT id, version, last_event, at, \"by\", reason, state, severity, title, evidence FROM analytics.alert");
        server.analytics().create();
        limited = key(Tenants.of(List.of("1")));
        await().until(() -> server.get("/api/v1/views/totals").statusCode() == 200);
    }

    private static String alert(String id, String evidence) {
        return "INSERT INTO analytics.alert SELECT '" + id
                + "', 1, 'erp', 0, 'credit_limit', 'high', 'finance', 'a title', 'a remedy', 'open', true, 'opened', now(), NULL, NULL,"
                + " 1, '0/1', 7, now(), NULL, NULL, '{}', '" + evidence + "'";
    }

    private static String key(Tenants tenants) {
        Set<Permission> permissions = EnumSet.allOf(Permission.class).stream()
                .filter(Permission::isOfTenants)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Permission.class)));
        return server.keys
                .create("limited", permissions, tenants, null, GatewayServer.BY)
                .text()
                .reveal();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    private static void publish(Random random, int rows) throws Exception {
        List<LiveViews.Row> put = random.ints(rows, 0, 40)
                .mapToObj(i -> new LiveViews.Row(i % 2, (i % 2 == 0 ? SECRET : "own") + i, random.nextInt(100) + ".5"))
                .toList();
        List<LiveViews.Row> gone = random.ints(rows / 3, 0, 40)
                .mapToObj(i -> new LiveViews.Row(i % 2, (i % 2 == 0 ? SECRET : "own") + i, "0"))
                .toList();
        views.publish(put, gone);
    }

    private static Map<String, String> own(Map<String, String> rows) {
        Map<String, String> own = new TreeMap<>(rows);
        own.keySet().removeIf(row -> !row.startsWith("1,"));
        return own;
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return server.get(path, "Authorization", "Bearer " + limited);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/rows?limit=1000&count=exact",
                "/rows?limit=1000&count=estimate",
                "/rows?limit=1000&filter=tenant_id.ge.0",
                "/rows?limit=1000&filter=code.like.%25",
                "/rows?limit=1000&order=amount.desc",
                "/export",
                "/export?format=csv&order=code.desc"
            })
    void rowsOfOthers_areInNoAnswer(String path) throws Exception {
        String atLeast = (path.contains("?") ? "&" : "?") + "at_least=" + views.lsn();
        // What is kept for others is not theirs.
        HttpResponse<String> all = server.get("/api/v1/views/v" + path + atLeast);
        assertThat(all.body()).contains(SECRET);
        HttpResponse<String> response = get("/api/v1/views/v" + path + atLeast);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).doesNotContain(SECRET).contains("own");
        assertThat(response.headers().firstValue("ETag").orElse("a"))
                .isNotEqualTo(all.headers().firstValue("ETag").orElse("b"));
        if (path.contains("exact")) {
            JsonNode page = JSON.readTree(response.body());
            assertThat(page.path("count").asInt())
                    .isEqualTo(page.path("rows").size())
                    .isEqualTo(own(views.state(views.lsn())).size());
        }
        assertThat(server.get("/api/v1/views/v" + path + atLeast).body()).contains(SECRET);
    }

    @Test
    void rowOfAnother_isNotThere() throws Exception {
        String theirs = views.state(views.lsn()).keySet().stream()
                .filter(row -> row.startsWith("0,"))
                .findFirst()
                .orElseThrow();
        assertThat(server.get("/api/v1/views/v/row?key=" + theirs).statusCode()).isEqualTo(200);
        assertThat(get("/api/v1/views/v/row?key=" + theirs).statusCode()).isEqualTo(404);
    }

    @Test
    void whatIsOfNoTenant_isRefused_andNotListed() throws Exception {
        for (String name : List.of("of_nobody", "totals")) {
            for (String path : List.of("", "/rows", "/export", "/schema")) {
                HttpResponse<String> refused = get("/api/v1/views/" + name + path);
                assertThat(refused.statusCode()).as(name + path).isEqualTo(403);
                assertThat(refused.body()).contains("keys of all tenants");
            }
        }
        assertThat(JSON.readTree(get("/api/v1/views").body()).path("views").findValuesAsString("kind"))
                .containsExactly("view");
    }

    @Test
    void alertsOfOthers_areNotThere() throws Exception {
        JsonNode alerts = JSON.readTree(get("/api/v1/alerts").body()).path("alerts");
        assertThat(alerts).hasSize(1);
        assertThat(alerts.path(0).path("id").asString()).isEqualTo(OWN_ALERT);
        assertThat(get("/api/v1/alerts/" + THEIR_ALERT).statusCode()).isEqualTo(404);
        assertThat(get("/api/v1/alerts/" + OWN_ALERT).body()).contains("\"events\":[{");
        assertThat(JSON.readTree(server.get("/api/v1/alerts").body()).path("alerts"))
                .hasSize(2);
    }

    /** Goes by the document: whatever operation is added comes under this test. */
    @Test
    void everyOperation_tellsNothingOfOthers() throws Exception {
        JsonNode paths =
                JSON.readTree(server.get("/api/v1/openapi.json").body()).path("paths");
        int answered = 0;
        for (Map.Entry<String, JsonNode> path : paths.properties()) {
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                server.clock.pass(java.time.Duration.ofSeconds(1));
                String permission = operation.getValue().at("/security/0/key/0").asString("");
                for (String view : List.of("v", "of_nobody", "totals")) {
                    String concrete = path.getKey()
                            .replace("{view}", view)
                            .replace("{id}", THEIR_ALERT)
                            .replace("{letter}", "letter")
                            .replace("{mail}", "mail-00001")
                            .replace("{user}", "anna")
                            .replace("{key}", "0123456789ab")
                            .replace("{version}", "0123456789ab")
                            .replace("{flag}", "gateway-read-only");
                    concrete += concrete.endsWith("/row") ? "?key=0," + SECRET + "0" : "";
                    HttpResponse<String> response = server.send(
                            operation.getKey().toUpperCase(java.util.Locale.ROOT),
                            concrete,
                            "Authorization",
                            "Bearer " + limited);
                    assertThat(response.body().replace("key=0," + SECRET, "").replace("no row 0," + SECRET, ""))
                            .as(concrete)
                            .doesNotContain(SECRET);
                    if (!permission.isEmpty() && !Permission.of(permission).isOfTenants()) {
                        assertThat(response.statusCode()).as(concrete).isEqualTo(403);
                    }
                    answered += response.statusCode() == 200 ? 1 : 0;
                }
            }
        }
        assertThat(answered).isGreaterThan(5);
    }

    @Test
    void keyOfATenant_hasNoPermissionForWhatIsOfNone() {
        assertThatThrownBy(() -> server.keys.create(
                        "wrong", Set.of(Permission.AUDIT_READ), Tenants.of(List.of("1")), null, GatewayServer.BY))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("audit:read cannot be limited");
        for (String wrong : List.of("*", "", "a,b", " ")) {
            assertThatThrownBy(() -> Tenants.of(List.of(wrong))).as(wrong).isInstanceOf(MillraceException.class);
        }
    }

    @Test
    void follower_isToldOfOwnRowsOnly_andOfEachStateOfThem() throws Exception {
        Random random = new Random(5);
        try (RawClient client = new RawClient(server.url, limited)) {
            String subscribe = "{\"type\": \"subscribe\", \"id\": \"%s\", \"to\": \"%s\", \"view\": \"%s\"}";
            client.send(subscribe.formatted("own", "view", "v"));
            client.send("{\"type\": \"subscribe\", \"id\": \"alerts\", \"to\": \"alerts\"}");
            client.send(subscribe.formatted("nobody", "view", "of_nobody"));
            client.send("{\"type\": \"subscribe\", \"id\": \"lag\", \"to\": \"lag\"}");
            Follower follower = new Follower("own");
            for (int i = 0; i < 40; i++) {
                publish(random, 6);
                if (i == 20) {
                    views.again();
                }
                if (i % 5 == 0) {
                    await().until(() -> {
                        follower.take(client);
                        return views.lsn().equals(follower.lsn);
                    });
                }
            }
            await().until(() -> {
                follower.take(client);
                return views.lsn().equals(follower.lsn);
            });
            follower.states.forEach((lsn, rows) -> assertThat(rows).as(lsn).isEqualTo(own(views.state(lsn))));
            await().until(() -> client.messages.toString().contains(OWN_ALERT));
            assertThat(client.messages.toString())
                    .doesNotContain(SECRET)
                    .doesNotContain(THEIR_ALERT)
                    .contains("for keys of all tenants", "pipeline:read");
        }
    }

    /** Whatever the gateway forgets: the database itself has the rule. */
    @Test
    void database_limitsTheGatewaysRole_andNobodyElse() throws Exception {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            long all = rows(statement, "RESET ROLE");
            assertThat(all).isPositive();
            assertThat(rows(statement, "SET ROLE analyst")).isEqualTo(all);
            assertThat(rows(statement, "SET ROLE gateway")).isZero();
            assertThat(rows(statement, "SET millrace.tenants TO '*'")).isEqualTo(all);
            assertThat(rows(statement, "SET millrace.tenants TO '0,1'")).isEqualTo(all);
            assertThat(rows(statement, "SET millrace.tenants TO '1'")).isBetween(1L, all - 1);
            assertThat(rows(statement, "SET millrace.tenants TO '7'")).isZero();
            assertThat(rows(statement, "SET millrace.tenants TO ''")).isZero();
        }
    }

    private static long rows(Statement statement, String first) throws Exception {
        statement.execute(first);
        try (ResultSet row = statement.executeQuery("SELECT count(*) FROM analytics.v")) {
            row.next();
            return row.getLong(1);
        }
    }
}
