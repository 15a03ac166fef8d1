package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@SuppressWarnings("NullAway.Init")
class GatewayTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Where the position will be after the transaction. */
    private static final String NEXT = "(SELECT '0/0'::pg_lsn + (epoch + 1) * 256 FROM analytics.position)";

    @TempDir
    static Path directory;

    static GatewayServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new GatewayServer(directory);
        server.define("stock", "g1", "id integer NOT NULL, amount numeric, note text", "id");
        server.apply(
                "stock", "INSERT INTO analytics.stock SELECT i, i * 1.5, 'note ' || i FROM generate_series(1, 250) i");
        await().until(() -> server.get("/api/v1/views/stock").statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JSON.readTree(response.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/api/v1/views/stok/rows | 404 | not-found | did you mean 'stock'?",
                "/api/v1/views/stock/rows?limt=3 | 400 | bad-parameter | did you mean 'limit'?",
                "/api/v1/views/stock/rows?limit=0 | 400 | bad-parameter | from 1 to 1000",
                "/api/v1/views/stock/rows?limit=1001 | 400 | bad-parameter | from 1 to 1000",
                "/api/v1/views/stock/rows?limit=1&limit=2 | 400 | bad-parameter | say it once",
                "/api/v1/views/stock/rows?columns=id,nope | 400 | bad-parameter | no column 'nope'",
                "/api/v1/views/stock/rows?columns=id,id | 400 | bad-parameter | chosen twice",
                "/api/v1/views/stock/rows?order=amont | 400 | bad-parameter | did you mean 'amount'?",
                "/api/v1/views/stock/rows?order=id,id.desc | 400 | bad-parameter | twice",
                "/api/v1/views/stock/rows?filter=amont.eq.1 | 400 | bad-filter | did you mean 'amount'?",
                "/api/v1/views/stock/rows?filter=amount | 400 | bad-filter | column.operator.value",
                "/api/v1/views/stock/rows?filter=amount.like | 400 | bad-filter | has no value",
                "/api/v1/views/stock/rows?filter=amount.xx.1 | 400 | bad-filter | operators are",
                "/api/v1/views/stock/rows?filter=amount.is.1 | 400 | bad-filter | not_null",
                "/api/v1/views/stock/rows?filter=amount.eq.abc | 400 | bad-filter | amount.eq.abc",
                "/api/v1/views/stock/rows?filter=id.eq.99999999999 | 400 | bad-filter | out of range",
                "/api/v1/views/stock/rows?filter=note.in.%22a | 400 | bad-filter | a quote is not closed",
                "/api/v1/views/stock/rows?filter=note.eq.a%00b | 400 | bad-parameter | control character",
                "/api/v1/views/stock/rows?cursor=nonsense | 400 | bad-cursor | send 'next'",
                "/api/v1/views/stock/rows?cursor=e30 | 400 | bad-cursor | cursor",
                "/api/v1/views/stock/rows?count=many | 400 | bad-parameter | none, estimate, exact",
                "/api/v1/views/stock/rows?at_least=5 | 400 | bad-parameter | such as 0/1A2B3C8",
                "/api/v1/views/stock/rows?at_least=FFFFFFF/0&timeout=50ms | 504 | not-fresh | they are at",
                "/api/v1/views/stock/rows?timeout=31 | 400 | bad-parameter | from 0s to 30s",
                "/api/v1/views/stock/row?key=1,2 | 400 | bad-parameter | the key is id",
                "/api/v1/views/stock/row | 400 | bad-parameter | key is missing",
                "/api/v1/views/stock/row?key=999 | 404 | not-found | has no row 999",
                "/api/v1/views/stock/row?key=abc | 400 | bad-filter | id.eq.abc",
                "/api/v1/views/stock/export?format=xml | 400 | bad-parameter | ndjson, csv",
                "/api/v1/views/stock/export?filter=amount.eq.abc | 400 | bad-filter | amount.eq.abc",
                "/api/v1/view | 404 | not-found | openapi.json",
                "/api/v1/views/stock/rows?filter=note.eq.'%3B%20DROP%20TABLE%20analytics.stock%3B%20-- | 200 | | rows",
            })
    void requestThatIsWrong_isAnsweredByAProblemWithARemedy(String path, int status, String type, String text)
            throws Exception {
        HttpResponse<String> response = server.get(path.strip());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.body()).contains(text);
        if (status != 200) {
            JsonNode problem = json(response);
            assertThat(response.headers().firstValue("Content-Type"))
                    .hasValue("application/problem+json;charset=UTF-8");
            assertThat(problem.path("type").asString()).isEqualTo("urn:millrace:problem:" + type);
            assertThat(problem.path("status").asInt()).isEqualTo(status);
            assertThat(problem.path("remedy").asString()).isNotBlank();
        }
    }

    @Test
    void otherMethod_isAProblemThatNamesTheRightOne() throws Exception {
        HttpResponse<String> response =
                server.send("DELETE", "/api/v1/views/stock/rows", "Authorization", "Bearer " + server.key);
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(json(response).path("remedy").asString()).contains("GET");
    }

    @ParameterizedTest
    @CsvSource({"TRACE,/api/v1/views,405", "GET,/api/v1/views/a;b/rows,400", "GET,/api/v1//views,400"})
    void requestThatTheWebServerRefuses_isAProblemToo(String method, String path, int status) throws Exception {
        HttpResponse<String> response = server.send(method, path, "Authorization", "Bearer " + server.key);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json;charset=UTF-8");
        assertThat(json(response).path("remedy").asString()).isNotBlank();
    }

    @Test
    void decisionThatCannotTakeEffect_isRefusedBeforeItIsWritten() throws Exception {
        String id = "00000000-0000-0000-0000-000000000002";
        server.sql("INSERT INTO analytics.alert SELECT '" + id
                + "', 1, 'erp', 0, 'credit_limit', 'high', 'finance', 'a title', 'a remedy', 'resolved', false, 'resolved', now(), NULL, NULL,"
                + " 1, '0/1', 7, now(), NULL, NULL, '{}', '{\"amount\": 12345678901234567890.50, \"note\": null}'");
        JsonNode alert = json(server.get("/api/v1/alerts/" + id));
        assertThat(alert.path("evidence").path("amount").asString()).isEqualTo("12345678901234567890.50");
        assertThat(alert.path("evidence").path("note").isNull()).isTrue();
        String decisions = "/api/v1/alerts/" + id + "/decisions";
        HttpResponse<String> again = server.post(decisions, "{\"decision\": \"resolve\"}");
        assertThat(again.statusCode()).as(again.body()).isEqualTo(409);
        for (String incomplete : List.of(
                "{\"decision\": \"suppress\"}",
                "{\"decision\": \"suppress\", \"reason\": \"x\", \"until\": \"1999-01-01\"}")) {
            assertThat(server.post(decisions, incomplete).statusCode())
                    .as(incomplete)
                    .isEqualTo(400);
        }
        assertThat(server.get("/api/v1/alerts/00000000-0000-0000-0000-000000000003")
                        .statusCode())
                .isEqualTo(404);
        assertThat(server.get("/api/v1/alerts?control=nope").body()).isEqualTo("{\"alerts\":[]}");
    }

    @Test
    void requestWithoutAnAcceptedKey_getsNothing() throws Exception {
        String path = "/api/v1/views/stock/rows";
        assertThat(server.get(path, "Accept", "*/*").statusCode()).isEqualTo(401);
        String id = server.key.substring(3, 15);
        for (String wrong : List.of(
                "Basic abc",
                "Bearer abc",
                "Bearer mr_" + id + "_" + "A".repeat(43),
                "Bearer mr_000000000000_" + "A".repeat(43))) {
            HttpResponse<String> response = server.get(path, "Authorization", wrong);
            assertThat(response.statusCode()).as(wrong).isEqualTo(401);
            assertThat(response.headers().firstValue("WWW-Authenticate")).isPresent();
            assertThat(response.body()).doesNotContain("A".repeat(43));
        }
        assertThat(server.get("/api/v1/openapi.json", "Accept", "*/*").statusCode())
                .isEqualTo(200);
    }

    @Test
    void keyThatLacksThePermissionOrWasRevokedOrHasExpired_isRefused() throws Exception {
        ApiKeys.Created lacking = server.key("alerts only", Set.of(Permission.ALERTS_READ));
        HttpResponse<String> refused = server.get(
                "/api/v1/views", "Authorization", "Bearer " + lacking.text().reveal());
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body())
                .contains("views:read")
                .doesNotContain(lacking.text().secret());

        ApiKeys.Created revoked = server.key("revoked", Set.of(Permission.VIEWS_READ));
        String header = "Bearer " + revoked.text().reveal();
        assertThat(server.get("/api/v1/views", "Authorization", header).statusCode())
                .isEqualTo(200);
        server.keys.revoke(revoked.key().id(), "", GatewayServer.BY);
        await().atMost(Duration.ofSeconds(5))
                .until(() ->
                        server.get("/api/v1/views", "Authorization", header).statusCode() == 401);
        assertThat(server.get("/api/v1/views", "Authorization", header).body()).contains("revoked");

        ApiKeys.Created shortLived = server.keys.create(
                "short",
                Set.of(Permission.VIEWS_READ),
                Tenants.ALL,
                Instant.now().plusMillis(1_500),
                GatewayServer.BY);
        String bearer = "Bearer " + shortLived.text().reveal();
        assertThat(server.get("/api/v1/views", "Authorization", bearer).statusCode())
                .isEqualTo(200);
        await().until(() -> server.get("/api/v1/views", "Authorization", bearer).statusCode() == 401);
        assertThat(server.get("/api/v1/views", "Authorization", bearer).body()).contains("expired");
    }

    @Test
    void whoSendsTooMuch_isToldHowLongToWait_andOthersAreNot() throws Exception {
        // A key is looked up once before its address has no request left.
        assertThat(server.get("/api/v1/views").statusCode()).isEqualTo(200);
        server.clock.hold();
        try {
            HttpResponse<String> response;
            int sent = 0;
            do {
                // Not a key at all: the address is counted.
                response = server.get("/api/v1/views", "Authorization", "Bearer mr_000000000000_" + "B".repeat(43));
                sent++;
            } while (response.statusCode() == 401);
            assertThat(sent).isBetween(1, 21);
            assertThat(response.statusCode()).isEqualTo(429);
            assertThat(response.body()).contains("too-many");
            assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
            HttpResponse<String> accepted = server.get("/api/v1/views");
            assertThat(accepted.statusCode()).as("a key that is known").isEqualTo(200);
            assertThat(Integer.parseInt(
                            accepted.headers().firstValue("RateLimit-Remaining").orElseThrow()))
                    .isBetween(GatewayServer.REQUESTS_PER_SECOND, 2 * GatewayServer.REQUESTS_PER_SECOND - 1);
        } finally {
            server.clock.goOn();
        }
        // The other tests send from this address too.
        await().pollInterval(Duration.ofSeconds(1))
                .until(() -> Integer.parseInt(server.get("/api/v1/openapi.json", "Accept", "*/*")
                                .headers()
                                .firstValue("RateLimit-Remaining")
                                .orElseThrow())
                        > 15);
    }

    @Test
    void storedKey_isAHash() throws Exception {
        ApiKeys.Created created = server.key("secret", Set.of(Permission.VIEWS_READ));
        assertThat(server.query("SELECT row_to_json(k)::text FROM access.api_key k")
                        .toString())
                .contains(created.key().id())
                .doesNotContain(created.text().secret());
        assertThat(created.text().toString()).doesNotContain(created.text().secret());
    }

    /** Each answer is read beside the position that it says it is of; the view always holds the position's number. */
    @Test
    void answer_isNeverOlderThanItsPosition() throws Exception {
        server.define("moving", "g1", "id integer NOT NULL, lsn pg_lsn", "id");
        server.define("still", "g1", "id integer NOT NULL", "id");
        String begun = server.apply("moving", "INSERT INTO analytics.moving SELECT 1, " + NEXT);
        await().until(() ->
                server.get("/api/v1/views/moving/rows?at_least=" + begun).statusCode() == 200);
        int cached = 0;
        try (Writer writer = new Writer(() -> {
            server.apply("moving", "UPDATE analytics.moving SET lsn = " + NEXT);
            server.apply("still");
        })) {
            for (int i = 0; i < 400; i++) {
                JsonNode page = json(server.get("/api/v1/views/moving/rows?limit=" + (1 + i % 3)));
                // Epochs come in pairs: this view's, then the other's.
                long ahead = position(page.path("lsn"))
                        - position(page.path("rows").path(0).path("lsn"));
                assertThat(ahead).as(page.toString()).isIn(0L, 256L);
                cached += ahead == 0 ? 0 : 1;
            }
            writer.requireAlive();
        }
        assertThat(cached).isPositive();
    }

    private static long position(JsonNode lsn) {
        return Long.parseLong(lsn.asString().substring(2), 16);
    }

    /** Writes again and again, beside what a test reads. */
    private static final class Writer implements AutoCloseable {
        private final AtomicBoolean done = new AtomicBoolean();
        private final Thread thread;
        private volatile @Nullable Throwable failure;

        interface Step {
            void write() throws Exception;
        }

        Writer(Step step) {
            thread = Thread.ofPlatform().start(() -> {
                try {
                    while (!done.get()) {
                        step.write();
                    }
                } catch (Throwable failed) {
                    failure = failed;
                }
            });
        }

        void requireAlive() {
            assertThat(failure).isNull();
        }

        @Override
        public void close() throws InterruptedException {
            done.set(true);
            thread.join();
        }
    }

    @Test
    void whatWasWritten_isInTheAnswerThatWaitsForIt() throws Exception {
        server.define("own", "g1", "id integer NOT NULL", "id");
        for (int i = 1; i <= 30; i++) {
            String lsn = server.apply("own", "INSERT INTO analytics.own VALUES (" + i + ")");
            JsonNode page = json(server.get("/api/v1/views/own/rows?at_least=" + lsn + "&filter=id.eq." + i));
            assertThat(page.path("rows").size()).as(page.toString()).isEqualTo(1);
        }
    }

    @Test
    void pages_sayThatTheViewMovedOn() throws Exception {
        server.define("paged", "g1", "id integer NOT NULL", "id");
        server.apply("paged", "INSERT INTO analytics.paged SELECT generate_series(1, 10)");
        JsonNode first = await().until(
                        () -> json(server.get("/api/v1/views/paged/rows?limit=4")),
                        page -> page.path("more").asBoolean());
        String next =
                "/api/v1/views/paged/rows?limit=4&cursor=" + first.path("next").asString();
        assertThat(json(server.get(next)).path("moved").asBoolean()).isFalse();
        String other = server.apply("stock");
        assertThat(json(server.get(next + "&at_least=" + other)).path("moved").asBoolean())
                .isFalse();
        String lsn = server.apply("paged", "INSERT INTO analytics.paged VALUES (0)");
        assertThat(json(server.get(next + "&at_least=" + lsn)).path("moved").asBoolean())
                .isTrue();
        assertThat(server.get(next + "&order=id.desc").body()).contains("bad-cursor");
        server.define("paged", "g2", "id integer NOT NULL", "id");
        await().until(() -> server.get(next).statusCode() == 410);
    }

    /** The table is dropped and made again, as for a changed view: no answer may be of the new table as the old state sees it, empty. */
    @Test
    void viewThatIsReplacedWhileItIsRead_neverLooksEmpty() throws Exception {
        server.define("replaced", "g0", "id integer NOT NULL", "id");
        server.apply("replaced", "INSERT INTO analytics.replaced SELECT generate_series(1, 5)");
        await().until(() -> server.get("/api/v1/views/replaced").statusCode() == 200);
        List<Integer> answered = new ArrayList<>();
        try (Writer writer = new Writer(GatewayTest::replace)) {
            for (int i = 0; i < 200; i++) {
                HttpResponse<String> response = server.get("/api/v1/views/replaced/rows?limit=" + (100 + i));
                if (response.statusCode() == 200) {
                    answered.add(json(response).path("rows").size());
                } else {
                    assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
                }
            }
            writer.requireAlive();
        }
        assertThat(answered).hasSizeGreaterThan(20).containsOnly(5);
    }

    /** The same of an export, which is never ended by it either. */
    @Test
    void viewThatIsReplacedWhileItIsExported_isExportedWhole() throws Exception {
        server.define("replaced", "g0", "id integer NOT NULL", "id");
        server.apply("replaced", "INSERT INTO analytics.replaced SELECT generate_series(1, 5)");
        await().until(() -> server.get("/api/v1/views/replaced").statusCode() == 200);
        List<Long> answered = new ArrayList<>();
        try (Writer writer = new Writer(GatewayTest::replace)) {
            for (int i = 0; i < 200; i++) {
                assertThat(json(server.get("/api/v1/views/replaced")).path("columns"))
                        .hasSize(1);
                HttpResponse<String> response = server.get("/api/v1/views/replaced/export?order=id");
                if (response.statusCode() == 200) {
                    answered.add(response.body().lines().count());
                } else {
                    assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
                }
            }
            writer.requireAlive();
        }
        assertThat(answered).hasSizeGreaterThan(20).containsOnly(5L);
    }

    private static void replace() throws Exception {
        server.sql(
                "UPDATE analytics.position SET lsn = lsn + 1",
                "DROP TABLE analytics.replaced",
                "CREATE TABLE analytics.replaced (id integer NOT NULL, PRIMARY KEY (id))",
                "GRANT SELECT ON analytics.replaced TO analyst",
                "INSERT INTO analytics.replaced SELECT generate_series(1, 5)",
                "UPDATE analytics.view SET generation = gen_random_uuid()::text WHERE view = 'replaced'",
                // Readers wait for the lock meanwhile.
                "SELECT pg_sleep(0.01)");
    }

    @Test
    void answerThatIsThereAlready_isNotSentAgain() throws Exception {
        server.define("tagged", "g1", "id integer NOT NULL", "id");
        await().until(() -> server.get("/api/v1/views/tagged").statusCode() == 200);
        HttpResponse<String> first = server.get("/api/v1/views/tagged/rows");
        String etag = first.headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> second = server.get(
                "/api/v1/views/tagged/rows",
                "Authorization",
                "Bearer " + server.key,
                "If-None-Match",
                "\"x\", " + etag);
        assertThat(second.statusCode()).isEqualTo(304);
        assertThat(second.body()).isEmpty();
        String lsn = server.apply("tagged", "INSERT INTO analytics.tagged VALUES (1)");
        HttpResponse<String> third = server.get(
                "/api/v1/views/tagged/rows?at_least=" + lsn,
                "Authorization",
                "Bearer " + server.key,
                "If-None-Match",
                etag);
        assertThat(third.statusCode()).isEqualTo(200);
    }

    @Test
    void degradedView_saysSoInEveryAnswer() throws Exception {
        server.define("lacking", "g1", "id integer NOT NULL", "id");
        String lsn = server.apply("lacking", "INSERT INTO analytics.view_lane VALUES ('lacking', 0, 3)");
        JsonNode page = json(server.get("/api/v1/views/lacking/rows?at_least=" + lsn));
        assertThat(page.path("status").asString()).isEqualTo("degraded");
        assertThat(page.path("excludedRows").asInt()).isEqualTo(3);
        assertThat(json(server.get("/api/v1/views/lacking")).path("status").asString())
                .isEqualTo("degraded");
    }

    /** Its epochs and positions would be taken for this one's. */
    @Test
    void viewOfAnotherSource_isNotThere() throws Exception {
        server.define("elsewhere", "g1", "id integer NOT NULL", "id");
        await().until(() -> server.get("/api/v1/views/elsewhere").statusCode() == 200);
        server.sql("UPDATE analytics.view_change SET source = 'other' WHERE view = 'elsewhere'");
        await().until(() -> server.get("/api/v1/views/elsewhere/rows").statusCode() == 404);
        assertThat(server.get("/api/v1/views").body()).doesNotContain("elsewhere");
    }

    @Test
    void nextPage_isLinked() throws Exception {
        HttpResponse<String> first = server.get("/api/v1/views/stock/rows?limit=200&filter=note.like.note%25");
        String link = first.headers().firstValue("Link").orElseThrow();
        HttpResponse<String> second = server.get(link.substring(1, link.indexOf('>')));
        assertThat(json(second).path("rows").size()).isEqualTo(50);
        assertThat(json(second).path("rows").path(0).path("id").asInt()).isEqualTo(201);
        assertThat(second.headers().firstValue("Link")).isEmpty();
    }

    @Test
    void hubsOwnTables_areNoViews() throws Exception {
        for (String table : List.of("alert", "position", "view", "pg_class", "record")) {
            assertThat(server.get("/api/v1/views/" + table + "/rows").statusCode())
                    .isEqualTo(404);
        }
    }

    /** The hub's user may read anything; connections of the gateway have no more rights than its role, however often they were used. */
    @Test
    void gateway_readsWithItsOwnRightsOnly() throws Exception {
        server.sql(
                "INSERT INTO analytics.report VALUES ('secret', 'not granted', '', NULL)",
                "CREATE VIEW analytics.secret AS SELECT 1 AS n");
        await().until(() -> server.get("/api/v1/views/secret").statusCode() == 200);
        for (int i = 0; i < 40; i++) {
            assertThat(server.get("/api/v1/views/secret/rows?limit=" + (i + 1)).statusCode())
                    .isEqualTo(503);
        }
    }

    @Test
    void queryThatTakesTooLong_isCancelled() throws Exception {
        server.sql(
                "INSERT INTO analytics.report VALUES ('slow', 'a slow one', '', NULL)",
                "CREATE VIEW analytics.slow AS SELECT g AS n FROM generate_series(1, 1000000) g, pg_sleep(60)",
                "GRANT SELECT ON analytics.slow TO analyst");
        HttpResponse<String> response =
                await().until(() -> server.get("/api/v1/views/slow/rows"), answer -> answer.statusCode() != 404);
        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(response.body()).contains("too-slow");
        assertThat(
                        server.query(
                                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%slow%' AND state = 'active' AND pid <> pg_backend_pid()"))
                .containsExactly("0");
    }

    @Test
    void report_isAnsweredWithoutAKey() throws Exception {
        server.sql(
                "INSERT INTO analytics.report VALUES ('totals', 'a report', '', NULL), ('gone', 'a broken one', '', 'no such column'),"
                        + " ('divided', 'one that fails', '', NULL)",
                "CREATE VIEW analytics.totals AS SELECT id % 10 AS digit, sum(amount) AS total FROM analytics.stock GROUP BY 1",
                "CREATE VIEW analytics.divided AS SELECT 1 / (id - 1) AS n FROM analytics.stock",
                "GRANT SELECT ON analytics.totals, analytics.divided TO analyst");
        await().until(() -> server.get("/api/v1/views/divided").statusCode() == 200);
        JsonNode page = json(server.get("/api/v1/views/totals/rows?limit=3&order=digit.desc"));
        assertThat(page.path("rows").path(0).path("digit").asInt()).isEqualTo(9);
        assertThat(page.path("more").asBoolean()).isTrue();
        assertThat(page.path("next").isNull()).isTrue();
        assertThat(server.get("/api/v1/views/totals/row?key=1").statusCode()).isEqualTo(404);
        assertThat(server.get("/api/v1/views/gone/rows").body()).contains("broken-report", "no such column");
        assertThat(server.get("/api/v1/views/divided/rows").body()).contains("broken-report", "division by zero");
        assertThat(json(server.get("/api/v1/views")).path("views").findValuesAsString("status"))
                .contains("ok", "broken");
    }

    @Test
    void export_isEveryRowInBothForms() throws Exception {
        HttpResponse<String> lines = server.get("/api/v1/views/stock/export?filter=id.le.200&order=id.desc");
        List<String> rows = lines.body().lines().toList();
        assertThat(rows).hasSize(200);
        assertThat(rows.getFirst()).isEqualTo("{\"id\":200,\"amount\":\"300.0\",\"note\":\"note 200\"}");
        assertThat(lines.headers().firstValue("Millrace-LSN")).isPresent();
        server.define("cells", "g1", "id integer NOT NULL, t text, n numeric", "id");
        String lsn = server.apply(
                "cells",
                "INSERT INTO analytics.cells VALUES (1, '=1+1', -1), (2, '', NULL), (3, NULL, 0.50), (4, 'a,\"b', 1), (5, E'x\\ny', 2)");
        assertThat(server.get("/api/v1/views/cells/export?format=csv&at_least=" + lsn)
                        .body())
                .isEqualTo("id,t,n\r\n1,'=1+1,-1\r\n2,\"\",\r\n3,,0.50\r\n4,\"a,\"\"b\",1\r\n5,\"x\ny\",2\r\n");
        assertThat(server.get("/api/v1/views/cells/export?format=csv&formulas=keep&columns=t&filter=id.eq.1")
                        .body())
                .isEqualTo("t\r\n=1+1\r\n");
    }

    @Test
    void exportThatFailsMidway_isBrokenOff() throws Exception {
        server.sql(
                "INSERT INTO analytics.report VALUES ('midway', 'fails late', '', NULL)",
                "CREATE VIEW analytics.midway AS SELECT g AS n, repeat('x', 1000) AS filler, 1 / (g - 50000) AS wrong FROM generate_series(1, 100000) g",
                "GRANT SELECT ON analytics.midway TO analyst");
        await().until(() -> server.get("/api/v1/views/midway").statusCode() == 200);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> server.get("/api/v1/views/midway/export")))
                .isInstanceOf(java.io.IOException.class);
    }

    @Test
    void answers_areNotKeptByOthers() throws Exception {
        HttpResponse<String> response = server.get("/api/v1/views/stock/rows?limit=1");
        assertThat(response.headers().firstValue("Cache-Control").orElseThrow()).contains("no-store");
        assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(response.headers().firstValue("X-Frame-Options")).hasValue("DENY");
        assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'");
        assertThat(response.headers().firstValue("Set-Cookie")).isEmpty();
    }

    @Test
    void whenAKeyWasUsedLast_isWrittenDown() throws Exception {
        ApiKeys.Created used = server.key("used", Set.of(Permission.VIEWS_READ));
        server.get("/api/v1/views", "Authorization", "Bearer " + used.text().reveal());
        await().atMost(Duration.ofSeconds(45))
                .untilAsserted(() -> assertThat(
                                server.keys.find(used.key().id()).orElseThrow().lastUsedFrom())
                        .isEqualTo("127.0.0.1"));
    }
}
