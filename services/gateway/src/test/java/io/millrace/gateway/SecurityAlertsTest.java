package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.operations.access.ApiKeys;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Tenants;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.GatewayEvent;
import io.millrace.schemas.avro.Violation;
import io.millrace.schemas.avro.ViolationColumn;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What happened at the door reaches the audit trail and governance, whatever is away meanwhile. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings("NullAway.Init")
class SecurityAlertsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final InMemorySchemaRegistry REGISTRY = new InMemorySchemaRegistry();

    @TempDir
    static Path directory;

    static EmbeddedKafka kafka;
    static GatewayServer server;
    static KafkaServers servers;
    static Topics topics;

    @BeforeAll
    static void start() throws Exception {
        kafka = EmbeddedKafka.start(
                EmbeddedKafka.Place.BesideThisJvm.withThisClassPath(), directory.resolve("kafka"), 0);
        topics = new Topics(REGISTRY);
        servers = KafkaServers.at(kafka.bootstrapServers());
        server = new GatewayServer(directory, servers, REGISTRY);
    }

    @AfterAll
    static void stop() {
        server.close();
        kafka.close();
    }

    private static <V> List<@Nullable V> read(Topic<String, V> topic) {
        List<@Nullable V> values = new ArrayList<>();
        CommittedTopic.existing(servers, topic.name())
                .read(record -> values.add(
                        record.value() == null
                                ? null
                                : topic.values().deserializer().deserialize(topic.name(), record.value())));
        return values;
    }

    /** The newest violations, by what happened and to whom. */
    private static Map<String, Violation> violations() {
        return read(topics.violations()).stream()
                .flatMap(Stream::ofNullable)
                .collect(Collectors.toMap(Violation::getId, violation -> violation, (one, next) -> next));
    }

    private static Optional<Violation> violation(String control, String subject) {
        return violations().values().stream()
                .filter(each -> each.getControl().equals(control)
                        && (each.getRow() == null || column(each, "subject").equals(subject)))
                .findFirst();
    }

    private static String column(Violation violation, String name) {
        return violation.getRow().stream()
                .filter(column -> column.getName().equals(name))
                .map(ViolationColumn::getValue)
                .findFirst()
                .orElseThrow();
    }

    /** Topics are made by governance, which may start later. */
    @Test
    @Order(1)
    void eventsOfATimeWithoutGovernance_areKept_andToldInTheirOrder() throws Exception {
        for (int i = 0; i < 250; i++) {
            server.key("key " + i, Set.of(Permission.VIEWS_READ));
        }
        assertThat(server.query("SELECT count(*) FROM access.event WHERE told_at IS NOT NULL"))
                .containsExactly("0");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(
                            topics.gatewayEvents().toNewTopic(GatewayServer.LANES, (short) 1),
                            topics.violations().toNewTopic(GatewayServer.LANES, (short) 1)))
                    .all()
                    .get();
        }
        await().atMost(LIMIT)
                .until(() -> server.query("SELECT count(*) FROM access.event WHERE told_at IS NULL")
                        .equals(List.of("0")));
        Set<String> told = new LinkedHashSet<>();
        read(topics.gatewayEvents()).forEach(event -> told.add(event.getId()));
        assertThat(List.copyOf(told)).isEqualTo(server.query("SELECT id FROM access.event ORDER BY sequence"));
        assertThat(read(topics.gatewayEvents()))
                .extracting(GatewayEvent::getKind)
                .containsOnly("key created");
    }

    @Test
    @Order(2)
    void guessing_isAViolation_growsWithEachAttempt_andIsOverAfterADay() throws Exception {
        server.signIn("anna", "analyst");
        for (int i = 0; i < 4; i++) {
            wrong("anna");
        }
        await().atMost(LIMIT)
                .until(() -> server.query("SELECT count(*) FROM access.event WHERE told_at IS NULL")
                        .equals(List.of("0")));
        assertThat(violation("security_guessing", "user anna")).isEmpty();
        wrong("anna");
        await().atMost(LIMIT)
                .until(() -> violation("security_guessing", "user anna")
                        .filter(each -> column(each, "times").equals("5"))
                        .isPresent());
        server.sql("UPDATE access.person SET blocked_until = NULL");
        wrong("anna");
        await().atMost(LIMIT)
                .until(() -> violation("security_guessing", "user anna")
                        .filter(each -> column(each, "times").equals("6"))
                        .isPresent());
        String id = violation("security_guessing", "user anna").orElseThrow().getId();
        server.sql("UPDATE access.event SET at = at - interval '25 hours' WHERE subject = 'user anna'");
        await().atMost(LIMIT)
                .until(() -> Objects.requireNonNull(violations().get(id)).getRow() == null);
        assertThat(Objects.requireNonNull(violations().get(id)).getControl()).isEqualTo("security_guessing");
        assertThat(server.query("SELECT count(*) FROM access.told_alert WHERE id = '" + id + "'"))
                .containsExactly("0");
    }

    private static void wrong(String user) throws Exception {
        server.clock.pass(Duration.ofMinutes(1));
        assertThat(server.anonymously("/api/v1/sign-ins", "{\"user\": \"" + user + "\", \"password\": \"wrong\"}")
                        .statusCode())
                .isIn(401, 429);
    }

    @Test
    @Order(3)
    void keyAtAnotherAddress_isAViolation() {
        ApiKeys.Created key =
                server.keys.create("moved", Set.of(Permission.VIEWS_READ), Tenants.ALL, null, GatewayServer.BY);
        String id = key.key().id();
        for (String address : List.of("10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.1")) {
            server.keys.used(Map.of(id, new ApiKeys.Use(Instant.now(), address)));
        }
        await().atMost(LIMIT)
                .until(() -> violation("security_new_place", "key " + id).isPresent());
        Violation violation = violation("security_new_place", "key " + id).orElseThrow();
        assertThat(column(violation, "address")).isEqualTo("10.0.0.2");
        assertThat(column(violation, "times")).isEqualTo("1");
        assertThat(column(violation, "detail")).contains("10.0.0.1");
    }

    @Test
    @Order(4)
    void rightsThatChange_andWhoIsRefusedOften_areViolations() throws Exception {
        server.access.roles().set("buyer", "", Set.of(Permission.VIEWS_READ), GatewayServer.BY);
        await().atMost(LIMIT)
                .until(() -> violation("security_rights", "role buyer").isPresent());
        String key = server.key("curious", Set.of(Permission.VIEWS_READ)).text().reveal();
        String id = key.substring(3, 15);
        for (int i = 0; i < 20; i++) {
            server.get("/api/v1/audit/records?limit=" + (i + 1), "Authorization", "Bearer " + key);
        }
        await().atMost(LIMIT)
                .until(() -> violation("security_overreach", "key " + id)
                        .filter(each -> column(each, "times").equals("20"))
                        .isPresent());
        // Twenty refusals, counted together.
        assertThat(server.query("SELECT count(*) <= 3 FROM access.event WHERE subject = 'key " + id
                        + "' AND kind = 'not permitted'"))
                .containsExactly("t");
    }

    /** What was told while Kafka lost its data is told again at the next start: here, of a gateway beside. */
    @Test
    @Order(5)
    void whatIsStillSo_isToldAgainByTheNextProcess() {
        long before = read(topics.violations()).size();
        try (var relay = server.access.relay(GatewayServer.SOURCE, servers, REGISTRY)) {
            relay.start();
            await().atMost(LIMIT).until(() -> read(topics.violations()).size() > before);
        }
    }
}
