package io.millrace.hub.audit;

import io.millrace.governance.audit.AuditVerifier;
import io.millrace.hub.config.HubConfig;
import io.millrace.hub.config.RunningHubCommand;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;

/** Proves that the audit trail is whole. */
@Command(
        name = "audit",
        description = "The audit trail: every transaction of the source, and every decision about an alert.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class AuditCommand extends RunningHubCommand {
    private static final Duration CATCH_UP = Duration.ofSeconds(10);
    private static final int MOST_PROBLEMS = 20;

    @Command(
            name = "verify",
            description = {
                "Walks the chain of each lane: finds records that were altered, removed or exchanged.",
                "Compares its end with the topic's. Exit code 1 if anything is wrong.",
                "A head that was written down elsewhere shows that nothing up to it was changed since."
            },
            mixinStandardHelpOptions = true)
    int verify() {
        HubConfig config = config();
        PrintWriter out = out();
        Map<Integer, AuditVerifier> lanes = new TreeMap<>();
        int[] problems = {0};
        try (AuditRecords records = AuditRecords.open(config.analytics())) {
            // What is in the topic now will be in the table soon.
            Map<Integer, AuditRecord> ends = AuditEnds.read(
                    config.kafka().servers(),
                    HttpSchemaRegistry.impatient(config.registry().url()));
            awaitEnds(records, ends);
            records.forEach(record -> lanes.computeIfAbsent(record.getLane(), AuditVerifier::new)
                    .next(record)
                    .ifPresent(problem -> {
                        if (++problems[0] <= MOST_PROBLEMS) {
                            out.println(problem);
                        }
                    }));
            for (Map.Entry<Integer, AuditRecord> end : ends.entrySet()) {
                AuditVerifier lane = lanes.computeIfAbsent(end.getKey(), AuditVerifier::new);
                if (lane.sequence() < end.getValue().getSequence()) {
                    problems[0]++;
                    out.println("lane " + end.getKey() + ": the trail ends with record " + lane.sequence()
                            + ", topic governance.audit with " + end.getValue().getSequence()
                            + ": the last records are missing, or no hub with role sink is running");
                } else if (lane.sequence() == end.getValue().getSequence()
                        && !lane.hash().equals(end.getValue().getHash())) {
                    problems[0]++;
                    out.println("lane " + end.getKey() + ", record " + lane.sequence()
                            + ": it is another than in topic governance.audit");
                }
            }
        } catch (SQLException failed) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "cannot read the audit trail at " + config.analytics() + ": " + failed.getMessage(),
                    "is the database running, and did a hub with role sink ever run on it?",
                    failed);
        }
        lanes.forEach((lane, verifier) ->
                out.printf("lane %d: %,d records, head %s%n", lane, verifier.sequence(), verifier.hash()));
        out.println(problems[0] == 0 ? "the audit trail is whole" : "PROBLEMS: " + problems[0]);
        out.flush();
        return problems[0] == 0 ? 0 : 1;
    }

    private static void awaitEnds(AuditRecords records, Map<Integer, AuditRecord> ends) throws SQLException {
        long deadline = System.nanoTime() + CATCH_UP.toNanos();
        while (System.nanoTime() < deadline) {
            Map<Integer, Long> last = records.lastSequences();
            if (ends.values().stream().allMatch(end -> last.getOrDefault(end.getLane(), 0L) >= end.getSequence())) {
                return;
            }
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
    }
}
