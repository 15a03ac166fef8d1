package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.eatthepath.otp.TimeBasedOneTimePasswordGenerator;
import io.millrace.operations.access.ApiKeys;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Tenants;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.crypto.spec.SecretKeySpec;
import org.apache.commons.codec.binary.Base32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** People at the door: how they come in, what they may do, and how they go. */
@SuppressWarnings("NullAway.Init")
class AccountTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String OTHER = "quiet river paints seven ladders";

    @TempDir
    static Path directory;

    static GatewayServer server;
    private static int users;

    @BeforeAll
    static void start() throws Exception {
        server = new GatewayServer(directory);
        server.define("stock", "g1", "id integer NOT NULL", "id");
        await().until(() -> server.get("/api/v1/views/stock").statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Each test is an address that has not tried anything yet. */
    @BeforeEach
    void passTime() {
        server.clock.pass(Duration.ofMinutes(5));
    }

    private static String someone() {
        return "user" + ++users;
    }

    /** A page with a session. */
    private record Page(String cookie, String csrf) {
        static Page of(String cookie) throws Exception {
            return new Page(
                    cookie,
                    json(server.get("/api/v1/session", "Cookie", cookie))
                            .path("csrf")
                            .asString());
        }

        HttpResponse<String> get(String path) throws Exception {
            return server.get(path, "Cookie", cookie);
        }

        HttpResponse<String> post(String path, String body) throws Exception {
            return server.anonymously(path, body, "Cookie", cookie, "X-CSRF-Token", csrf);
        }

        JsonNode session() throws Exception {
            return json(get("/api/v1/session"));
        }
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JSON.readTree(response.body());
    }

    private static HttpResponse<String> signIn(String user, String password, String more) throws Exception {
        return server.anonymously(
                "/api/v1/sign-ins", "{\"user\": \"" + user + "\", \"password\": \"" + password + "\"" + more + "}");
    }

    private static String link(String user, String role) {
        return server.access
                .users()
                .create(user, user + "@example.test", List.of(role), Tenants.ALL, GatewayServer.BY)
                .text()
                .reveal();
    }

    private static HttpResponse<String> welcome(String link, String password) throws Exception {
        return server.anonymously(
                "/api/v1/welcomes", "{\"link\": \"" + link + "\", \"password\": \"" + password + "\"}");
    }

    /** As an authenticator app does it. */
    private static String code(String secret, Instant at) throws Exception {
        TimeBasedOneTimePasswordGenerator app = new TimeBasedOneTimePasswordGenerator();
        return app.generateOneTimePasswordString(
                new SecretKeySpec(new Base32().decode(secret), app.getAlgorithm()), at);
    }

    private static String secondFactor(Page page) throws Exception {
        HttpResponse<String> begun =
                page.post("/api/v1/session/second-factor", "{\"password\": \"" + GatewayServer.PASSWORD + "\"}");
        assertThat(begun.statusCode()).as(begun.body()).isEqualTo(200);
        String secret = json(begun).path("secret").asString();
        assertThat(json(begun).path("link").asString())
                .startsWith("otpauth://totp/Millrace:")
                .contains(secret);
        HttpResponse<String> confirmed = page.post(
                "/api/v1/session/second-factor/confirmation", "{\"code\": \"" + code(secret, Instant.now()) + "\"}");
        assertThat(confirmed.statusCode()).as(confirmed.body()).isEqualTo(200);
        return secret;
    }

    @Test
    void linkSetsAPasswordOnce_andOpensASession() throws Exception {
        String user = someone();
        String link = link(user, "analyst");
        assertThat(signIn(user, GatewayServer.PASSWORD, "").statusCode()).isEqualTo(401);
        HttpResponse<String> welcome = welcome(link, GatewayServer.PASSWORD);
        assertThat(welcome.statusCode()).as(welcome.body()).isEqualTo(200);
        assertThat(welcome.headers().firstValue("Set-Cookie").orElseThrow())
                .startsWith("__Host-millrace=ms_")
                .contains("; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict")
                .doesNotContain("Domain");
        assertThat(welcome.headers().firstValue("Cache-Control").orElseThrow()).contains("no-store");
        assertThat(welcome(link, OTHER).body()).contains("bad-link");
        assertThat(signIn(user, GatewayServer.PASSWORD, "").statusCode()).isEqualTo(200);

        Page page = Page.of(GatewayServer.cookie(welcome));
        assertThat(page.get("/api/v1/views/stock/rows").statusCode()).isEqualTo(200);
        assertThat(page.get("/api/v1/audit/records").statusCode()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "short",
                "password1234",
                "aaaaaaaaaaaaaaaa",
                "qwertyuiop123",
                "millracemillrace",
                "123456789012",
                "Password123!",
            })
    void passwordThatIsEasyToGuess_isRefused_andTheLinkStays(String password) throws Exception {
        String user = someone();
        String link = link(user, "analyst");
        HttpResponse<String> refused = welcome(link, password);
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
        assertThat(json(refused).path("remedy").asString()).contains("four words");
        assertThat(welcome(link, GatewayServer.PASSWORD).statusCode()).isEqualTo(200);
    }

    @Test
    void whoActs_needsASecondFactor() throws Exception {
        Page page = Page.of(server.signIn(someone(), "operator"));
        assertThat(page.session().path("withheld").toString()).contains("mail:decide");
        String suppress = "{\"recipient\": \"a@example.test\", \"reason\": \"asked\"}";
        HttpResponse<String> refused = page.post("/api/v1/mail/suppressions", suppress);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(json(refused).path("remedy").asString()).contains("/account");

        Instant before = Instant.now();
        String secret = secondFactor(page);
        assertThat(page.session().path("withheld")).isEmpty();
        // There is no ledger of mails here; who asks may.
        assertThat(page.post("/api/v1/mail/suppressions", suppress).statusCode())
                .isEqualTo(503);

        String user = page.session().path("user").path("user").asString();
        assertThat(signIn(user, GatewayServer.PASSWORD, "").body()).contains("code-needed");
        assertThat(signIn(user, GatewayServer.PASSWORD, ", \"code\": \"000000\"")
                        .body())
                .contains("bad-sign-in");
        // The code that confirmed it was used.
        assertThat(signIn(user, GatewayServer.PASSWORD, ", \"code\": \"" + code(secret, before) + "\"")
                        .body())
                .contains("bad-sign-in");
        HttpResponse<String> in = signIn(
                user,
                GatewayServer.PASSWORD,
                ", \"code\": \"" + code(secret, Instant.now().plusSeconds(30)) + "\"");
        assertThat(in.statusCode()).as(in.body()).isEqualTo(200);
        assertThat(Page.of(GatewayServer.cookie(in)).session().path("withheld")).isEmpty();
    }

    @Test
    void guessing_isSlowedDown_alsoForTheRightPassword_andManyAtOnce() throws Exception {
        String user = someone();
        server.signIn(user, "analyst");
        List<Future<HttpResponse<String>>> attempts = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 9; i++) {
                attempts.add(threads.submit(() -> signIn(user, "wrong", "")));
            }
        }
        int evaluated = 0;
        for (Future<HttpResponse<String>> attempt : attempts) {
            evaluated += attempt.get().statusCode() == 401 ? 1 : 0;
        }
        assertThat(evaluated).isEqualTo(5);
        server.clock.pass(Duration.ofMinutes(1));
        HttpResponse<String> blocked = signIn(user, GatewayServer.PASSWORD, "");
        assertThat(blocked.statusCode()).isEqualTo(429);
        assertThat(Integer.parseInt(blocked.headers().firstValue("Retry-After").orElseThrow()))
                .isBetween(1, 15);
        server.sql("UPDATE access.person SET blocked_until = now() WHERE name = '" + user + "'");
        assertThat(signIn(user, "wrong", "").statusCode()).isEqualTo(401);
        assertThat(Integer.parseInt(signIn(user, "wrong", "")
                        .headers()
                        .firstValue("Retry-After")
                        .orElseThrow()))
                .isBetween(15, 30);
        server.sql("UPDATE access.person SET blocked_until = now() WHERE name = '" + user + "'");
        assertThat(signIn(user, GatewayServer.PASSWORD, "").statusCode()).isEqualTo(200);
        assertThat(signIn(user, "wrong", "").statusCode()).isEqualTo(401);
    }

    @Test
    void address_triesTenTimesAMinute() throws Exception {
        for (int i = 0; i < 10; i++) {
            assertThat(signIn("nobody" + i, "wrong", "").statusCode()).isEqualTo(401);
            server.clock.pass(Duration.ofMillis(200));
        }
        HttpResponse<String> refused = signIn("nobody", "wrong", "");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "Sec-Fetch-Site,cross-site",
        "Sec-Fetch-Site,same-site",
        "Origin,https://evil.example",
        "Origin,null",
        "X-CSRF-Token,wrong",
        "X-Other,x",
    })
    void foreignPage_cannotUseASession(String header, String value) throws Exception {
        Page page = Page.of(server.signIn(someone(), "analyst"));
        String body = "{\"session\": \"others\"}";
        List<String> headers = new ArrayList<>(List.of("Cookie", page.cookie, header, value));
        if (!header.startsWith("X-")) {
            headers.addAll(List.of("X-CSRF-Token", page.csrf));
        }
        HttpResponse<String> refused = server.anonymously("/api/v1/session/ends", body, headers.toArray(String[]::new));
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
        assertThat(refused.body()).contains("foreign-page");
        assertThat(page.post("/api/v1/session/ends", body).statusCode()).isEqualTo(200);
        assertThat(server.anonymously(
                                "/api/v1/session/ends",
                                body,
                                "Cookie",
                                page.cookie,
                                "X-CSRF-Token",
                                page.csrf,
                                "Origin",
                                server.url,
                                "Sec-Fetch-Site",
                                "same-origin")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void foreignPage_cannotSignAnybodyIn() throws Exception {
        String user = someone();
        server.signIn(user, "analyst");
        HttpResponse<String> refused = server.anonymously(
                "/api/v1/sign-ins",
                "{\"user\": \"" + user + "\", \"password\": \"" + GatewayServer.PASSWORD + "\"}",
                "Sec-Fetch-Site",
                "cross-site");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.headers().firstValue("Set-Cookie")).isEmpty();
    }

    @Test
    void sessionThatEnds_isRefusedWithinSeconds_everywhere() throws Exception {
        String user = someone();
        Page first = Page.of(server.signIn(user, "analyst"));
        Page second = Page.of(GatewayServer.cookie(signIn(user, GatewayServer.PASSWORD, "")));
        Page third = Page.of(GatewayServer.cookie(signIn(user, GatewayServer.PASSWORD, "")));
        assertThat(json(first.get("/api/v1/session/devices")).path("sessions")).hasSize(3);
        String id = third.session().path("session").path("session").asString();
        assertThat(first.post("/api/v1/session/ends", "{\"session\": \"" + id + "\"}")
                        .statusCode())
                .isEqualTo(200);
        await().until(() -> third.get("/api/v1/session").statusCode() == 401);
        assertThat(second.get("/api/v1/session").statusCode()).isEqualTo(200);

        // As another gateway, or the command line, does it.
        server.access.sessions().endAll(user, null, GatewayServer.BY);
        await().until(() -> second.get("/api/v1/session").statusCode() == 401);
        await().until(() -> first.get("/api/v1/views").statusCode() == 401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE access.session SET last_seen_at = now() - interval '31 minutes' WHERE person = '%s'",
                "UPDATE access.session SET expires_at = now() WHERE person = '%s'",
                "UPDATE access.person SET disabled_at = now() WHERE name = '%s'",
                "DELETE FROM access.person WHERE name = '%s'",
            })
    void sessionThatIsOver_isNobody(String over) throws Exception {
        String user = someone();
        Page page = Page.of(server.signIn(user, "analyst"));
        server.sql(over.formatted(user));
        await().until(() -> page.get("/api/v1/session").statusCode() == 401);
        assertThat(page.get("/api/v1/views").body()).contains("no-key");
        assertThat(server.get("/api/v1/openapi.json", "Cookie", page.cookie).statusCode())
                .isEqualTo(200);
    }

    @Test
    void socketOfAPage_endsWithItsSession() throws Exception {
        String user = someone();
        String cookie = server.signIn(user, "analyst");
        try (RawClient client = RawClient.withCookie(server.url, cookie)) {
            client.send("{\"type\": \"subscribe\", \"id\": \"a\", \"to\": \"lag\"}");
            await().until(() -> client.messages.toString().contains("user " + user + " does not have pipeline:read"));
            server.access.sessions().endAll(user, null, GatewayServer.BY);
            assertThat(client.closed.get(30, TimeUnit.SECONDS)).startsWith("4401");
        }
    }

    @Test
    void changesOfAUser_takeEffectWhileSignedIn() throws Exception {
        String user = someone();
        Page page = Page.of(server.signIn(user, "auditor"));
        assertThat(page.get("/api/v1/audit/records").statusCode()).isNotEqualTo(403);
        assertThat(change(user, "{\"roles\": [\"analyst\"]}").statusCode()).isEqualTo(200);
        await().until(() -> page.get("/api/v1/audit/records").statusCode() == 403);
        assertThat(change(user, "{\"disabled\": true}").statusCode()).isEqualTo(200);
        await().until(() -> page.get("/api/v1/session").statusCode() == 401);
        assertThat(signIn(user, GatewayServer.PASSWORD, "").statusCode()).isEqualTo(401);
        assertThat(change(user, "{\"disabled\": false}").statusCode()).isEqualTo(200);
        assertThat(signIn(user, GatewayServer.PASSWORD, "").statusCode()).isEqualTo(200);
        assertThat(change(user, "{\"roles\": [\"analist\"]}").body()).contains("did you mean 'analyst'?");
        assertThat(change("nobody", "{\"disabled\": true}").statusCode()).isEqualTo(404);
    }

    private static HttpResponse<String> change(String user, String body) throws Exception {
        return server.post("/api/v1/users/" + user + "/changes", body);
    }

    @Test
    void nobodyGives_whatTheyDoNotHave() throws Exception {
        server.access
                .roles()
                .set(
                        "personnel",
                        "",
                        Set.of(Permission.USERS_MANAGE, Permission.KEYS_MANAGE, Permission.VIEWS_READ),
                        GatewayServer.BY);
        String chief = someone();
        server.signIn(chief, "administrator");
        Page page = Page.of(server.signIn(someone(), "personnel"));
        secondFactor(page);
        String own = page.session().path("user").path("user").asString();
        for (String[] attempt : new String[][] {
            {"/users", "{\"user\": \"mole\", \"roles\": [\"administrator\"]}"},
            {"/users/" + own + "/changes", "{\"roles\": [\"administrator\"]}"},
            {"/users/" + chief + "/changes", "{\"email\": \"mole@example.test\"}"},
            {"/users/" + chief + "/changes", "{\"disabled\": true}"},
            {"/users/" + chief + "/links", "{\"secondFactor\": \"keep\"}"},
            {"/roles", "{\"role\": \"personnel\", \"description\": \"x\", \"permissions\": [\"audit:read\"]}"},
            {"/keys", "{\"name\": \"mole\", \"permissions\": [\"audit:read\"]}"},
        }) {
            HttpResponse<String> refused = page.post("/api/v1" + attempt[0], attempt[1]);
            assertThat(refused.statusCode()).as(attempt[0] + refused.body()).isEqualTo(400);
            assertThat(refused.body()).contains("cannot give it");
        }
        assertThat(page.post("/api/v1/users", "{\"user\": \"reader\", \"roles\": [\"analyst\"]}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(page.post("/api/v1/keys", "{\"name\": \"reader\", \"permissions\": [\"views:read\"]}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void userOfATenant_hasWhatCanBeLimited() throws Exception {
        String user = someone();
        String link = server.access
                .users()
                .create(user, null, List.of("auditor"), Tenants.of(List.of("1")), GatewayServer.BY)
                .text()
                .reveal();
        Page page = Page.of(GatewayServer.cookie(welcome(link, GatewayServer.PASSWORD)));
        assertThat(page.session().path("permissions").toString()).isEqualTo("[\"views:read\",\"alerts:read\"]");
        assertThat(page.get("/api/v1/views/stock/rows").body()).contains("all tenants");
    }

    @Test
    void keyThatIsRotated_goesOnForTheOverlap() throws Exception {
        ApiKeys.Created old = server.key("rotated", Set.of(Permission.VIEWS_READ));
        HttpResponse<String> rotated =
                server.post("/api/v1/keys/" + old.key().id() + "/rotations", "{\"overlap\": \"12h\"}");
        assertThat(rotated.statusCode()).as(rotated.body()).isEqualTo(200);
        String fresh = json(rotated).path("text").asString();
        for (String text : List.of(old.text().reveal(), fresh)) {
            assertThat(server.get("/api/v1/views", "Authorization", "Bearer " + text)
                            .statusCode())
                    .isEqualTo(200);
        }
        assertThat(server.keys.find(old.key().id()).orElseThrow().expiresAt())
                .isBetween(Instant.now().plusSeconds(42_000), Instant.now().plusSeconds(43_201));
        String again = json(rotated).path("key").path("key").asString();
        assertThat(server.post("/api/v1/keys/" + again + "/rotations", "{\"overlap\": \"0s\"}")
                        .statusCode())
                .isEqualTo(200);
        await().until(() ->
                server.get("/api/v1/views", "Authorization", "Bearer " + fresh).statusCode() == 401);
        assertThat(server.post("/api/v1/keys/" + again + "/rotations", "{\"overlap\": \"0s\"}")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void passwordThatIsChanged_endsOtherSessions() throws Exception {
        String user = someone();
        Page page = Page.of(server.signIn(user, "analyst"));
        Page other = Page.of(GatewayServer.cookie(signIn(user, GatewayServer.PASSWORD, "")));
        assertThat(page.post("/api/v1/session/password", changed("wrong", OTHER))
                        .body())
                .contains("bad-sign-in");
        assertThat(page.post("/api/v1/session/password", changed(GatewayServer.PASSWORD, "short"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(page.post("/api/v1/session/password", changed(GatewayServer.PASSWORD, OTHER))
                        .statusCode())
                .isEqualTo(200);
        await().until(() -> other.get("/api/v1/session").statusCode() == 401);
        assertThat(page.get("/api/v1/session").statusCode()).isEqualTo(200);
        assertThat(signIn(user, OTHER, "").statusCode()).isEqualTo(200);
    }

    private static String changed(String old, String fresh) {
        return "{\"password\": \"" + old + "\", \"new\": \"" + fresh + "\"}";
    }

    @Test
    void page_hasNothingThatAnotherCouldUse() throws Exception {
        for (String path : List.of("/account", "/account/account.js", "/account/account.css")) {
            HttpResponse<String> page = server.get(path, "Accept", "*/*");
            assertThat(page.statusCode()).as(path).isEqualTo(200);
            assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .contains(
                            "default-src 'none'",
                            "script-src 'self'",
                            "frame-ancestors 'none'",
                            "require-trusted-types-for 'script'")
                    .doesNotContain("unsafe");
            assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
            assertThat(page.headers().firstValue("X-Frame-Options")).hasValue("DENY");
            assertThat(page.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
            assertThat(page.headers().firstValue("Cross-Origin-Opener-Policy")).hasValue("same-origin");
            assertThat(page.headers().firstValue("Cross-Origin-Resource-Policy"))
                    .hasValue("same-origin");
            assertThat(page.headers().firstValue("Set-Cookie")).isEmpty();
            assertThat(page.body()).doesNotContain("innerHTML", "<script>", "style=", "onclick", "http:");
        }
    }

    @Test
    void database_hasNoSecret() throws Exception {
        String user = someone();
        String link = link(user, "analyst");
        HttpResponse<String> welcome = welcome(link, GatewayServer.PASSWORD);
        String session = GatewayServer.cookie(welcome).replaceFirst(".*_", "");
        String secret = link.replaceFirst(".*_", "");
        for (String table : server.query("SELECT tablename FROM pg_tables WHERE schemaname = 'access'")) {
            String all = server.query("SELECT coalesce(string_agg(t::text, ' '), '') FROM access." + table + " t")
                    .toString();
            assertThat(all)
                    .as(table)
                    .doesNotContain(GatewayServer.PASSWORD)
                    .doesNotContain(session)
                    .doesNotContain(secret);
        }
        assertThat(server.query("SELECT password_hash FROM access.person WHERE name = '" + user + "'")
                        .getFirst())
                .startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
    }

    @Test
    void everythingAtTheDoor_isAnEvent() throws Exception {
        String user = someone();
        Page page = Page.of(server.signIn(user, "analyst"));
        signIn(user, "wrong", "");
        page.get("/api/v1/audit/records");
        server.get("/api/v1/views", "Authorization", "Bearer mr_000000000000_" + "x".repeat(43));
        server.anonymously(
                "/api/v1/sign-ins",
                "{\"user\": \"" + user + "\", \"password\": \"" + GatewayServer.PASSWORD + "\"}",
                "User-Agent",
                "another device");
        server.access.sessions().endAll(user, null, GatewayServer.BY);
        await().until(() -> server.query(
                        "SELECT DISTINCT kind FROM access.event WHERE subject IN ('user " + user + "', 'somebody')")
                .containsAll(List.of(
                        "user created",
                        "link created",
                        "password changed",
                        "signed in",
                        "sign in failed",
                        "not permitted",
                        "key refused",
                        "new device",
                        "session ended")));
        assertThat(server.query(
                        "SELECT detail FROM access.event WHERE kind = 'new device' AND subject = 'user " + user + "'"))
                .containsExactly("another device");
    }
}
