package io.millrace.operations.audit;

import io.millrace.governance.audit.AuditVerifier;
import io.millrace.operations.AnalyticsDatabase;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/** Proves that the audit trail is whole: that no record was altered, removed or exchanged. */
public final class AuditTrail {
    private static final Duration CATCH_UP = Duration.ofSeconds(10);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final int MOST_PROBLEMS = 20;

    private final AuditRecords records;
    private final KafkaServers kafkaServers;
    private final SchemaRegistry registry;

    public AuditTrail(AnalyticsDatabase analytics, KafkaServers kafkaServers, SchemaRegistry registry) {
        this.records = new AuditRecords(analytics);
        this.kafkaServers = kafkaServers;
        this.registry = registry;
    }

    /** Walks the chain of each lane, and compares its end with the topic's. */
    public AuditProof verify() {
        // What is in the topic now will be in the table soon.
        Map<Integer, AuditRecord> ends = AuditEnds.read(kafkaServers, registry);
        awaitEnds(ends);
        Map<Integer, AuditVerifier> lanes = new TreeMap<>();
        Problems problems = new Problems();
        records.forEach(record -> lanes.computeIfAbsent(record.getLane(), AuditVerifier::new)
                .next(record)
                .ifPresent(problems::add));
        ends.forEach((lane, end) -> compare(lane, lanes.computeIfAbsent(lane, AuditVerifier::new), end, problems));
        return new AuditProof(
                lanes.entrySet().stream()
                        .map(lane -> new AuditProof.Chain(
                                lane.getKey(),
                                lane.getValue().sequence(),
                                lane.getValue().hash()))
                        .toList(),
                List.copyOf(problems.first),
                problems.count);
    }

    private static void compare(int lane, AuditVerifier walked, AuditRecord end, Problems problems) {
        if (walked.sequence() < end.getSequence()) {
            problems.add("lane " + lane + ": the trail ends with record " + walked.sequence()
                    + ", topic governance.audit with " + end.getSequence()
                    + ": the last records are missing, or no hub with role sink is running");
        } else if (walked.sequence() == end.getSequence() && !walked.hash().equals(end.getHash())) {
            problems.add("lane " + lane + ", record " + walked.sequence()
                    + ": it is another than in topic governance.audit");
        }
    }

    private void awaitEnds(Map<Integer, AuditRecord> ends) {
        long deadline = System.nanoTime() + CATCH_UP.toNanos();
        while (System.nanoTime() < deadline) {
            Map<Integer, Long> last = records.lastSequences();
            if (ends.values().stream().allMatch(end -> last.getOrDefault(end.getLane(), 0L) >= end.getSequence())) {
                return;
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    private static final class Problems {
        private final List<String> first = new ArrayList<>();
        private int count;

        void add(String problem) {
            count++;
            if (first.size() < MOST_PROBLEMS) {
                first.add(problem);
            }
        }
    }
}
