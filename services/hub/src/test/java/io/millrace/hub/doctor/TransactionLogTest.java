package io.millrace.hub.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.platform.kafka.HangingTransactions;
import io.millrace.platform.kafka.HangingTransactions.Hanging;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.kafka.TransactionLog;
import io.millrace.platform.kafka.TransactionLog.Decision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransactionLogTest {
    private static final TopicPartition FIRST = new TopicPartition("millrace-x-changelog", 0);
    private static final TopicPartition SECOND = new TopicPartition("millrace-x-changelog", 1);

    /** Whether a transaction was to be committed is still known after others, of the same producer and of others. */
    @Test
    void decisionsOfTheCoordinator_areRead(@TempDir Path directory) throws Exception {
        EmbeddedKafka.Place place = EmbeddedKafka.Place.BesideThisJvm.withThisClassPath();
        try (EmbeddedKafka broker = EmbeddedKafka.start(place, directory, 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(FIRST.topic(), 2, (short) 1)))
                    .all()
                    .get();
            List<Hanging> written = new ArrayList<>();
            List<Decision> decided = new ArrayList<>();
            for (String id : List.of("millrace-x", "millrace-y", "millrace-z")) {
                try (Producer<byte[], byte[]> producer = producer(broker, id)) {
                    producer.initTransactions();
                    for (int i = 0; i < 8; i++) {
                        producer.beginTransaction();
                        for (TopicPartition partition : i % 3 == 0 ? List.of(FIRST, SECOND) : List.of(FIRST)) {
                            producer.send(record(partition)).get();
                        }
                        written.add(now(admin, id));
                        decided.add(i % 4 == 1 ? Decision.ABORT : Decision.COMMIT);
                        if (i % 4 == 1) {
                            producer.abortTransaction();
                        } else {
                            producer.commitTransaction();
                        }
                    }
                }
            }
            TransactionLog log = new TransactionLog(KafkaServers.at(broker.bootstrapServers()));
            assertThat(written.stream().map(log::decision).toList()).isEqualTo(decided);
            Hanging last = written.getLast();
            assertThat(log.decision(new Hanging(
                            SECOND, last.transactionalId(), last.producerId() + 100, last.producerEpoch(), 0, 0)))
                    .isEqualTo(Decision.UNKNOWN);
        }
    }

    /** A later transaction of the same name ends one that hangs: that is how it is committed. */
    @Test
    void commit_leavesNothingOpen_andWritesADeletionOnly(@TempDir Path directory) throws Exception {
        EmbeddedKafka.Place place = EmbeddedKafka.Place.BesideThisJvm.withThisClassPath();
        try (EmbeddedKafka broker = EmbeddedKafka.start(place, directory, 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(FIRST.topic(), 2, (short) 1)))
                    .all()
                    .get();
            HangingTransactions.commit(
                    "millrace-x", List.of(FIRST, SECOND), KafkaServers.at(broker.bootstrapServers()));
            assertThat(new HangingTransactions(admin).find(FIRST.topic()::equals, id -> true))
                    .isEmpty();
            assertThat(DoctorTest.stable(admin, SECOND)).isEqualTo(2);
        }
    }

    private static Hanging now(Admin admin, String id) throws Exception {
        ProducerState state =
                admin.describeProducers(List.of(FIRST)).partitionResult(FIRST).get().activeProducers().stream()
                        .filter(each -> each.currentTransactionStartOffset().isPresent())
                        .findFirst()
                        .orElseThrow();
        return new Hanging(FIRST, id, state.producerId(), state.producerEpoch(), 0, 0);
    }

    private static Producer<byte[], byte[]> producer(EmbeddedKafka broker, String id) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", id),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static ProducerRecord<byte[], byte[]> record(TopicPartition partition) {
        return new ProducerRecord<>(partition.topic(), partition.partition(), new byte[] {1}, new byte[] {2});
    }
}
