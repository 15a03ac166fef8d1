package io.millrace.operations.recovery;

import io.millrace.governance.audit.AuditVerifier;
import io.millrace.operations.AnalyticsDatabase;
import io.millrace.operations.TopicFailure;
import io.millrace.operations.audit.AuditRecords;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.HubProducer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.platform.kafka.TopicIds;
import io.millrace.schemas.Lane;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes alerts and the audit trail back to their topics, after Kafka lost its data: decisions stay, and the chain goes on behind its
 * last record. Everything else in Kafka comes from the source again. It can be interrupted, and begun again.
 */
public final class Recovery {
    /** A hub that ended without a word is a member of its group for a while. */
    private static final Duration GROUP_LIMIT = Duration.ofSeconds(90);

    private static final Duration TOPIC_LIMIT = Duration.ofSeconds(60);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

    private final AnalyticsDatabase analytics;
    private final KafkaServers kafkaServers;
    private final SchemaRegistry registry;
    private final SourceName source;
    private final int lanes;
    private final short replicas;
    private final Topic<String, Alert> alerts;
    private final Topic<byte[], AuditRecord> audit;

    /** What was written back. */
    public record Done(int alerts, long auditRecords) {}

    public Recovery(
            AnalyticsDatabase analytics,
            KafkaServers kafkaServers,
            SchemaRegistry registry,
            SourceName source,
            int lanes,
            short replicas) {
        this.analytics = analytics;
        this.kafkaServers = kafkaServers;
        this.registry = registry;
        this.source = source;
        this.lanes = lanes;
        this.replicas = replicas;
        Topics topics = new Topics(this.registry);
        this.alerts = topics.alerts();
        this.audit = topics.audit();
    }

    /** Name of the alert stage for Kafka, under which it also keeps its state on disk. */
    public String application() {
        return "millrace-alerts-" + source;
    }

    /**
     * Does it.
     *
     * @param told hears what is being waited for
     * @throws MillraceException if there is nothing to recover, hubs still run, or the audit trail is not whole
     */
    public Done run(Consumer<String> told) {
        try (Admin admin = kafkaServers.admin(Map.of())) {
            requireLoss(admin);
            requireWholeTrail();
            awaitEnd(admin, told);
            List<Alert> stored = analytics.read("the alerts", handle -> StoredAlerts.read(handle, source.toString()));
            forget(admin);
            create(admin);
            write(stored);
            long records = writeAudit();
            position(admin);
            return new Done(stored.size(), records);
        } catch (ExecutionException | KafkaException failed) {
            throw TopicFailure.writing(alerts.name() + " or " + audit.name(), kafkaServers, failed);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new MillraceException(
                    Category.EXTERNAL, "the recovery was interrupted", "run 'millrace recover' again", stopping);
        }
    }

    private void requireLoss(Admin admin) throws ExecutionException, InterruptedException {
        Map<String, String> ids = TopicIds.of(admin, List.of(alerts.name(), audit.name()));
        Map<String, String> applied = analytics.read("the positions", handle -> {
            Map<String, String> known = new HashMap<>();
            handle.createQuery("SELECT topic, coalesce(max(topic_id), '') AS id FROM analytics.topic_position"
                            + " WHERE topic IN (:alerts, :audit) GROUP BY topic")
                    .bind("alerts", alerts.name())
                    .bind("audit", audit.name())
                    .map((row, context) -> Map.entry(row.getString("topic"), row.getString("id")))
                    .forEach(each -> known.put(each.getKey(), each.getValue()));
            return known;
        });
        if (applied.isEmpty() || applied.equals(ids)) {
            throw new MillraceException(
                    Category.USER,
                    "there is nothing to recover: topics " + alerts.name() + " and " + audit.name()
                            + " are those from which the tables were made",
                    "start the hubs");
        }
    }

    private void requireWholeTrail() {
        Map<Integer, AuditVerifier> walked = new TreeMap<>();
        List<String> problems = new ArrayList<>();
        new AuditRecords(analytics)
                .forEach(record -> walked.computeIfAbsent(record.getLane(), AuditVerifier::new)
                        .next(record)
                        .ifPresent(problems::add));
        if (!problems.isEmpty()) {
            throw new MillraceException(
                    Category.USER,
                    "the audit trail in the analytics database is not whole: " + problems.getFirst(),
                    "restore the analytics database from a backup in which it is; 'millrace audit verify' tells all problems");
        }
    }

