package io.millrace.platform.kafka;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersResult;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Transactions that are open on a partition though their coordinator has finished them. Nobody who reads committed data gets past one,
 * and nothing ends it by itself. Brokers leave them behind when a transaction ends while a partition has no leader: the coordinator
 * (seen in Kafka 4.3.1) takes the partition for a deleted one and writes no marker. See docs/decisions/0019.
 */
public final class HangingTransactions {
    private static final int LIMIT = 15;
    private static final byte[] NOBODYS_KEY =
            "millrace: the end of a transaction that hung".getBytes(StandardCharsets.UTF_8);
    private static final Set<TransactionState> ENDING = Set.of(
            TransactionState.PREPARE_COMMIT,
            TransactionState.PREPARE_ABORT,
            TransactionState.PREPARE_EPOCH_FENCE,
            TransactionState.UNKNOWN);

    private final Admin admin;

    /**
     * One partition of such a transaction.
     *
     * @param firstOffset of its records in the partition
     */
    public record Hanging(
            TopicPartition partition,
            String transactionalId,
            long producerId,
            int producerEpoch,
            int coordinatorEpoch,
            long firstOffset) {
        /** What ends it, by the tools that come with Kafka. */
        public String remedy(KafkaServers servers) {
            return "kafka-transactions.sh --bootstrap-server " + servers + " abort --topic " + partition.topic()
                    + " --partition " + partition.partition() + " --start-offset " + firstOffset;
        }

        @Override
        public String toString() {
            return "transaction of " + transactionalId + " hangs on " + partition + " from offset " + firstOffset;
        }
    }

    public HangingTransactions(Admin admin) {
        this.admin = admin;
    }

    /**
     * Those of the topics. A transaction that ends just now may be among them: only one that is found twice hangs.
     *
     * @param transactionalIds whose transactions are looked for
     */
    public Set<Hanging> find(Predicate<String> topics, Predicate<String> transactionalIds)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<TopicPartition, List<ProducerState>> open = open(topics);
        Set<Long> producers = open.values().stream()
                .flatMap(List::stream)
                .map(ProducerState::producerId)
                .collect(Collectors.toSet());
        if (producers.isEmpty()) {
            return Set.of();
        }
        Map<Long, String> names = new HashMap<>();
        Collection<TransactionListing> listings = admin.listTransactions(
                        new ListTransactionsOptions().filterProducerIds(producers))
                .all()
                .get(LIMIT, SECONDS);
        listings.stream()
                .filter(listing -> transactionalIds.test(listing.transactionalId()))
                .forEach(listing -> names.put(listing.producerId(), listing.transactionalId()));
        Map<String, TransactionDescription> coordinators = names.isEmpty()
                ? Map.of()
                : admin.describeTransactions(names.values()).all().get(LIMIT, SECONDS);
        Set<Hanging> hanging = new LinkedHashSet<>();
        open.forEach((partition, states) -> states.forEach(state -> {
            String name = names.get(state.producerId());
            if (name != null && isOver(partition, Objects.requireNonNull(coordinators.get(name)))) {
                hanging.add(new Hanging(
                        partition,
                        name,
                        state.producerId(),
                        state.producerEpoch(),
                        state.coordinatorEpoch().orElse(0),
                        state.currentTransactionStartOffset().orElseThrow()));
            }
        }));
        return hanging;
    }

    private static boolean isOver(TopicPartition partition, TransactionDescription coordinator) {
        // The coordinator knows of a partition before the producer writes to it.
        return coordinator.state() == TransactionState.ONGOING
                ? !coordinator.topicPartitions().contains(partition)
                : !ENDING.contains(coordinator.state());
    }

    /** The partitions that have open transactions, hanging or not. A partition without a leader is left out. */
    private Map<TopicPartition, List<ProducerState>> open(Predicate<String> topics)
            throws InterruptedException, ExecutionException, TimeoutException {
        Set<String> names =
                admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get(LIMIT, SECONDS).stream()
                        .filter(topics)
                        .collect(Collectors.toSet());
        List<TopicPartition> partitions = new ArrayList<>();
        admin.describeTopics(names)
                .allTopicNames()
                .get(LIMIT, SECONDS)
                .forEach((name, topic) -> topic.partitions().stream()
                        .filter(partition -> partition.leader() != null
                                && !partition.leader().isEmpty())
                        .forEach(partition -> partitions.add(new TopicPartition(name, partition.partition()))));
        DescribeProducersResult described = admin.describeProducers(partitions);
        Map<TopicPartition, List<ProducerState>> open = new HashMap<>();
        for (TopicPartition partition : partitions) {
            List<ProducerState> states =
                    described.partitionResult(partition).get(LIMIT, SECONDS).activeProducers().stream()
                            .filter(state ->
                                    state.currentTransactionStartOffset().isPresent())
                            .toList();
            if (!states.isEmpty()) {
                open.put(partition, states);
            }
        }
        return open;
    }

    /**
     * Commits it, on all partitions of compacted topics that are given: a transaction of the same name that deletes a key which nobody
     * has. Whoever has the name now is fenced, and begins again.
     */
    public static void commit(String transactionalId, Collection<TopicPartition> partitions, KafkaServers servers)
            throws InterruptedException, ExecutionException {
        Map<String, Object> settings =
                servers.settings(Map.of("transactional.id", transactionalId, "transaction.timeout.ms", LIMIT * 1_000));
        try (Producer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            for (TopicPartition partition : partitions) {
                producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), NOBODYS_KEY, null))
                        .get();
            }
            producer.commitTransaction();
        }
    }

    /** Ends it: its records on this partition are not committed. */
    public void abort(Hanging hanging) throws InterruptedException, ExecutionException, TimeoutException {
        admin.abortTransaction(new AbortTransactionSpec(
                        hanging.partition, hanging.producerId, (short) hanging.producerEpoch, hanging.coordinatorEpoch))
                .all()
                .get(LIMIT, SECONDS);
    }
}
