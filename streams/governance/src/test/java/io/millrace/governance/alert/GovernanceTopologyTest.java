package io.millrace.governance.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.governance.audit.AuditVerifier;
import io.millrace.governance.audit.PublishedState;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.AlertAction;
import io.millrace.schemas.avro.AlertActionKind;
import io.millrace.schemas.avro.AlertEvent;
import io.millrace.schemas.avro.AlertState;
import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.avro.Evidence;
import io.millrace.schemas.avro.GatewayEvent;
import io.millrace.schemas.avro.Violation;
import io.millrace.schemas.avro.ViolationColumn;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GovernanceTopologyTest {
    private static final SourceName SOURCE = new SourceName("erp");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path directory;

    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private final Topics topics = new Topics(registry);
    private final List<Alert> published = new ArrayList<>();
    private final List<AuditRecord> last = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // set before each
    private TopologyTestDriver driver;

    @BeforeEach
    void start() {
        Properties properties = new Properties();
        properties.setProperty("state.dir", directory.toString());
        driver = new TopologyTestDriver(
                GovernanceTopology.build(SOURCE, List.of(), registry, new Published(published, last)), properties);
    }

    /** What the stage published before its state was lost. */
    private record Published(List<Alert> alerts, List<AuditRecord> audit) implements PublishedState {
        @Override
        public List<Alert> alerts(int lane) {
            return alerts;
        }

        @Override
        public Optional<AuditRecord> lastAudit(int lane) {
            return audit.isEmpty() ? Optional.empty() : Optional.of(audit.getLast());
        }
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private void send(int number) {
        GatewayEvent event = new GatewayEvent(
                "event-" + number, "signed in", "anna", "user anna", "10.0.0.1", "number " + number, 2, Instant.EPOCH);
        driver.createInputTopic(topics.gatewayEvents().name(), new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(topics.gatewayEvents().values().serializer().serialize("", event));
    }

    private List<AuditRecord> audited() {
        return driver
                .createOutputTopic(topics.audit().name(), new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readValuesToList()
                .stream()
                .map(value -> topics.audit().values().deserializer().deserialize("", value))
                .toList();
    }

    /** As the relay sends them after a crash: the last batch again, before or among what follows. */
    @Test
    void eventsThatAreSentTwice_areInTheTrailOnce_andInOrder() {
        Random random = new Random(3);
        List<String> expected = new ArrayList<>();
        for (int batch = 0; batch < 20; batch++) {
            int size = 1 + random.nextInt(100);
            int first = expected.size();
            for (int number = first; number < first + size; number++) {
                expected.add("signed in: user anna, number " + number + ", from 10.0.0.1, 2 times");
                send(number);
            }
            for (int number = first; random.nextBoolean() && number < first + size; number++) {
                send(number);
            }
        }
        List<AuditRecord> audited = audited();
        assertThat(audited).extracting(AuditRecord::getDetail).containsExactlyElementsOf(expected);
        assertThat(audited).extracting(AuditRecord::getActor).containsOnly("anna");
        AuditVerifier verifier = new AuditVerifier(0);
        audited.forEach(record -> assertThat(verifier.next(record)).isEmpty());
    }

    private void violated(String value) {
        Violation violation = new Violation(
                "id-1",
                "erp",
                0,
                "credit_limit",
                7L,
                Instant.EPOCH,
                null,
                List.of("id"),
                List.of(
                        new ViolationColumn("id", "integer", "1"),
                        new ViolationColumn("amount", "numeric(12,2)", value)));
        driver.createInputTopic(topics.violations().name(), new StringSerializer(), new ByteArraySerializer())
                .pipeInput("id-1", topics.violations().values().serializer().serialize("", violation));
    }

    private void decide(AlertActionKind kind) {
        AlertAction action = new AlertAction("id-1", kind, "anna", "known", null, Instant.EPOCH);
        driver.createInputTopic(topics.alertActions().name(), new StringSerializer(), new ByteArraySerializer())
                .pipeInput("id-1", topics.alertActions().values().serializer().serialize("", action));
    }

    private List<Alert> alerts() {
        return driver
                .createOutputTopic(topics.alerts().name(), new StringDeserializer(), new ByteArrayDeserializer())
                .readValuesToList()
                .stream()
                .map(value -> topics.alerts().values().deserializer().deserialize("", value))
                .toList();
    }

    /** As after the loss of Kafka, when alerts and audit trail were written back from their tables. */
    @Test
    void stateThatIsLost_isThatOfTheTopics_andDecisionsStay() {
        violated("1.00");
        decide(AlertActionKind.RESOLVE);
        send(1);
        List<AuditRecord> before = audited();
        Alert resolved = alerts().getLast();
        assertThat(resolved.getState()).isEqualTo(AlertState.RESOLVED);
        driver.close();

        // Types are not kept in the table.
        published.add(Alert.newBuilder(resolved)
                .setEvidence(resolved.getEvidence().stream()
                        .map(column -> new Evidence(column.getName(), "text", column.getValue()))
                        .toList())
                .build());
        last.addAll(before);
        start();
        violated("1.00");
        assertThat(alerts()).isEmpty();
        violated("2.00");
        assertThat(alerts())
                .singleElement()
                .satisfies(alert -> assertThat(alert.getVersion()).isEqualTo(resolved.getVersion() + 1))
                .satisfies(alert -> assertThat(alert.getLastEvent()).isEqualTo(AlertEvent.REOPENED));
        send(2);
        List<AuditRecord> after = audited();
        assertThat(after)
                .first()
                .extracting(AuditRecord::getDetail)
                .asString()
                .contains("goes on after its state was lost");
        AuditVerifier verifier = new AuditVerifier(0);
        before.forEach(record -> assertThat(verifier.next(record)).isEmpty());
        after.forEach(record -> assertThat(verifier.next(record)).isEmpty());
    }
}