    private void awaitEnd(Admin admin, Consumer<String> told) throws ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + GROUP_LIMIT.toNanos();
        boolean said = false;
        while (true) {
            int members = members(admin);
            if (members == 0) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new MillraceException(
                        Category.USER,
                        "hubs with role governance are running: group " + application() + " has " + members
                                + " members",
                        "end all hubs, and run 'millrace recover' again");
            }
            if (!said) {
                told.accept("waiting until no hub is a member of group " + application() + " any more");
                said = true;
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    private int members(Admin admin) throws ExecutionException, InterruptedException {
        try {
            return admin.describeConsumerGroups(List.of(application())).all().get().values().stream()
                    .map(ConsumerGroupDescription::members)
                    .mapToInt(Collection::size)
                    .sum();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof GroupIdNotFoundException) {
                return 0;
            }
            throw failed;
        }
    }

    /** What the alert stage has in Kafka: its group, its own topics, and the two that are written anew. */
    private void forget(Admin admin) throws ExecutionException, InterruptedException {
        try {
            admin.deleteConsumerGroups(List.of(application())).all().get();
        } catch (ExecutionException failed) {
            if (!(failed.getCause() instanceof GroupIdNotFoundException)) {
                throw failed;
            }
        }
        List<String> old = admin.listTopics().names().get().stream()
                .filter(name ->
                        name.equals(alerts.name()) || name.equals(audit.name()) || name.startsWith(application() + "-"))
                .toList();
        admin.deleteTopics(old).all().get();
        long deadline = System.nanoTime() + TOPIC_LIMIT.toNanos();
        while (admin.listTopics().names().get().stream().anyMatch(old::contains)) {
            if (System.nanoTime() > deadline) {
                throw new MillraceException(
                        Category.EXTERNAL,
                        "Kafka does not delete topics " + old,
                        "see the brokers' logs; then run 'millrace recover' again");
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    private void create(Admin admin) throws ExecutionException, InterruptedException {
        List<NewTopic> topics = List.of(alerts.toNewTopic(lanes, replicas), audit.toNewTopic(lanes, replicas));
        admin.createTopics(topics).all().get();
    }

    private void write(List<Alert> stored) throws ExecutionException, InterruptedException {
        try (HubProducer<String, Alert> producer = new HubProducer<>(
                kafkaServers,
                HubProducer.IMPATIENT,
                new StringSerializer(),
                alerts.values().serializer())) {
            List<Future<?>> sent = new ArrayList<>();
            stored.forEach(
                    alert -> sent.add(producer.send(alerts.record(new Lane(alert.getLane()), alert.getId(), alert))));
            for (Future<?> each : sent) {
                each.get();
            }
        }
    }

    private long writeAudit() throws ExecutionException, InterruptedException {
        List<Future<?>> last = new ArrayList<>();
        long[] count = {0};
        try (HubProducer<byte[], AuditRecord> producer = new HubProducer<>(
                kafkaServers,
                HubProducer.IMPATIENT,
                new ByteArraySerializer(),
                audit.values().serializer())) {
            new AuditRecords(analytics).forEach(record -> {
                last.add(producer.send(audit.record(new Lane(record.getLane()), null, record)));
                count[0]++;
            });
            for (Future<?> each : last) {
                each.get();
            }
        }
        return count[0];
    }

    /** The tables have all of it: the sink goes on behind. */
    private void position(Admin admin) throws ExecutionException, InterruptedException {
        Map<String, String> ids = TopicIds.of(admin, List.of(alerts.name(), audit.name()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        for (String topic : List.of(alerts.name(), audit.name())) {
            ends.putAll(CommittedTopic.of(kafkaServers, topic, lanes).ends());
        }
        analytics.read("the positions", handle -> {
            handle.useTransaction(transaction -> ends.forEach((partition, end) -> transaction
                    .createUpdate("INSERT INTO analytics.topic_position (topic, partition, next_offset, topic_id)"
                            + " VALUES (:topic, :partition, :end, :id) ON CONFLICT (topic, partition) DO UPDATE"
                            + " SET next_offset = EXCLUDED.next_offset, topic_id = EXCLUDED.topic_id")
                    .bind("topic", partition.topic())
                    .bind("partition", partition.partition())
                    .bind("end", end)
                    .bind("id", ids.get(partition.topic()))
                    .execute()));
            return true;
        });
    }
}
