package io.millrace.governance.audit;

import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.AlertAction;
import io.millrace.schemas.avro.AuditKind;
import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.DeadLetterAction;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.HubEvent;
import io.millrace.schemas.avro.HubEventKind;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.SourceTransactions;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** The audit chain of one lane. How far it is, is in the store, written once a record of the feed. */
public final class AuditProcessor implements Processor<byte[], byte[], byte[], AuditProcessor.InLane> {
    /** Name of the store: a few texts. */
    public static final String STORE = "audit";

    private static final String KEY = "state";
    /** Before the keys under which the hubs' contents are kept. */
    private static final String CONTENT = "content ";

    private final SourceName source;
    private final Topic<byte[], Epoch> feed;
    private final Topic<String, AlertAction> actions;
    private final Topic<byte[], AuditRecord> audit;
    private final Deserializer<Epoch> epochs;
    private final Deserializer<AlertAction> actionReader;
    private final Topic<String, HubEvent> hubEvents;
    private final Deserializer<HubEvent> hubEventReader;
    private final Topic<String, DeadLetterAction> letters;
    private final Deserializer<DeadLetterAction> letterReader;
    private final Serializer<AuditRecord> writer;
    private @Nullable ProcessorContext<byte[], InLane> context;
    private @Nullable KeyValueStore<String, String> store;
    private Progress progress = Progress.BEGIN;

    /**
     * Where a lane's chain is.
     *
     * @param epoch the last that is in it
     * @param sequence and hash of its last record
     * @param digest of the changes so far of a transaction whose fragments are coming
     */
    private record Progress(long epoch, long sequence, String hash, String digest, long changes) {
        static final Progress BEGIN = new Progress(0, 0, AuditChain.BEGIN, AuditChain.BEGIN, 0);

        static Progress parse(String text) {
            String[] parts = text.split(" ");
            return new Progress(
                    Long.parseLong(parts[0]), Long.parseLong(parts[1]), parts[2], parts[3], Long.parseLong(parts[4]));
        }

        @Override
        public String toString() {
            return epoch + " " + sequence + " " + hash + " " + digest + " " + changes;
        }

        Progress transaction(String newDigest, long newChanges) {
            return new Progress(epoch, sequence, hash, newDigest, newChanges);
        }

        Progress record(AuditRecord last) {
            return new Progress(epoch, last.getSequence(), last.getHash(), digest, changes);
        }

        Progress epoch(long newEpoch) {
            return new Progress(newEpoch, sequence, hash, digest, changes);
        }
    }

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
        this.hubEvents = topics.hubEvents();
        this.hubEventReader = hubEvents.values().deserializer();
        this.letters = topics.deadLetterActions();
        this.letterReader = letters.values().deserializer();
        this.writer = audit.values().serializer();
    }

    @Override
    public void init(ProcessorContext<byte[], InLane> fresh) {
        context = fresh;
        KeyValueStore<String, String> state = fresh.getStateStore(STORE);
        store = state;
        String kept = state.get(KEY);
        progress = kept == null ? Progress.BEGIN : Progress.parse(kept);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        String topic =
                Objects.requireNonNull(context).recordMetadata().orElseThrow().topic();
        if (topic.equals(actions.name())) {
            action(Objects.requireNonNull(actionReader.deserialize(topic, record.value())));
        } else if (topic.equals(hubEvents.name())) {
            hubEvent(Objects.requireNonNull(hubEventReader.deserialize(topic, record.value())));
        } else if (topic.equals(letters.name())) {
            letter(Objects.requireNonNull(letterReader.deserialize(topic, record.value())));
        } else {
            epoch(Objects.requireNonNull(epochs.deserialize(topic, record.value())));
        }
        Objects.requireNonNull(store).put(KEY, progress.toString());
    }

    private void epoch(Epoch epoch) {
        if (epoch.getEpoch() <= progress.epoch) {
            // Read again, since Kafka forgot how far this had come.
            return;
        }
        if (epoch.getPart() == 0) {
            // An interrupted snapshot is taken again: its first attempt counts for nothing.
            beginTransaction();
        }
        for (SourceTransaction transaction : epoch.getTransactions()) {
            String digest = progress.digest;
            for (Change change : transaction.getChanges()) {
                digest = AuditChain.digest(digest, change);
            }
            progress = progress.transaction(
                    digest, progress.changes + transaction.getChanges().size());
            if (transaction.getLastFragment()) {
                complete(transaction);
            }
        }
        if (epoch.getLastPart()) {
            progress = progress.epoch(epoch.getEpoch());
        }
    }

    private void beginTransaction() {
        progress = progress.transaction(AuditChain.BEGIN, 0);
    }

    private void complete(SourceTransaction transaction) {
        if (progress.changes > 0) {
            forward(
                    SourceTransactions.isOne(transaction) ? AuditKind.TRANSACTION : AuditKind.SNAPSHOT,
                    transaction.getXid(),
                    transaction.getCommitLsn(),
                    transaction.getCommittedAt(),
                    transaction.getActor(),
                    progress.changes,
                    progress.digest,
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

    private void letter(DeadLetterAction action) {
        forward(
                AuditKind.ACTION,
                0,
                0,
                action.getAt(),
                action.getBy(),
                0,
                AuditChain.BEGIN,
                action.getAction() + " dead letter " + action.getLetter() + " of " + action.getOrigin()
                        + (action.getWhy() == null ? "" : ": " + action.getWhy()));
    }

    /** A hub tells at each start what it runs with; what is another than at its last start is a record. */
    private void hubEvent(HubEvent event) {
        KeyValueStore<String, String> state = Objects.requireNonNull(store);
        String key = CONTENT + event.getInstance() + " " + event.getKind();
        String before = state.get(key);
        List<String> changes = ContentChange.lines(
                before == null ? null : ContentChange.parse(before),
                event.getContent(),
                event.getKind() == HubEventKind.CONFIGURATION);
        if (changes.isEmpty()) {
            return;
        }
        String content = ContentChange.text(event.getContent());
        state.put(key, content);
        forward(
                AuditKind.HUB_EVENT,
                0,
                0,
                event.getAt(),
                event.getBy(),
                changes.size(),
                AuditChain.digest(content),
                event.getKind().name().toLowerCase(Locale.ROOT) + " of " + event.getInstance() + ": "
                        + String.join("; ", changes));
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
                progress.sequence + 1,
                progress.hash,
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
        AuditRecord hashed =
                AuditRecord.newBuilder(record).setHash(AuditChain.hash(record)).build();
        progress = progress.record(hashed);
        out.forward(new Record<>(
                null, new InLane(lane, writer.serialize(audit.name(), hashed)), out.currentSystemTimeMs()));
    }
}
