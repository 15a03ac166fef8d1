package io.millrace.hub.doctor;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.millrace.hub.config.HubConfig;
import io.millrace.platform.kafka.HangingTransactions;
import io.millrace.schemas.TopicContracts;
import io.millrace.source.SourceDefinition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/** Brokers, and what the hub's topics are like. */
final class KafkaCheckup {
    private static final String PART = "kafka";
    private static final String TOPICS = "topics";
    private static final int LIMIT = 4;
    private static final int SAFE_REPLICAS = 3;

    /** How the names of the hub's own topics, groups and transactional ids begin. */
    private static final String OURS = "millrace-";

    private static final long AGAIN_MS = 1_000;

    private final HubConfig.Kafka kafka;
    private final SourceDefinition source;
    private final List<Finding> findings = new ArrayList<>();

    KafkaCheckup(HubConfig.Kafka kafka, SourceDefinition source) {
        this.kafka = kafka;
        this.source = source;
    }

    List<Finding> look() throws Exception {
        try (Admin admin = kafka.servers().impatient().admin(Map.of())) {
            Collection<Node> brokers;
            try {
                brokers = admin.describeCluster().nodes().get(LIMIT, SECONDS);
            } catch (java.util.concurrent.ExecutionException failed) {
                return List.of(
                        Finding.problem(
                                PART,
                                "no answer from " + kafka.servers() + ": " + Reason.of(failed),
                                "see whether the brokers run, and correct kafka.bootstrap-servers, or kafka.properties for TLS and SASL"));
            }
            String cluster = admin.describeCluster().clusterId().get(LIMIT, SECONDS);
            findings.add(Finding.ok(PART, brokers.size() + " broker(s) of cluster " + cluster));
            brokers(admin, brokers);
            topics(admin);
            transactions(admin);
        }
        return findings;
    }

    private void brokers(Admin admin, Collection<Node> brokers) throws Exception {
        int replicas = kafka.replicationFactor();
        if (replicas > brokers.size()) {
            findings.add(Finding.problem(
                    PART,
                    "topics cannot have " + replicas + " replicas on " + brokers.size() + " broker(s)",
                    "set kafka.replication-factor to " + brokers.size() + ", or start more brokers"));
        } else if (replicas < SAFE_REPLICAS && brokers.size() >= SAFE_REPLICAS) {
            findings.add(
                    Finding.warning(
                            PART,
                            "topics get " + replicas + " replica(s): a broker that is lost takes data with it",
                            "set kafka.replication-factor to 3 before the first start; kafka-reassign-partitions.sh changes topics that are there"));
        }
        ConfigResource any = new ConfigResource(
                ConfigResource.Type.BROKER, brokers.iterator().next().idString());
        Config settings =
                admin.describeConfigs(List.of(any)).all().get(LIMIT, SECONDS).get(any);
        if (settings == null) {
            return;
        }
        for (String setting : List.of("transaction.state.log.replication.factor", "offsets.topic.replication.factor")) {
            long wanted = number(settings, setting);
            if (wanted > brokers.size()) {
                findings.add(Finding.problem(
                        PART,
                        setting + " of the brokers is " + wanted + ", and there are " + brokers.size()
                                + ": transactions and consumer groups cannot work",
                        "set it to " + brokers.size() + " in server.properties, or start more brokers"));
            }
        }
        if (replicas >= SAFE_REPLICAS && number(settings, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG) < 2) {
            findings.add(
                    Finding.warning(
                            PART,
                            "min.insync.replicas of the brokers is 1: what one broker alone has counts as written",
                            "kafka-configs.sh --alter --entity-type brokers --entity-default --add-config min.insync.replicas=2"));
        }
        long transaction = number(settings, "transaction.max.timeout.ms");
        findings.add(Finding.ok(
                PART,
                "a source transaction may take " + transaction / 1000
                        + " s to publish (transaction.max.timeout.ms of the brokers)"));
    }

    private static long number(Config settings, String name) {
        return settings.get(name) == null
                ? 1
                : Long.parseLong(settings.get(name).value());
    }

