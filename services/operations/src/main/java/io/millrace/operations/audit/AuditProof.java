package io.millrace.operations.audit;

import java.util.List;

/**
 * What a walk over the audit trail found.
 *
 * @param problems the first ones, in words
 * @param problemCount all of them
 */
public record AuditProof(List<Chain> chains, List<String> problems, int problemCount) {
    /**
     * The chain of a lane.
     *
     * @param head hash of the last record: who writes it down elsewhere can show later that nothing up to it was changed
     */
    public record Chain(int lane, long records, String head) {}

    public boolean whole() {
        return problemCount == 0;
    }
}
