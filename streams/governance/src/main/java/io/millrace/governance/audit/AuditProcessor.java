package io.millrace.governance.audit;

import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.AlertAction;
import io.millrace.schemas.avro.AuditKind;
import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.avro.TransactionKind;
import io.millrace.schemas.registry.SchemaRegistry;
import java.time.Instant;
import java.util.Objects;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** The audit chain of one lane. Its head, and the digest of a transaction whose fragments are coming, are in the store. */
public final class AuditProcessor implements Processor<byte[], byte[], byte[], AuditProcessor.InLane> {
    /** Name of the store: a few texts. */
    public static final String STORE = "audit";

    private static final String EPOCH = "epoch";
    private static final String SEQUENCE = "sequence";
    private static final String HASH = "hash";
    private static final String DIGEST = "digest";
    private static final String CHANGES = "changes";

    private final SourceName source;
    private final Topic<byte[], Epoch> feed;
    private final Topic<String, AlertAction> actions;
    private final Topic<byte[], AuditRecord> audit;
    private final Deserializer<Epoch> epochs;
    private final Deserializer<AlertAction> actionReader;
    private final Serializer<AuditRecord> writer;
    private @Nullable ProcessorContext<byte[], InLane> context;
    private @Nullable KeyValueStore<String, String> store;

    /** A record on its way to the partition of its lane. */
    public record InLane(int lane, byte[] record) {}

    public AuditProcessor(SourceName source, SchemaRegistry registry) {
        this.source = source;
        Topics topics = new Topics(registry);
        this.feed = topics.transactions(source);
        this.actions = topics.alertActions();
        this.audit = topics.audit();
        this.epochs = feed.values().deserializer();
        this.actionReader = actions.values().deserializer();
        this.writer = audit.values().serializer();
    }

    @Override
    public void init(ProcessorContext<byte[], InLane> fresh) {
        context = fresh;
        store = fresh.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        String topic =
                Objects.requireNonNull(context).recordMetadata().orElseThrow().topic();
        if (topic.equals(actions.name())) {
            action(Objects.requireNonNull(actionReader.deserialize(topic, record.value())));
        } else {
            epoch(Objects.requireNonNull(epochs.deserialize(topic, record.value())));
        }
    }

    private void epoch(Epoch epoch) {
        if (epoch.getEpoch() <= number(EPOCH)) {
            // Read again, since Kafka forgot how far this had come.
            return;
        }
        if (epoch.getPart() == 0) {
            // An interrupted snapshot is taken again: its first attempt counts for nothing.
            beginTransaction();
        }
        for (SourceTransaction transaction : epoch.getTransactions()) {
            String digest = text(DIGEST);
            for (Change change : transaction.getChanges()) {
                digest = AuditChain.digest(digest, change);
            }
            put(DIGEST, digest);
            put(
                    CHANGES,
                    Long.toString(number(CHANGES) + transaction.getChanges().size()));
            if (transaction.getLastFragment()) {
                complete(transaction);
            }
        }
        if (epoch.getLastPart()) {
            put(EPOCH, Long.toString(epoch.getEpoch()));
        }
    }

    private void beginTransaction() {
        put(DIGEST, AuditChain.BEGIN);
        put(CHANGES, "0");
    }

    private void complete(SourceTransaction transaction) {
        if (number(CHANGES) > 0) {
            forward(
                    transaction.getKind() == TransactionKind.SNAPSHOT ? AuditKind.SNAPSHOT : AuditKind.TRANSACTION,
                    transaction.getXid(),
                    transaction.getCommitLsn(),
                    transaction.getCommittedAt(),
                    transaction.getActor(),
                    number(CHANGES),
                    text(DIGEST),
                    "");
        }
        beginTransaction();
    }

    private void action(AlertAction action) {
        forward(
                AuditKind.ACTION,
                0,
                0,
                action.getAt(),
                action.getBy(),
                0,
                AuditChain.BEGIN,
                action.getAction() + " alert " + action.getAlert()
                        + (action.getUntil() == null ? "" : " until " + action.getUntil())
                        + (action.getReason() == null ? "" : ": " + action.getReason()));
    }

    private void forward(
            AuditKind kind,
            long xid,
            long lsn,
            Instant at,
            @Nullable String actor,
            long changes,
            String digest,
            String detail) {
        ProcessorContext<byte[], InLane> out = Objects.requireNonNull(context);
        int lane = out.taskId().partition();
        AuditRecord record = new AuditRecord(
                lane,
                number(SEQUENCE) + 1,
                text(HASH),
                "",
                kind,
                source.toString(),
                xid,
                lsn,
                at,
                actor,
                changes,
                digest,
                detail);
        String hash = AuditChain.hash(record);
        AuditRecord hashed = AuditRecord.newBuilder(record).setHash(hash).build();
        put(SEQUENCE, Long.toString(record.getSequence()));
        put(HASH, hash);
        out.forward(new Record<>(
                null, new InLane(lane, writer.serialize(audit.name(), hashed)), out.currentSystemTimeMs()));
    }

    private long number(String key) {
        String value = Objects.requireNonNull(store).get(key);
        return value == null ? 0 : Long.parseLong(value);
    }

    private String text(String key) {
        return Objects.requireNonNullElse(Objects.requireNonNull(store).get(key), AuditChain.BEGIN);
    }

    private void put(String key, String value) {
        Objects.requireNonNull(store).put(key, value);
    }
}
