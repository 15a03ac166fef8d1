package io.millrace.governance.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.schemas.avro.AuditKind;
import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Operation;
import io.millrace.schemas.registry.Contracts;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AuditVerifierTest {
    static {
        Contracts.trust();
    }

    private final List<AuditRecord> chain = chain(5);

    @Test
    void wholeChain_hasNoProblem() {
        assertThat(problems(chain)).isEmpty();
    }

    @Test
    void alteredRecord_isFound_whicheverFieldItIs() {
        AuditRecord third = chain.get(2);
        List<AuditRecord> alterations = List.of(
                AuditRecord.newBuilder(third).setActor("somebody else").build(),
                AuditRecord.newBuilder(third).setActor(null).build(),
                AuditRecord.newBuilder(third).setXid(99L).build(),
                AuditRecord.newBuilder(third).setCommitLsn(99L).build(),
                AuditRecord.newBuilder(third)
                        .setAt(third.getAt().plusNanos(1000))
                        .build(),
                AuditRecord.newBuilder(third).setChanges(99L).build(),
                AuditRecord.newBuilder(third).setDigest("00").build(),
                AuditRecord.newBuilder(third).setDetail("x").build(),
                AuditRecord.newBuilder(third).setKind(AuditKind.ACTION).build(),
                AuditRecord.newBuilder(third).setSource("other").build());
        for (AuditRecord altered : alterations) {
            List<AuditRecord> tampered = new ArrayList<>(chain);
            tampered.set(2, altered);
            assertThat(problems(tampered))
                    .containsExactly("lane 0, record 3: it was altered: its content does not have its hash");
        }
    }

    @Test
    void alteredRecord_withAHashThatFits_breaksTheChainBehindIt() {
        AuditRecord altered = AuditRecord.newBuilder(chain.get(2)).setActor("x").build();
        List<AuditRecord> tampered = new ArrayList<>(chain);
        tampered.set(
                2,
                AuditRecord.newBuilder(altered)
                        .setHash(AuditChain.hash(altered))
                        .build());
        assertThat(problems(tampered)).singleElement().asString().contains("record 4: it does not follow on");
    }

    @Test
    void missingRecord_isFound() {
        List<AuditRecord> tampered = new ArrayList<>(chain);
        tampered.remove(2);
        assertThat(problems(tampered)).first().asString().contains("record 4: records 3 to 3 before it are missing");
    }

    @Test
    void exchangedRecords_areFound() {
        List<AuditRecord> tampered = new ArrayList<>(chain);
        tampered.set(1, chain.get(2));
        tampered.set(2, chain.get(1));
        assertThat(problems(tampered)).anyMatch(problem -> problem.contains("out of order"));
        // Also where their numbers were exchanged with them.
        tampered.set(1, AuditRecord.newBuilder(chain.get(2)).setSequence(2L).build());
        tampered.set(2, AuditRecord.newBuilder(chain.get(1)).setSequence(3L).build());
        assertThat(problems(tampered)).isNotEmpty();
    }

    @Test
    void digest_dependsOnEveryChangeAndTheirOrder() {
        Change first = new Change("public.t", Operation.INSERT, ByteBuffer.wrap(new byte[] {1}), null);
        Change second = new Change("public.t", Operation.INSERT, ByteBuffer.wrap(new byte[] {2}), null);
        String forward = AuditChain.digest(AuditChain.digest(AuditChain.BEGIN, first), second);
        String backward = AuditChain.digest(AuditChain.digest(AuditChain.BEGIN, second), first);
        assertThat(forward).hasSize(64).isNotEqualTo(backward);
        Change deleted = new Change("public.t", Operation.DELETE, ByteBuffer.wrap(new byte[] {1}), null);
        assertThat(AuditChain.digest(AuditChain.BEGIN, first))
                .isNotEqualTo(AuditChain.digest(AuditChain.BEGIN, deleted));
    }

    private static List<String> problems(List<AuditRecord> records) {
        AuditVerifier verifier = new AuditVerifier(0);
        return records.stream().map(verifier::next).flatMap(Optional::stream).toList();
    }

    private static List<AuditRecord> chain(int length) {
        List<AuditRecord> records = new ArrayList<>();
        String previous = AuditChain.BEGIN;
        for (int i = 1; i <= length; i++) {
            AuditRecord record = new AuditRecord(
                    0,
                    (long) i,
                    previous,
                    "",
                    AuditKind.TRANSACTION,
                    "erp",
                    100L + i,
                    1000L * i,
                    Instant.parse("2026-11-25T10:00:00Z").plusSeconds(i),
                    "user" + i,
                    3L,
                    AuditChain.BEGIN,
                    "");
            previous = AuditChain.hash(record);
            records.add(AuditRecord.newBuilder(record).setHash(previous).build());
        }
        return records;
    }
}
