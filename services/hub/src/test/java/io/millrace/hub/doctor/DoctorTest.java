package io.millrace.hub.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.hub.config.Database;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.Secret;
import io.millrace.hub.config.SourceFile;
import io.millrace.hub.doctor.Finding.State;
import io.millrace.platform.kafka.HangingTransactions;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.sink.AnalyticsDatabase;
import io.millrace.source.SourceDefinition;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
    private static final SourceDefinition SOURCE = SourceFile.readOnly(Path.of("../../catalog"));

    /** Each remedy is run as it stands. */
    @Test
    void everyProblemOfADatabase_isToldAtOnce_andItsRemedyWorks() throws Exception {
        EmbeddedPostgres postgres = EmbeddedPostgres.untilExit(Map.of("wal_level", "replica", "fsync", "off"));
        execute(
                postgres,
                "analytics",
                "CREATE ROLE hub LOGIN PASSWORD 'secret'",
                "REVOKE ALL ON DATABASE analytics FROM public");
        Database analytics = new Database(postgres.jdbcUrl("analytics"), "hub", Secret.of("secret"));
        execute(postgres, "analytics", "GRANT CONNECT ON DATABASE analytics TO hub");
        Database source = new Database(postgres.jdbcUrl("erp"), "hub", Secret.of("secret"));

        assertThat(of(SourceCheckup.look(source, SOURCE), State.PROBLEM))
                .extracting(Finding::what)
                .anyMatch(what -> what.contains("wal_level is replica"))
                .anyMatch(what -> what.contains("may not replicate"));
        List<Finding> problems = of(AnalyticsCheckup.look(analytics), State.PROBLEM);
        assertThat(problems).extracting(Finding::what).containsExactly("role hub may not create schemas");
        for (Finding problem : problems) {
            execute(postgres, "analytics", problem.remedy());
        }
        List<Finding> warnings = of(AnalyticsCheckup.look(analytics), State.WARNING);
        assertThat(warnings).hasSize(2);
        for (Finding warning : warnings) {
            execute(postgres, "analytics", warning.remedy().replaceFirst("; or .*", ""));
        }
        assertThat(AnalyticsCheckup.look(analytics)).extracting(Finding::state).containsOnly(State.OK);

        // A hub that may not make roles gives those that were made for it what they need.
        new AnalyticsDatabase(postgres.jdbcUrl("analytics"), "hub", "secret", "", null).create();
        execute(postgres, "analytics", "SET ROLE analyst", "SELECT * FROM analytics.position");
        try (Connection connection = analytics.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET ROLE gateway");
            statement.execute("SELECT * FROM analytics.position");
            statement.execute("SELECT * FROM audit.record");
            assertThatThrownBy(() -> statement.execute("DELETE FROM analytics.position"))
                    .hasMessageContaining("permission denied");
        }
    }

    @Test
    void topicsThatSomebodyChanged_areTold_withTheCommandThatChangesThemBack(@TempDir Path directory) throws Exception {
        EmbeddedKafka.Place place = EmbeddedKafka.Place.BesideThisJvm.withThisClassPath();
        try (EmbeddedKafka broker = EmbeddedKafka.start(place, directory, 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            HubConfig.Kafka kafka = new HubConfig.Kafka(broker.bootstrapServers(), (short) 1, Map.of());
            assertThat(new KafkaCheckup(kafka, SOURCE).look())
                    .extracting(Finding::state)
                    .containsOnly(State.OK);

            String feed = "cdc." + SOURCE.name() + ".transactions";
            String rows = "cdc." + SOURCE.name() + ".public.customer";
            Map<String, String> large = Map.of("max.message.bytes", "8388608");
            admin.createTopics(List.of(
                            new NewTopic(feed, SOURCE.lanes() + 1, (short) 1).configs(large),
                            new NewTopic(rows, SOURCE.lanes(), (short) 1)
                                    .configs(Map.of("max.message.bytes", "1048588"))))
                    .all()
                    .get();
            List<Finding> problems = of(new KafkaCheckup(kafka, SOURCE).look(), State.PROBLEM);
            assertThat(problems)
                    .extracting(Finding::what)
                    .containsExactlyInAnyOrder(
                            feed + " has " + (SOURCE.lanes() + 1) + " partitions, and the source's file has lanes: "
                                    + SOURCE.lanes(),
                            "cleanup.policy of " + rows
                                    + " is delete and should be compact: rows are lost after its retention",
                            "max.message.bytes of " + rows + " is 1048588: large source transactions do not fit");
            // As kafka-configs.sh does it.
            for (Finding problem : problems) {
                String[] setting =
                        problem.remedy().replaceFirst(".*--add-config ", "").split("=", 2);
                if (setting.length == 2) {
                    admin.incrementalAlterConfigs(Map.of(
                                    new ConfigResource(ConfigResource.Type.TOPIC, rows),
                                    List.of(new AlterConfigOp(
                                            new ConfigEntry(setting[0], setting[1]), AlterConfigOp.OpType.SET))))
                            .all()
                            .get();
                }
            }
            assertThat(of(new KafkaCheckup(kafka, SOURCE).look(), State.PROBLEM))
                    .hasSize(1);
            HubConfig.Kafka three = new HubConfig.Kafka(broker.bootstrapServers(), (short) 3, Map.of());
            assertThat(of(new KafkaCheckup(three, SOURCE).look(), State.PROBLEM))
                    .extracting(Finding::what)
                    .contains("topics cannot have 3 replicas on 1 broker(s)");
        }
    }

    @Test
    void transactionThatIsOpen_doesNotHang_andOneThatHangs_canBeAborted(@TempDir Path directory) throws Exception {
        EmbeddedKafka.Place place = EmbeddedKafka.Place.BesideThisJvm.withThisClassPath();
        try (EmbeddedKafka broker = EmbeddedKafka.start(place, directory, 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
                Producer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", "millrace-x"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            TopicPartition partition = new TopicPartition("millrace-x-changelog", 0);
            admin.createTopics(List.of(new NewTopic(partition.topic(), 1, (short) 1)))
                    .all()
                    .get();
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(partition.topic(), new byte[] {1}))
                    .get();
            HangingTransactions transactions = new HangingTransactions(admin);
            assertThat(transactions.find(partition.topic()::equals, id -> true)).isEmpty();
            assertThat(stable(admin, partition)).isZero();

            ProducerState state = admin.describeProducers(List.of(partition))
                    .partitionResult(partition)
                    .get()
                    .activeProducers()
                    .getFirst();
            HangingTransactions.Hanging hanging = new HangingTransactions.Hanging(
                    partition,
                    "millrace-x",
                    state.producerId(),
                    state.producerEpoch(),
                    state.coordinatorEpoch().orElse(0),
                    0);
            assertThat(hanging.remedy(KafkaServers.at("k:1")))
                    .isEqualTo("kafka-transactions.sh --bootstrap-server k:1 abort --topic millrace-x-changelog"
                            + " --partition 0 --start-offset 0");
            transactions.abort(hanging);
            assertThat(stable(admin, partition)).isEqualTo(2);
        }
    }

    /** Up to where readers of committed data get. */
    static long stable(Admin admin, TopicPartition partition) throws Exception {
        return admin.listOffsets(
                        Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private static List<Finding> of(List<Finding> findings, State state) {
        return findings.stream().filter(finding -> finding.state() == state).toList();
    }

    private static void execute(EmbeddedPostgres postgres, String database, String... statements) throws Exception {
        try (Connection connection = DriverManager.getConnection(
                        postgres.jdbcUrl(database), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
