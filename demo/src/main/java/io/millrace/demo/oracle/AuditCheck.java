package io.millrace.demo.oracle;

import io.millrace.governance.audit.AuditVerifier;
import io.millrace.operations.AnalyticsDatabase;
import io.millrace.operations.audit.AuditRecords;
import io.millrace.schemas.avro.AuditKind;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.Jdbi;

/** Is every transaction in the audit trail, once, and is its chain whole? */
final class AuditCheck {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int EXAMPLES = 5;

    private AuditCheck() {}

    /** @param committed ids of the source's transactions */
    static boolean finish(AlertCheck.Analyst analytics, List<Long> committed, PrintWriter out) {
        AuditRecords records =
                new AuditRecords(new AnalyticsDatabase(Jdbi.create(analytics::connect), "the analytics database"));
        Set<Long> wanted = new HashSet<>(committed);
        long deadline = System.nanoTime() + LIMIT.toNanos();
        Map<Long, Integer> found = count(records, wanted, new ArrayList<>());
        while (found.size() < wanted.size() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            found = count(records, wanted, new ArrayList<>());
        }
        List<String> problems = new ArrayList<>();
        found = count(records, wanted, problems);
        for (long xid : wanted) {
            int times = found.getOrDefault(xid, 0);
            if (times != 1) {
                problems.add("transaction " + xid + " is there " + times + " times");
            }
        }
        return Report.print(
                out,
                "audit trail",
                List.of(new Comparison(
                        "audit.record",
                        wanted.size(),
                        found.values().stream().mapToInt(Integer::intValue).sum(),
                        problems.size(),
                        problems.stream().limit(EXAMPLES).toList())));
    }

    private static Map<Long, Integer> count(AuditRecords records, Set<Long> wanted, List<String> problems) {
        Map<Integer, AuditVerifier> lanes = new HashMap<>();
        Map<Long, Integer> found = new HashMap<>();
        records.forEach(record -> {
            lanes.computeIfAbsent(record.getLane(), AuditVerifier::new)
                    .next(record)
                    .ifPresent(problems::add);
            if (record.getKind() == AuditKind.TRANSACTION && wanted.contains(record.getXid())) {
                found.merge(record.getXid(), 1, Integer::sum);
            }
        });
        return found;
    }
}
