package io.millrace.views.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.schemas.Lane;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.ViewName;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.avro.TransactionKind;
import io.millrace.schemas.avro.ViewBatch;
import io.millrace.views.lane.LaneStatus;
import io.millrace.views.lane.LaneTables;
import io.millrace.views.lane.LaneViews;
import io.millrace.views.lane.LaneViewsOf;
import io.millrace.views.lane.PublishedRecords;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lane within Kafka Streams: what comes in goes to the core, and what that gives out goes to its topics. */
class ViewsTopologyTest {
    private static final SourceName SOURCE = new SourceName("erp");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path directory;

    private final LaneTables tables = new LaneTables();
    private final Topics topics = new Topics(tables.registry);
    private final LaneStatus status = new LaneStatus();

    @SuppressWarnings("NullAway.Init") // set before each
    private TopologyTestDriver driver;

    /** Nothing was there before. */
    private static final class Nothing implements PublishedRecords {
        @Override
        public Set<Bytes> keys(String topic, Lane lane) {
            return Set.of();
        }

        @Override
        public Collection<byte[]> values(String topic, Lane lane) {
            return List.of();
        }
    }

    @BeforeEach
    void start() {
        LaneViews views = new LaneViews(
                SOURCE,
                List.of(LaneViewsOf.ALL.plan),
                Set.of(),
                tables.registry,
                () -> Map.of(new ViewName("all_rows"), 7L));
        Properties properties = new Properties();
        properties.setProperty("state.dir", directory.toString());
        driver = new TopologyTestDriver(ViewsTopology.build(views, new Nothing(), status), properties);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private void send(byte[] value) {
        driver.createInputTopic(
                        topics.transactions(SOURCE).name(), new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(value);
    }

    private void send(long epoch, int part, boolean last, Change... changes) {
        SourceTransaction transaction = new SourceTransaction(
                1L, last ? 1L : 0L, Instant.EPOCH, null, TransactionKind.COMMIT, last, Arrays.asList(changes));
        send(topics.transactions(SOURCE)
                .values()
                .serializer()
                .serialize(
                        "",
                        new Epoch(
                                SOURCE.toString(), 0, epoch, part, last, epoch, Instant.EPOCH, List.of(transaction))));
    }

    private TestOutputTopic<byte[], byte[]> output(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private List<ViewBatch> batches() {
        return output(topics.viewUpdates().name()).readValuesToList().stream()
                .map(value -> topics.viewUpdates().values().deserializer().deserialize("", value))
                .toList();
    }

    @Test
    void epochs_becomeBatchesAndRows() {
        send(1, 0, false, tables.put(LaneTables.A, 1, 1, 1));
        assertThat(batches()).isEmpty();
        send(1, 1, true, tables.put(LaneTables.A, 2, 2, 2));
        assertThat(batches())
                .extracting(ViewBatch::getEpoch, ViewBatch::getPrevious, ViewBatch::getPart)
                .containsExactly(tuple(1L, 0L, 0), tuple(1L, 0L, 1));
        assertThat(output("views.all_rows").readKeyValuesToMap()).hasSize(2);
        send(2, 0, true, tables.put(LaneTables.A, 3, 3, 3));
        assertThat(batches()).singleElement().satisfies(batch -> {
            assertThat(batch.getPrevious()).isEqualTo(1);
            assertThat(batch.getViews())
                    .singleElement()
                    .satisfies(view -> assertThat(view.getVersion()).isEqualTo(7));
        });
    }

    @Test
    void recordThatIsNoEpoch_isSetAside_andNothingIsMissing() {
        send(1, 0, true, tables.put(LaneTables.A, 1, 1, 1));
        send(new byte[] {1, 2, 3});
        send(new byte[0]);
        send(2, 0, true, tables.put(LaneTables.A, 2, 2, 2));
        assertThat(batches()).extracting(ViewBatch::getEpoch).containsExactly(1L, 2L);
        List<DeadLetter> letters = output(topics.deadLetters().name()).readValuesToList().stream()
                .map(value -> topics.deadLetters().values().deserializer().deserialize("", value))
                .toList();
        assertThat(letters)
                .extracting(DeadLetter::getOrigin, DeadLetter::getSubject)
                .containsExactly(
                        tuple("topic:cdc.erp.transactions", "topic cdc.erp.transactions, partition 0, offset 1"),
                        tuple("topic:cdc.erp.transactions", "topic cdc.erp.transactions, partition 0, offset 2"));
        assertThat(status.waiting()).isEmpty();
    }

    @Test
    void epochThatIsMissing_isToldOf_andHoldsEverythingUp() {
        send(1, 0, true, tables.put(LaneTables.A, 1, 1, 1));
        send(3, 0, true, tables.put(LaneTables.A, 2, 2, 2));
        assertThat(batches()).hasSize(1);
        assertThat(status.waiting()).singleElement().asString().contains("epochs 2 to 2 of lane 0");
    }
}
