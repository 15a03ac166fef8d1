package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.operations.access.ApiKeys;
import io.millrace.operations.access.Permission;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** With a real Kafka, a real Postgres and the real sink. */
@SuppressWarnings("NullAway.Init")
class LiveTest {
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
        views.publish(List.of(row(0, "a", "1.50"), row(1, null, "7"), row(1, "", "0")), List.of());
        stack.awaitView();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    private static LiveViews.Row row(int lane, @Nullable String code, String amount) {
        return new LiveViews.Row(lane, code, amount);
    }

    private static RawClient connect() throws Exception {
        return new RawClient(server.url, server.key);
    }

    private static String subscribe(String id, String more) {
        return "{\"type\": \"subscribe\", \"id\": \"" + id + "\", \"to\": \"view\", \"view\": \"v\"" + more + "}";
    }

    /** Waits until the client is where the last epoch is. */
    private static void follow(RawClient client, Follower follower) {
        await().untilAsserted(() -> {
            follower.take(client);
            assertThat(follower.lsn).as("%s %s", follower.kinds, client.closed).isEqualTo(views.lsn());
        });
        assertThat(follower.rows).isEqualTo(views.state(views.lsn()));
    }

    @Test
    void subscription_beginsWithTheRows_andThenTellsWhatChanges() throws Exception {
        try (RawClient client = connect()) {
            client.send(subscribe("one", ""));
            Follower follower = new Follower("one");
            follow(client, follower);
            assertThat(follower.rows).containsKeys("0,a", "1,", "1,\"\"");
            views.publish(List.of(row(0, "b,\"c", "2.25")), List.of(row(1, null, "0")));
            follow(client, follower);
            assertThat(follower.rows).containsEntry("0,\"b,\"\"c\"", "2.25").doesNotContainKey("1,");
            JsonNode last = client.messages.getLast();
            assertThat(last.path("upserts")).hasSize(1);
            assertThat(last.path("deletes")).hasSize(1);
            assertThat(last.at("/upserts/0/row/amount").asString()).isEqualTo("2.25");
            // An epoch without changes of the view is told of, so that its age is known.
            views.publish(List.of(), List.of());
            follow(client, follower);
            assertThat(follower.kinds).contains("progress");
            views.publish(List.of(row(1, null, "7")), List.of(row(0, "b,\"c", "0")));
            follow(client, follower);
        }
    }

    /** Every state that a client shows is the view's at that position, whatever happens to the view, the sink and the client. */
    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4", "5", "6"})
    void everyStateThatIsShown_isTheViewsAtItsPosition(long seed) throws Exception {
        Random random = new Random(seed);
        Follower all = new Follower("all");
        Follower some = new Follower("some");
        RawClient client = connect();
        client.send(subscribe("all", ""));
        client.send(subscribe("some", ", \"filter\": [\"tenant_id.eq.1\"], \"columns\": [\"amount\"]"));
        int generation = 1;
        for (int i = 0; i < 120; i++) {
            switch (random.nextInt(24)) {
                case 0 -> views.change("g" + seed + "-" + generation++);
                case 1 -> views.again();
                case 2 -> {
                    stack.restartSink();
                }
                case 3, 4, 5 -> {
                    views.publish(List.of(), List.of());
                    follow(client, all);
                }
                case 6, 7 -> {
                    all.take(client);
                    some.take(client);
                    client.abort();
                    client = connect();
                    all.reconnected();
                    some.reconnected();
                    client.send(subscribe("all", resume(all)));
                    client.send(subscribe(
                            "some", ", \"filter\": [\"tenant_id.eq.1\"], \"columns\": [\"amount\"]" + resume(some)));
                }
                default -> {
                    all.take(client);
                    some.take(client);
                }
            }
            views.publish(rows(random), rows(random), 1 + random.nextInt(LiveViews.LANES));
        }
        views.publish(List.of(), List.of());
        follow(client, all);
        RawClient last = client;
        await().until(() -> {
            some.take(last);
            return views.lsn().equals(some.lsn);
        });
        client.close();
        assertThat(all.states).hasSizeGreaterThan(5);
        all.states.forEach((lsn, rows) -> assertThat(rows).as(lsn).isEqualTo(views.state(lsn)));
        some.states.forEach((lsn, rows) -> {
            Map<String, String> expected = new TreeMap<>(views.state(lsn));
            expected.keySet().removeIf(key -> !key.startsWith("1,"));
            assertThat(rows).as(lsn).isEqualTo(expected);
        });
    }

    private static String resume(Follower follower) {
        return follower.lsn == null
                ? ""
                : ", \"after\": \"" + follower.lsn + "\", \"generation\": \"" + follower.generation + "\"";
    }

