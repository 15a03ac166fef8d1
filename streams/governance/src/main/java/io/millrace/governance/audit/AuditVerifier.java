package io.millrace.governance.audit;

import io.millrace.schemas.avro.AuditRecord;
import java.util.Optional;

/** Walks one lane's chain. */
public final class AuditVerifier {
    private final int lane;
    private long sequence;
    private String hash = AuditChain.BEGIN;

    public AuditVerifier(int lane) {
        this.lane = lane;
    }

    /** What is wrong with the next record, if anything. */
    public Optional<String> next(AuditRecord record) {
        String where = "lane " + lane + ", record " + record.getSequence() + ": ";
        String problem = "";
        if (record.getLane() != lane || record.getSequence() <= sequence) {
            problem = where + "it is out of order: it comes after record " + sequence;
        } else if (record.getSequence() > sequence + 1) {
            problem = where + "records " + (sequence + 1) + " to " + (record.getSequence() - 1)
                    + " before it are missing";
        } else if (!record.getHash().equals(AuditChain.hash(record))) {
            problem = where + "it was altered: its content does not have its hash";
        } else if (!record.getPrevious().equals(hash)) {
            problem = where + "it does not follow on the record before it, which was altered or exchanged";
        }
        sequence = record.getSequence();
        hash = record.getHash();
        return problem.isEmpty() ? Optional.empty() : Optional.of(problem);
    }

    /** Of the last record. */
    public long sequence() {
        return sequence;
    }

    /** Of the last record: kept elsewhere, it shows later that nothing before it was changed. */
    public String hash() {
        return hash;
    }
}