    private void topics(Admin admin) throws Exception {
        Set<String> names = admin.listTopics().names().get(LIMIT, SECONDS).stream()
                .filter(name -> TopicContracts.of(name).isPresent())
                .filter(name -> !name.startsWith("cdc.") || name.startsWith("cdc." + source.name() + "."))
                .collect(Collectors.toSet());
        if (names.isEmpty()) {
            findings.add(Finding.ok(TOPICS, "none yet: the hub creates them at its first start"));
            return;
        }
        int before = findings.size();
        Map<String, TopicDescription> topics =
                new TreeMap<>(admin.describeTopics(names).allTopicNames().get(LIMIT, SECONDS));
        topics.forEach(this::replicas);
        List<ConfigResource> resources = names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        new TreeMap<>(admin.describeConfigs(resources).all().get(LIMIT, SECONDS).entrySet().stream()
                        .collect(Collectors.toMap(entry -> entry.getKey().name(), Map.Entry::getValue)))
                .forEach(this::policy);
        if (findings.size() == before) {
            findings.add(Finding.ok(TOPICS, names.size() + " topics, all as docs/topics.md says"));
        }
    }

    /** One that is found twice hangs: nobody who reads committed data gets past it. */
    private void transactions(Admin admin) throws Exception {
        HangingTransactions transactions = new HangingTransactions(admin);
        Set<HangingTransactions.Hanging> before = hanging(transactions);
        if (before.isEmpty()) {
            return;
        }
        Thread.sleep(AGAIN_MS);
        Set<HangingTransactions.Hanging> still = new LinkedHashSet<>(hanging(transactions));
        still.retainAll(before);
        still.forEach(transaction -> findings.add(Finding.problem(
                TOPICS, transaction + ": readers do not get past it", transaction.remedy(kafka.servers()))));
    }

    private static Set<HangingTransactions.Hanging> hanging(HangingTransactions transactions) throws Exception {
        return transactions.find(
                name -> name.startsWith(OURS) || TopicContracts.of(name).isPresent(), id -> id.startsWith(OURS));
    }

    private void replicas(String name, TopicDescription topic) {
        long missing = topic.partitions().stream()
                .filter(partition ->
                        partition.isr().size() < partition.replicas().size())
                .count();
        long leaderless = topic.partitions().stream()
                .filter(partition ->
                        partition.leader() == null || partition.leader().isEmpty())
                .count();
        if (leaderless > 0) {
            findings.add(Finding.problem(
                    TOPICS,
                    leaderless + " partition(s) of " + name + " have no leader",
                    "start the brokers that are missing"));
        } else if (missing > 0) {
            findings.add(Finding.warning(
                    TOPICS,
                    missing + " partition(s) of " + name + " have replicas that are behind",
                    "see the brokers' logs; it passes when they have caught up"));
        }
        if (name.equals("cdc." + source.name() + ".transactions")
                && topic.partitions().size() != source.lanes()) {
            findings.add(Finding.problem(
                    TOPICS,
                    name + " has " + topic.partitions().size() + " partitions, and the source's file has lanes: "
                            + source.lanes(),
                    "set lanes to " + topic.partitions().size()
                            + " in catalog/sources; another number needs a new source name, which is captured again"));
        }
    }

    private void policy(String name, Config config) {
        String is = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
        String wanted = TopicContracts.of(name).orElseThrow().retention().cleanupPolicy();
        if (!is.equals(wanted)) {
            findings.add(Finding.problem(
                    TOPICS,
                    "cleanup.policy of " + name + " is " + is + " and should be " + wanted
                            + (is.contains("delete") ? ": rows are lost after its retention" : ""),
                    "kafka-configs.sh --alter --entity-type topics --entity-name " + name
                            + " --add-config cleanup.policy=" + wanted));
        }
        long largest =
                Long.parseLong(config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value());
        if (largest < io.millrace.schemas.Topic.MAX_RECORD_BYTES) {
            findings.add(Finding.problem(
                    TOPICS,
                    "max.message.bytes of " + name + " is " + largest + ": large source transactions do not fit",
                    "kafka-configs.sh --alter --entity-type topics --entity-name " + name
                            + " --add-config max.message.bytes=" + io.millrace.schemas.Topic.MAX_RECORD_BYTES));
        }
    }
}
