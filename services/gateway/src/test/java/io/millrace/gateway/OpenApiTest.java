package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.millrace.embedded.EmbeddedKafka;
import io.millrace.gateway.http.OpenApi;
import io.millrace.operations.access.Permission;
import io.millrace.operations.settings.Content;
import io.millrace.operations.settings.Version;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Lane;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterState;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Goes by the document alone: whatever operation is added comes under these tests. */
@SuppressWarnings("NullAway.Init")
class OpenApiTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path DOCUMENT = Path.of("../../docs/openapi.json");

    private static final String ALERT = "00000000-0000-0000-0000-000000000001";

    /** What stands in the places of path parameters. */
    private static final Map<String, String> EXAMPLES = new HashMap<>(
            Map.of("{view}", "stock", "{id}", ALERT, "{letter}", "letter-1", "{mail}", "mail-00001", "{user}", "anna"));

    @TempDir
    static Path directory;

    static EmbeddedKafka kafka;
    static GatewayServer server;
    static JsonNode document;

    /** Of a person who may do everything; header and value by turns. */
    static String[] session;

    /** An operation, with a path that can be asked for. */
    private record Operation(String method, String path, JsonNode described) {}

    @BeforeAll
    static void start() throws Exception {
        kafka = EmbeddedKafka.start(
                EmbeddedKafka.Place.BesideThisJvm.withThisClassPath(), directory.resolve("kafka"), 0);
        InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
        fill(new Topics(registry));
        server = new GatewayServer(directory, KafkaServers.at(kafka.bootstrapServers()), registry);
        server.prepareLedgers();
        server.define("stock", "g1", "id integer NOT NULL, amount numeric, note text", "id");
        server.apply(
                "stock", "INSERT INTO analytics.stock SELECT i, i * 1.5, 'note ' || i FROM generate_series(1, 250) i");
        await().until(() -> server.get("/api/v1/views/stock").statusCode() == 200);
        server.sql(
                "INSERT INTO analytics.alert SELECT '" + ALERT
                        + "', 1, 'erp', 0, 'credit_limit', 'high', 'finance', 'a title', 'a remedy', 'open', true, 'opened', now(), NULL, NULL,"
                        + " 1, '0/1', 7, now(), NULL, NULL, '{}', '{\"id\": 1, \"amount\": 1.50, \"note\": null}'",
                "INSERT INTO analytics.alert_event VALUES ('" + ALERT
                        + "', 1, 'opened', now(), NULL, NULL, 'open', 'high', 'a title', '{}')");
        server.sql(
                "INSERT INTO audit.record VALUES (0, 1, repeat('0', 64), repeat('1', 64), 'action', 'erp', 0, 0, now(), 'somebody', 0, 'd', 'resolve')",
                "INSERT INTO notifications.delivery (id, event, alert, route, recipient, template, importance, state, not_before, expires_at, subject, html, body, committed_at)"
                        + " VALUES ('mail-00001', 'e', '" + ALERT
                        + "', 'r', 'a@example.com', 'alert', 'normal', 'unknown', now(), now(), 's', '', '', now())",
                "INSERT INTO notifications.suppression (recipient, route, reason, created_by) VALUES ('b@example.com', '', 'bounced', 'test')",
                "INSERT INTO enrichment.question (recipe, subject, key, input, fields) VALUES ('explain', '" + ALERT
                        + "', 'k', '{}', '{\"text\": \"because\"}')");
        server.lag = Map.of(
                "at",
                Instant.now().toString(),
                "verdict",
                "all stages are well",
                "paths",
                List.of(),
                "stages",
                List.of());
        EXAMPLES.put("{flag}", "gateway-read-only");
        Content catalog = new Content(Version.Kind.CATALOG, Map.of("a.sql", "SELECT 1"));
        EXAMPLES.put("{version}", catalog.id());
        server.access
                .settings()
                .run(
                        "hub",
                        "1",
                        List.of("views"),
                        catalog,
                        new Content(Version.Kind.CONFIGURATION, Map.of("catalog", "catalog")),
                        "somebody",
                        Instant.now());
        EXAMPLES.put(
                "{key}",
                server.key("example", Set.of(Permission.VIEWS_READ)).key().id());
        String cookie = server.signIn("anna", "administrator");
        session = new String[] {
            "Cookie",
            cookie,
            "X-CSRF-Token",
            JSON.readTree(server.get("/api/v1/session", "Cookie", cookie).body())
                    .path("csrf")
                    .asString()
        };
        document = JSON.readTree(
                server.get("/api/v1/openapi.json", "Accept", "*/*").body());
    }

    @AfterAll
    static void stop() {
        server.close();
        kafka.close();
    }

    private static void fill(Topics topics) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrapServers());
        try (Admin admin = Admin.create(settings);
                KafkaProducer<String, DeadLetter> producer = new KafkaProducer<>(
                        settings,
                        new StringSerializer(),
                        topics.deadLetters().values().serializer())) {
            admin.createTopics(List.of(
                            topics.deadLetters().toNewTopic(GatewayServer.LANES, (short) 1),
                            topics.audit().toNewTopic(GatewayServer.LANES, (short) 1)))
                    .all()
                    .get();
            producer.send(topics.deadLetters()
                            .record(
                                    new Lane(0),
                                    "letter-1",
                                    new DeadLetter(
                                            "letter-1",
                                            "mail",
                                            "erp",
                                            0,
                                            16L,
                                            DeadLetterState.OPEN,
                                            "a mail",
                                            "the server refused it",
                                            "correct the address",
                                            null,
                                            Instant.now())))
                    .get();
        }
    }

    private static List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    String concrete = path.getKey();
                    for (Map.Entry<String, String> example : EXAMPLES.entrySet()) {
                        concrete = concrete.replace(example.getKey(), example.getValue());
                    }
                    String mandatory = "";
                    for (JsonNode parameter : operation.getValue().path("parameters")) {
                        if (parameter.path("in").asString().equals("query")
                                && parameter.path("required").asBoolean()) {
                            mandatory += (mandatory.isEmpty() ? "?" : "&")
                                    + parameter.path("name").asString() + "=1";
                        }
                    }
                    concrete += mandatory;
                    operations.add(new Operation(
                            operation.getKey().toUpperCase(java.util.Locale.ROOT), concrete, operation.getValue()));
                }));
        assertThat(operations).isNotEmpty();
        return operations;
    }

    private static boolean isOpen(Operation operation) {
        return operation.described.path("security").isEmpty();
    }

    /** Whether only a person may call it. */
    private static boolean isOfPerson(Operation operation) {
        return !isOpen(operation) && operation.described.at("/security/0/key").isMissingNode();
    }

    /** Headers of somebody who may call it. */
    private static String[] allowed(Operation operation) {
        return isOfPerson(operation) ? session : new String[] {"Authorization", "Bearer " + server.key};
    }

    private static HttpResponse<String> post(Operation operation, String body) throws Exception {
        server.clock.pass(Duration.ofSeconds(60));
        return server.anonymously(operation.path, body, allowed(operation));
    }

    @Test
    void document_isTheOneInDocs() throws Exception {
        String text = OpenApi.text(server.gateway.endpoints());
        if ("write".equals(System.getProperty("millrace.docs"))) {
            Files.writeString(DOCUMENT, text);
        }
        assertThat(Files.readString(DOCUMENT))
                .as("docs/openapi.json; run this test with -Dmillrace.docs=write")
                .isEqualTo(text);
        assertThat(document).isEqualTo(JSON.readTree(text));
    }

    @Test
    void everyOperation_answersAsTheDocumentSays() throws Exception {
        for (Operation operation : operations()) {
            if (operation.described.has("requestBody")) {
                // What it brings about takes a hub: OperationsTest.
                continue;
            }
            HttpResponse<String> response = server.send(operation.method, operation.path, allowed(operation));
            assertThat(response.statusCode())
                    .as("%s: %s", operation.path, response.body())
                    .isEqualTo(200);
            String type =
                    response.headers().firstValue("Content-Type").orElseThrow().replaceFirst(";.*", "");
            JsonNode schema =
                    operation.described.at("/responses/200/content").path(type).path("schema");
            assertThat(schema.isMissingNode())
                    .as("%s answers %s", operation.path, type)
                    .isFalse();
            if (type.equals("application/json")) {
                assertThat(wrong(schema, response.body())).as(operation.path).isEmpty();
            }
        }
    }

    @Test
    void everyOperation_refusesWhoMayNot() throws Exception {
        for (Operation operation : operations()) {
            if (isOpen(operation)) {
                continue;
            }
            // An address without a key may send few requests.
            server.clock.pass(Duration.ofSeconds(1));
            HttpResponse<String> anonymous = server.send(operation.method, operation.path, "Accept", "*/*");
            assertThat(anonymous.statusCode()).as(operation.path).isEqualTo(401);
            assertThat(wrong(problem(), anonymous.body())).as(operation.path).isEmpty();

            if (isOfPerson(operation)) {
                HttpResponse<String> program =
                        server.send(operation.method, operation.path, "Authorization", "Bearer " + server.key);
                assertThat(program.statusCode()).as(operation.path).isEqualTo(401);
                assertThat(program.body()).contains("no-session");
                continue;
            }
            Permission needed =
                    Permission.of(operation.described.at("/security/0/key/0").asString());
            Set<Permission> others = EnumSet.complementOf(EnumSet.of(needed));
            String key = server.key("others", others).text().reveal();
            HttpResponse<String> refused =
                    server.send(operation.method, operation.path, "Authorization", "Bearer " + key);
            assertThat(refused.statusCode()).as(operation.path).isEqualTo(403);
            assertThat(wrong(problem(), refused.body())).as(operation.path).isEmpty();
        }
    }

    @Test
    void everyParameter_isRefusedIfItIsWrongOrUnknown() throws Exception {
        for (Operation operation : operations()) {
            HttpResponse<String> unknown =
                    server.send(operation.method, extended(operation.path, "no_such=1"), allowed(operation));
            assertThat(unknown.statusCode()).as(operation.path).isEqualTo(400);
            assertThat(wrong(problem(), unknown.body())).as(operation.path).isEmpty();
            for (JsonNode parameter : operation.described.path("parameters")) {
                if (parameter.path("in").asString().equals("query")) {
                    String path =
                            extended(operation.path, parameter.path("name").asString() + "=%01");
                    HttpResponse<String> wrong = server.send(operation.method, path, allowed(operation));
                    assertThat(wrong.statusCode()).as(path).isEqualTo(400);
                    assertThat(wrong(problem(), wrong.body())).as(path).isEmpty();
                }
            }
        }
    }

    @Test
    void everyBody_isRefusedIfItIsWrong() throws Exception {
        for (Operation operation : operations()) {
            if (!operation.described.has("requestBody")) {
                continue;
            }
            for (String body : List.of("", "x", "[]", "{\"no_such\": 1}", "{}")) {
                HttpResponse<String> refused = post(operation, body);
                assertThat(refused.statusCode())
                        .as("%s %s", body, refused.body())
                        .isEqualTo(400);
                assertThat(refused.body()).contains("bad-body");
                assertThat(wrong(problem(), refused.body())).as(operation.path).isEmpty();
            }
            for (String member : operation
                    .described
                    .at("/requestBody/content/application~1json/schema/properties")
                    .propertyNames()) {
                String body = "{\"" + member + "\": {\"wrong\": 3}}";
                assertThat(post(operation, body).statusCode())
                        .as("%s %s", operation.path, body)
                        .isEqualTo(400);
            }
            assertThat(post(operation, " ".repeat(70_000)).statusCode()).isEqualTo(413);
        }
    }

    private static String extended(String path, String parameter) {
        return path + (path.contains("?") ? "&" : "?") + parameter;
    }

    private static JsonNode problem() {
        return document.at("/components/schemas/Problem");
    }

    private static List<String> wrong(JsonNode schema, String body) {
        Schema compiled = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema.toString());
        return compiled.validate(body, InputFormat.JSON).stream()
                .map(Error::toString)
                .toList();
    }
}
