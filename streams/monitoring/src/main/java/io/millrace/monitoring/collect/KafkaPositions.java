package io.millrace.monitoring.collect;

import io.millrace.platform.kafka.KafkaServers;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where groups are, and where topics end for those who read what is committed. */
final class KafkaPositions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaPositions.class);

    private final Admin admin;
    private final long limitMs;

    /**
     * @param next by partition; null for one that a member has and the group never committed
     * @param active whether it has members
     */
    record Group(Map<TopicPartition, @Nullable Long> next, boolean active) {}

    KafkaPositions(KafkaServers kafkaServers, Duration limit) {
        this.limitMs = limit.toMillis();
        int milliseconds = Math.toIntExact(limitMs);
        this.admin = kafkaServers.admin(Map.of(
                "request.timeout.ms",
                milliseconds,
                "default.api.timeout.ms",
                milliseconds,
                "reconnect.backoff.max.ms",
                1_000));
    }

    /** All groups that consume. One that cannot be described now is left out. */
    Map<String, Group> groups() throws InterruptedException, ExecutionException, TimeoutException {
        Set<String> ids = get(
                        admin.listGroups(ListGroupsOptions.forConsumerGroups()).all())
                .stream()
                .map(GroupListing::groupId)
                .collect(Collectors.toSet());
        Map<String, KafkaFuture<ConsumerGroupDescription>> described =
                admin.describeConsumerGroups(ids).describedGroups();
        var offsets = admin.listConsumerGroupOffsets(
                ids.stream().collect(Collectors.toMap(id -> id, id -> new ListConsumerGroupOffsetsSpec())));
        Map<String, Group> groups = new HashMap<>();
        for (String id : ids) {
            try {
                Map<TopicPartition, @Nullable Long> next = new HashMap<>();
                Collection<MemberDescription> members =
                        get(Objects.requireNonNull(described.get(id))).members();
                members.forEach(member ->
                        member.assignment().topicPartitions().forEach(partition -> next.put(partition, null)));
                for (Map.Entry<TopicPartition, OffsetAndMetadata> each :
                        get(offsets.partitionsToOffsetAndMetadata(id)).entrySet()) {
                    if (each.getValue() != null) {
                        next.put(each.getKey(), each.getValue().offset());
                    }
                }
                groups.put(id, new Group(next, !members.isEmpty()));
            } catch (ExecutionException gone) {
                // It was deleted in between, or its coordinator moves: in a second it is there again, or it is not.
                LOG.debug("group {} cannot be described now", id, gone);
            }
        }
        return groups;
    }

    /** Last stable offsets; a topic that is not there is left out. */
    Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions)
            throws InterruptedException, ExecutionException, TimeoutException {
        Set<String> topics =
                partitions.stream().map(TopicPartition::topic).collect(Collectors.toCollection(HashSet::new));
        topics.retainAll(get(admin.listTopics().names()));
        List<TopicPartition> there = partitions.stream()
                .filter(each -> topics.contains(each.topic()))
                .toList();
        Map<TopicPartition, Long> ends = new HashMap<>();
        get(admin.listOffsets(
                                there.stream().collect(Collectors.toMap(each -> each, each -> OffsetSpec.latest())),
                                new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                        .all())
                .forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    private <T> T get(KafkaFuture<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(limitMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
