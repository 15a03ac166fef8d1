package io.millrace.governance.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.governance.audit.AuditVerifier;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.avro.GatewayEvent;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
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

    @SuppressWarnings("NullAway.Init") // set before each
    private TopologyTestDriver driver;

    @BeforeEach
    void start() {
        Properties properties = new Properties();
        properties.setProperty("state.dir", directory.toString());
        driver = new TopologyTestDriver(GovernanceTopology.build(SOURCE, List.of(), registry), properties);
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
}
