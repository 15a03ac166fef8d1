package io.millrace.demo.oracle;

import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Clock;
import io.millrace.source.SourceDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongPredicate;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;

/** Compares the feed with what was committed at the source: each transaction once, in order, in whole epochs. */
public final class FeedCheck {
    private static final int EXAMPLES = 5;

    private final CommittedTopic committed;
    private final Topic<byte[], Epoch> topic;
    private final Deserializer<Epoch> epochs;
    /** Up to where the feed has been looked at. */
    private final Map<TopicPartition, Long> next;

    private final Map<Integer, LaneState> lanes = new HashMap<>();
    private final Set<Long> seen = new HashSet<>();
    private final List<String> examples = new ArrayList<>();
    private long differences;

    private static final class LaneState {
        long epoch = -1;
        int nextPart;
        Lsn reached = Lsn.ZERO;
        Lsn lastCommit = Lsn.ZERO;
        final Set<Long> seen = new HashSet<>();
    }

    /** Looks at what comes after this moment. */
    public FeedCheck(SourceDefinition definition, KafkaServers kafkaServers, SchemaRegistry registry) {
        this.topic = new Topics(registry).transactions(definition.name());
        this.epochs = topic.values().deserializer();
        this.committed = CommittedTopic.of(kafkaServers, topic.name(), definition.lanes());
        this.next = committed.ends();
        definition.allLanes().forEach(lane -> lanes.put(lane.index(), new LaneState()));
    }

    /**
     * Waits until every lane has come to a position.
     *
     * @return false if that took too long
     */
    public boolean await(Lsn position, Duration limit) {
        Instant deadline = Instant.now().plus(limit);
        while (true) {
            committed.read(Map.copyOf(next), record -> {
                next.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
                check(Objects.requireNonNull(epochs.deserialize(topic.name(), record.value())));
            });
            if (lanes.values().stream().noneMatch(lane -> position.isAfter(lane.reached))) {
                return true;
            }
            if (Instant.now().isAfter(deadline)) {
                return false;
            }
        }
    }

    /** @param transactions ids of all that was committed at the source since the check began */
    public Comparison compare(List<Long> transactions) {
        return compare(transactions, xid -> false);
    }

    /**
     * @param transactions ids of what the simulator committed since the check began
     * @param others whether somebody else committed a transaction, by its id
     */
    Comparison compare(List<Long> transactions, LongPredicate others) {
        Set<Long> expected = new HashSet<>(transactions);
        for (long xid : expected) {
            if (!seen.contains(xid)) {
                difference("transaction " + xid + " is missing");
            }
        }
        int byOthers = 0;
        for (long xid : seen) {
            if (!expected.contains(xid)) {
                byOthers++;
                if (!others.test(xid)) {
                    difference("transaction " + xid + " was not committed at the source");
                }
            }
        }
        return new Comparison(
                topic.name(), expected.size() + byOthers, seen.size(), differences, List.copyOf(examples));
    }

    private void check(Epoch part) {
        LaneState lane = Objects.requireNonNull(lanes.get(part.getLane()));
        boolean continues = part.getEpoch() == lane.epoch && part.getPart() == lane.nextPart;
        boolean next =
                part.getPart() == 0 && lane.nextPart == 0 && (lane.epoch < 0 || part.getEpoch() == lane.epoch + 1);
        if (!continues && !next) {
            difference("lane " + part.getLane() + ": epoch " + part.getEpoch() + " part " + part.getPart()
                    + " follows epoch " + lane.epoch + ", next part " + lane.nextPart);
        }
        lane.epoch = part.getEpoch();
        lane.nextPart = part.getLastPart() ? 0 : part.getPart() + 1;
        for (SourceTransaction transaction : part.getTransactions()) {
            if (transaction.getLastFragment()) {
                Lsn commit = new Lsn(transaction.getCommitLsn());
                if (!commit.isAfter(lane.lastCommit)) {
                    difference("lane " + part.getLane() + ": transaction " + transaction.getXid() + " at " + commit
                            + " follows one at " + lane.lastCommit);
                }
                lane.lastCommit = commit;
                if (!tick(transaction)) {
                    seen.add(transaction.getXid());
                    if (!lane.seen.add(transaction.getXid())) {
                        difference(
                                "lane " + part.getLane() + ": transaction " + transaction.getXid() + " is there again");
                    }
                }
            }
        }
        if (part.getLastPart()) {
            lane.reached = new Lsn(part.getCommitLsn());
        }
    }

    /** The clock's own. */
    private static boolean tick(SourceTransaction transaction) {
        return !transaction.getChanges().isEmpty()
                && transaction.getChanges().stream()
                        .allMatch(change -> change.getTable().equals(Clock.TABLE.toString()));
    }

    private void difference(String what) {
        differences++;
        if (examples.size() < EXAMPLES) {
            examples.add(what);
        }
    }
}