    private static List<LiveViews.Row> rows(Random random) {
        List<LiveViews.Row> rows = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            @Nullable String code = random.nextInt(6) == 0 ? null : "k" + random.nextInt(12);
            rows.add(row(random.nextInt(2), code, random.nextInt(1000) + ".5"));
        }
        return rows;
    }

    @Test
    void viewOfManyPages_isOneStateInTheEnd_whateverChangesMeanwhile() throws Exception {
        List<LiveViews.Row> many = IntStream.range(0, 3_500)
                .mapToObj(i -> row(i % 2, "many" + i, "1"))
                .toList();
        views.publish(many, List.of());
        assertThat(server.get("/api/v1/views/v/rows?timeout=30&at_least=" + views.lsn())
                        .statusCode())
                .isEqualTo(200);
        try (RawClient client = connect()) {
            client.send(subscribe("many", ""));
            Follower follower = new Follower("many");
            for (int i = 0; i < 30; i++) {
                views.publish(
                        List.of(row(0, "many" + 2 * i, "2"), row(1, "new" + i, "3")),
                        List.of(row(1, "many" + (2 * i + 1), "0")));
                follower.take(client);
            }
            follow(client, follower);
            follower.states.forEach((lsn, rows) -> assertThat(rows).as(lsn).isEqualTo(views.state(lsn)));
            assertThat(client.messages.stream()
                            .filter(message -> message.path("type").asString().equals("rows")
                                    && !message.path("consistent").asBoolean()))
                    .hasSizeGreaterThan(2);
        }
        views.publish(List.of(), many);
    }

    @Test
    void clientThatWasAway_isSentWhatChangedSince_andNoMore() throws Exception {
        Follower follower = new Follower("x");
        try (RawClient client = connect()) {
            client.send(subscribe("x", ""));
            follow(client, follower);
        }
        views.publish(List.of(row(0, "away", "1")), List.of());
        views.publish(List.of(row(0, "away", "2")), List.of());
        try (RawClient client = connect()) {
            follower.reconnected();
            client.send(subscribe("x", resume(follower)));
            follow(client, follower);
            assertThat(client.messages.getFirst().path("resumed").asBoolean()).isTrue();
            assertThat(client.messages.get(1).path("upserts")).hasSize(1);
            client.send(subscribe("unknown", ", \"after\": \"0/1\", \"generation\": \"" + follower.generation + "\""));
            client.send(subscribe("other", ", \"after\": \"" + follower.lsn + "\", \"generation\": \"another\""));
            await().until(() -> client.messages.stream()
                            .filter(message -> message.path("type").asString().equals("begin")
                                    && !message.path("resumed").asBoolean())
                            .count()
                    == 2);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nonsense | bad-message | no JSON",
                "[] | bad-message | no JSON object",
                "{\"type\": \"subscribee\"} | bad-message | did you mean 'subscribe'?",
                "{\"type\": \"subscribe\", \"to\": \"view\"} | bad-message | 'id' is missing",
                "{\"type\": \"subscribe\", \"id\": \"1\", \"to\": \"vew\"} | bad-message | did you mean 'view'?",
                "{\"type\": \"subscribe\", \"id\": \"1\", \"to\": \"view\"} | bad-parameter | view is missing",
                "{\"type\": \"subscribe\", \"id\": \"1\", \"to\": \"view\", \"view\": \"vv\"} | not-found | did you mean 'v'?",
                "{\"type\": \"subscribe\", \"id\": \"1\", \"to\": \"view\", \"view\": \"v\", \"filtre\": \"x\"} | bad-parameter | did you mean 'filter'?",
                "{\"type\": \"subscribe\", \"id\": \"1\", \"to\": \"view\", \"view\": \"v\", \"filter\": \"amont.eq.1\"} | bad-filter | did you mean 'amount'?",
                "{\"type\": \"subscribe\", \"id\": \"1\", \"to\": \"view\", \"view\": \"v\", \"filter\": \"amount.eq.x\"} | bad-filter | amount.eq.x",
                "{\"type\": \"subscribe\", \"id\": \"1\", \"to\": \"view\", \"view\": \"v\", \"after\": 7} | bad-parameter | such as 0/1A2B3C8",
                "{\"type\": \"subscribe\", \"id\": \"1\", \"to\": \"view\", \"view\": \"v\", \"every\": \"x\"} | bad-parameter | a time from 0s to 60s",
                "{\"type\": \"subscribe\", \"id\": \"1\", \"to\": \"view\", \"view\": {}} | bad-message | neither a text",
                "{\"type\": \"unsubscribe\"} | bad-message | 'id' is missing"
            })
    void messageThatIsWrong_isAnsweredByAProblem_andTheOthersGoOn(String message, String type, String text)
            throws Exception {
        try (RawClient client = connect()) {
            client.send(message.strip());
            await().until(() -> client.messages.stream()
                    .anyMatch(each -> each.path("type").asString().equals("problem")));
            JsonNode problem = client.messages.stream()
                    .filter(each -> each.path("type").asString().equals("problem"))
                    .findFirst()
                    .orElseThrow();
            assertThat(problem.at("/problem/type").asString())
                    .as("%s", problem)
                    .isEqualTo("urn:millrace:problem:" + type);
            assertThat(problem.toString().replace("\\\"", "\"")).contains(text);
            assertThat(problem.at("/problem/remedy").asString()).isNotBlank();
            client.send(subscribe("fine", ""));
            await().until(() -> client.messages.stream()
                    .anyMatch(each -> each.path("id").asString("").equals("fine")));
        }
    }

    @Test
    void tooMuchOfAClient_isRefused_andMessagesThatAreTooLongEndTheConnection() throws Exception {
        try (RawClient client = connect()) {
            for (int i = 0; i <= 100; i++) {
                client.send(subscribe("s" + i, ", \"filter\": [\"tenant_id.eq.7\"]"));
                if (i % 50 == 0) {
                    String id = "s" + i;
                    await().until(() -> client.messages.stream()
                            .anyMatch(each -> each.path("id").asString("").equals(id)));
                }
            }
            JsonNode last = client.messages.stream()
                    .filter(each -> each.path("id").asString("").equals("s100"))
                    .findFirst()
                    .orElseThrow();
            assertThat(last.at("/problem/type").asString()).isEqualTo("urn:millrace:problem:too-many");
            client.send(subscribe("s1", ""));
            await().until(() -> client.messages.toString().contains("there is a subscription 's1' already"));
            client.send("{\"type\": \"key\", \"key\": \"" + server.key + "\"}");
            await().until(() -> client.messages.toString().contains("this connection has a key already"));
            assertThat(client.closed).isNotDone();
            client.send(" ".repeat(20_000));
            assertThat(client.closed.get(20, TimeUnit.SECONDS)).startsWith("1009");
        }
    }

    @Test
    void whoHasNoKey_orOneThatLacksThePermission_orWasRevoked_isSentNothing() throws Exception {
        ApiKeys.Created reader = server.key("reader", Set.of(Permission.VIEWS_READ));
        try (RawClient client = new RawClient(server.url, null)) {
            client.send(subscribe("early", ""));
            await().until(() -> client.messages.toString().contains("no-key"));
            client.send("{\"type\": \"key\", \"key\": \"" + reader.text().reveal() + "\"}");
            client.send(subscribe("now", ""));
            client.send("{\"type\": \"subscribe\", \"id\": \"alerts\", \"to\": \"alerts\"}");
            await().until(() -> client.messages.toString().contains("alerts:read"));
            await().until(() -> client.messages.stream()
                    .anyMatch(each -> each.path("id").asString("").equals("now")));
            server.keys.revoke(reader.key().id(), "", GatewayServer.BY);
            assertThat(client.closed.get(20, TimeUnit.SECONDS))
                    .startsWith("4401")
                    .contains("not in force");
        }
        try (RawClient client = new RawClient(server.url, null)) {
            client.send("{\"type\": \"key\", \"key\": \"" + reader.text().reveal() + "\"}");
            assertThat(client.closed.get(20, TimeUnit.SECONDS)).startsWith("4401");
        }
    }

    @Test
    void requestThatIsNoHandshake_isAProblem() throws Exception {
        HttpResponse<String> response = server.get("/api/v1/live");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(426);
        assertThat(response.body()).contains("no-upgrade", "remedy");
    }

    @Test
    void clientThatReadsNothing_doesNotHoldUpOthers_andIsClosed() throws Exception {
        List<LiveViews.Row> wide = IntStream.range(0, 1_000)
                .mapToObj(i -> row(0, "wide" + i + "x".repeat(400), "1"))
                .toList();
        views.publish(wide, List.of());
        await().until(() -> server.gateway.openSockets() == 0);
        RawClient still = connect();
        try (RawClient reader = connect()) {
            still.stopReading();
            still.send(subscribe("still", ""));
            reader.send(subscribe("reader", ""));
            Follower follower = new Follower("reader");
            for (int i = 2; i < 20; i++) {
                String amount = String.valueOf(i);
                views.publish(
                        wide.stream().map(row -> row(0, row.code(), amount)).toList(), List.of());
                follow(reader, follower);
            }
            await().atMost(Duration.ofSeconds(40)).until(() -> server.gateway.openSockets() == 1);
        } finally {
            still.close();
        }
        views.publish(List.of(), wide);
    }

    @Test
    void alertsAndLag_areToldWhenTheyChange() throws Exception {
        String id = "00000000-0000-0000-0000-00000000000a";
        try (RawClient client = connect()) {
            client.send("{\"type\": \"subscribe\", \"id\": \"alerts\", \"to\": \"alerts\"}");
            client.send("{\"type\": \"subscribe\", \"id\": \"lag\", \"to\": \"lag\"}");
            await().until(() -> client.messages.stream()
                    .anyMatch(each -> each.path("type").asString().equals("alerts")));
            server.sql("INSERT INTO analytics.alert SELECT '" + id
                    + "', 1, 'erp', 0, 'credit_limit', 'high', 'finance', 'a title', 'a remedy', 'open', true, 'opened', now(), NULL, NULL,"
                    + " 1, '0/1', 7, now(), NULL, NULL, '{}', '{}'");
            await().until(() -> client.messages.toString().contains(id));
            server.sql("UPDATE analytics.alert SET version = 2, state = 'resolved' WHERE id = '" + id + "'");
            await().until(() -> client.messages.getLast().toString().contains("\"resolved\"")
                    || client.messages.stream()
                            .anyMatch(each ->
                                    each.at("/alerts/0/state").asString("").equals("resolved")));
            server.lag = Map.of("verdict", "all stages are well");
            await().until(() -> client.messages.toString().contains("all stages are well"));
        }
    }

    /** Each change of each mail is told, also of many at once, and of one whose transaction was committed late. */
    @Test
    void mails_areToldWhenTheyChange() throws Exception {
        server.prepareLedgers();
        String insert =
                "INSERT INTO notifications.delivery (id, event, alert, route, recipient, template, importance, state, not_before, expires_at, subject, html, body, committed_at)"
                        + " SELECT 'mail-' || i, 'e', '00000000-0000-0000-0000-00000000000a', 'r', 'a@example.com', 'alert', 'normal', 'pending', now(), now(), 's', '', '', now() FROM generate_series(%d, %d) i";
        server.sql(insert.formatted(1, 2));
        try (RawClient client = connect();
                Connection late = server.connect();
                Statement statement = late.createStatement()) {
            client.send("{\"type\": \"subscribe\", \"id\": \"m\", \"to\": \"mail\"}");
            await().until(() -> client.messages.stream()
                    .anyMatch(each -> each.path("first").asBoolean()
                            && each.path("deliveries").size() == 2));
            late.setAutoCommit(false);
            statement.execute(
                    "UPDATE notifications.delivery SET state = 'failed', detail = 'late', version = version + 1, changed_at = clock_timestamp() WHERE id = 'mail-1'");
            server.sql(insert.formatted(3, 3_500));
            await().until(() -> states(client).size() == 3_500);
            server.sql(
                    "UPDATE notifications.delivery SET state = 'accepted', version = version + 1, changed_at = clock_timestamp() WHERE id <> 'mail-1'");
            await().until(() ->
                    states(client).values().stream().filter("accepted"::equals).count() == 3_499);
            assertThat(states(client)).containsEntry("mail-1", "pending");
            late.commit();
            await().until(() -> "failed".equals(states(client).get("mail-1")));
        }
    }

    private static Map<String, String> states(RawClient client) {
        Map<String, String> states = new TreeMap<>();
        client.messages.forEach(message -> message.path("deliveries")
                .forEach(mail -> states.put(
                        mail.path("id").asString(), mail.path("state").asString())));
        return states;
    }

    @Test
    void viewThatGoes_endsTheSubscriptionWithAProblem() throws Exception {
        server.sql(
                "CREATE TABLE analytics.short_lived (id integer PRIMARY KEY)",
                "GRANT SELECT ON analytics.short_lived TO analyst",
                "INSERT INTO analytics.view (view, generation, description, sql, key) VALUES ('short_lived', 'g1', '', 'SELECT', '{id}')");
        try (RawClient client = connect()) {
            await().until(() -> server.get("/api/v1/views/short_lived").statusCode() == 200);
            client.send("{\"type\": \"subscribe\", \"id\": \"s\", \"to\": \"view\", \"view\": \"short_lived\"}");
            await().until(() -> client.messages.toString().contains("\"consistent\":true"));
            server.sql("DROP TABLE analytics.short_lived", "DELETE FROM analytics.view WHERE view = 'short_lived'");
            await().until(() -> client.messages.toString().contains("there is no view or report 'short_lived'"));
        }
    }
}
