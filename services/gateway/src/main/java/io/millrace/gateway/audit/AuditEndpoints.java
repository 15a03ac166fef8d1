package io.millrace.gateway.audit;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Call;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Parameter;
import io.millrace.gateway.http.Schema;
import io.millrace.operations.access.Permission;
import io.millrace.operations.audit.AuditProof;
import io.millrace.operations.audit.AuditRecords;
import io.millrace.operations.audit.AuditTrail;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.avro.AuditRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerResponse;

/** {@code /audit}: records of the audit trail, and the proof that none was changed. */
public final class AuditEndpoints {
    /** It walks over everything. */
    private static final Duration PROOF_KEPT = Duration.ofMinutes(1);

    private static final Parameter<Integer> LANE =
            Parameter.optionalNumber("lane", 0, 1_000, "Records of this lane; of all lanes, if it is not said.");
    private static final Parameter<Integer> AFTER = Parameter.number(
            "after", 0, Integer.MAX_VALUE, 0, "Number of the record before the first one, to read on in a lane.");
    private static final Parameter<String> ACTOR = Parameter.text("actor", "Records of this actor.");
    private static final Parameter<Integer> LIMIT = Parameter.number("limit", 1, 1_000, 100, "At most so many.");

    private static final Map<String, Object> RECORD = Schema.members(
            "lane", Schema.number("The lane, whose records are a chain."),
            "sequence", Schema.number("The record's number in the lane, from 1."),
            "kind",
                    Schema.text(
                            "transaction, snapshot, action (a person's decision) or hub_event (a change of catalog or configuration)."),
            "source", Schema.text("The source's name."),
            "xid", Schema.text("The source's transaction; 0 if it is none."),
            "lsn", Schema.text("Position in the source's log; 0/0 if it is no transaction."),
            "at", Schema.time("Commit time, or time of the decision."),
            "actor", Schema.nullable(Schema.text("Who did it, where known.")),
            "changes", Schema.number("How many rows it changed in this lane."),
            "digest", Schema.text("SHA-256 over the changes in their order."),
            "detail", Schema.text("Of a decision or an event: what it was."),
            "previous", Schema.text("Hash of the record before."),
            "hash", Schema.text("SHA-256 over 'previous' and all other members."));
    private static final Map<String, Object> PROOF = Schema.members(
            "whole", Schema.truth("Whether no record was altered, removed or exchanged."),
            "at", Schema.time("When it was walked over."),
            "problemCount", Schema.number("How many problems there are."),
            "problems", Schema.array(Schema.text("One of the first.")),
            "chains",
                    Schema.array(
                            Schema.members(
                                    "lane", Schema.number("The lane."),
                                    "records", Schema.number("How many records it has."),
                                    "head",
                                            Schema.text(
                                                    "Hash of the last one: whoever wrote it down can show later that nothing up to it was changed."))));

    private final AuditRecords records;
    private final LoadingCache<String, Walk> proof;

    private record Walk(AuditProof proof, Instant at) {}

    public AuditEndpoints(AuditRecords records, AuditTrail trail) {
        this.records = records;
        this.proof = Caffeine.newBuilder()
                .expireAfterWrite(PROOF_KEPT)
                .build(key -> new Walk(trail.verify(), Instant.now()));
    }

    public List<Endpoint> all() {
        return List.of(
                Endpoint.get(
                        "/audit/records",
                        "listAuditRecords",
                        Permission.AUDIT_READ,
                        "Records of the audit trail",
                        "In the order of lanes and of their numbers.",
                        List.of(LANE, AFTER, ACTOR, LIMIT),
                        Map.of("application/json", Schema.list("records", RECORD)),
                        List.of(),
                        this::records),
                Endpoint.get(
                        "/audit/proof",
                        "proveAuditTrail",
                        Permission.AUDIT_READ,
                        "Whether the audit trail is whole",
                        "Walks the chain of each lane, and compares its end with topic governance.audit. Done once a minute at most; 'at' says when.",
                        List.of(),
                        Map.of("application/json", PROOF),
                        List.of(),
                        this::prove));
    }

    private ServerResponse records(Call call) {
        List<Map<String, @Nullable Object>> found = records
                .page(
                        call.optional(LANE).orElse(null),
                        call.get(AFTER),
                        call.optional(ACTOR).orElse(null),
                        call.get(LIMIT))
                .stream()
                .map(AuditEndpoints::described)
                .toList();
        return Answers.json(Map.of("records", found), headers -> {});
    }

    private ServerResponse prove(Call call) {
        Walk walk = proof.get("");
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("whole", walk.proof.whole());
        answer.put("at", walk.at.toString());
        answer.put("problemCount", walk.proof.problemCount());
        answer.put("problems", walk.proof.problems());
        answer.put("chains", walk.proof.chains());
        return Answers.json(answer, headers -> {});
    }

    private static Map<String, @Nullable Object> described(AuditRecord record) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("lane", record.getLane());
        described.put("sequence", record.getSequence());
        described.put("kind", record.getKind().name().toLowerCase(Locale.ROOT));
        described.put("source", record.getSource());
        described.put("xid", String.valueOf(record.getXid()));
        described.put("lsn", new Lsn(record.getCommitLsn()).toString());
        described.put("at", record.getAt().toString());
        described.put("actor", record.getActor());
        described.put("changes", record.getChanges());
        described.put("digest", record.getDigest());
        described.put("detail", record.getDetail());
        described.put("previous", record.getPrevious());
        described.put("hash", record.getHash());
        return described;
    }
}
