package io.millrace.governance.audit;

import io.millrace.schemas.DeadRecord;
import io.millrace.schemas.Lane;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.AlertAction;
import io.millrace.schemas.avro.AuditKind;
import io.millrace.schemas.avro.AuditRecord;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.DeadLetter;
import io.millrace.schemas.avro.DeadLetterAction;
import io.millrace.schemas.avro.DeadLetterActionKind;
import io.millrace.schemas.avro.DeadLetterState;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.GatewayEvent;
import io.millrace.schemas.avro.HubEvent;
import io.millrace.schemas.avro.HubEventKind;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.SourceTransactions;
import io.millrace.streams.Outgoing;
import io.millrace.streams.RecordReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** The audit chain of one lane. How far it is, is in the store, written once a record of the feed. */
public final class AuditProcessor implements Processor<byte[], byte[], byte[], Outgoing> {
    /** Name of the store: a few texts. */
    public static final String STORE = "audit";

    private static final String KEY = "state";
    /** Before the keys under which the hubs' contents are kept. */
    private static final String CONTENT = "content ";

    /** Of the last gateway events: they are sent in batches, and a batch may come twice. */
    private static final String SEEN = "gateway-events";

    private static final int SEEN_IDS = 3 * GatewayEvents.BATCH;

    private final SourceName source;
    private final PublishedState published;
    private final Topic<byte[], Epoch> feed;
    private final Topic<String, AlertAction> actions;
    private final Topic<byte[], AuditRecord> audit;
    private final RecordReader<Epoch> epochs;
    private final RecordReader<AlertAction> actionReader;
    private final Topic<String, HubEvent> hubEvents;
    private final RecordReader<HubEvent> hubEventReader;
    private final Topic<String, DeadLetterAction> letters;
    private final RecordReader<DeadLetterAction> letterReader;
    private final Topic<String, GatewayEvent> gatewayEvents;
    private final RecordReader<GatewayEvent> gatewayEventReader;
    private final Topic<String, DeadLetter> deadLetters;
    private final Serializer<AuditRecord> writer;
    private @Nullable ProcessorContext<byte[], Outgoing> context;
    private @Nullable KeyValueStore<String, String> store;
    private Progress progress = Progress.BEGIN;
    private boolean recovered;

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

    public AuditProcessor(SourceName source, SchemaRegistry registry, PublishedState published) {
        this.published = published;
        this.source = source;
        Topics topics = new Topics(registry);
        this.feed = topics.transactions(source);
        this.actions = topics.alertActions();
        this.audit = topics.audit();
        this.epochs = new RecordReader<>(feed, registry);
        this.actionReader = new RecordReader<>(actions, registry);
        this.hubEvents = topics.hubEvents();
        this.hubEventReader = new RecordReader<>(hubEvents, registry);
        this.letters = topics.deadLetterActions();
        this.letterReader = new RecordReader<>(letters, registry);
        this.gatewayEvents = topics.gatewayEvents();
        this.gatewayEventReader = new RecordReader<>(gatewayEvents, registry);
        this.deadLetters = topics.deadLetters();
        this.writer = audit.values().serializer();
    }

    @Override
    public void init(ProcessorContext<byte[], Outgoing> fresh) {
        context = fresh;
        KeyValueStore<String, String> state = fresh.getStateStore(STORE);
        store = state;
        String kept = state.get(KEY);
        progress = kept == null ? published(fresh.taskId().partition()) : Progress.parse(kept);
    }

    /** Where the stage's own state is lost, the chain goes on behind its last record. */
    private Progress published(int lane) {
        Optional<AuditRecord> last = published.lastAudit(lane);
        recovered = last.isPresent();
        return last.map(Progress.BEGIN::record).orElse(Progress.BEGIN);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        ProcessorContext<byte[], Outgoing> here = Objects.requireNonNull(context);
        if (recovered) {
            recovered = false;
            forward(
                    AuditKind.HUB_EVENT,
                    0,
                    0,
                    Instant.ofEpochMilli(here.currentSystemTimeMs()),
                    null,
                    0,
                    AuditChain.BEGIN,
                    "the trail goes on after its state was lost: what topics still have may follow a second time");
        }
        String topic = here.recordMetadata().orElseThrow().topic();
        if (topic.equals(actions.name())) {
            take(actionReader.read(here, record), this::action);
        } else if (topic.equals(hubEvents.name())) {
            take(hubEventReader.read(here, record), this::hubEvent);
        } else if (topic.equals(letters.name())) {
            take(letterReader.read(here, record), this::letter);
        } else if (topic.equals(gatewayEvents.name())) {
            take(gatewayEventReader.read(here, record), this::gatewayEvent);
        } else {
            take(epochs.read(here, record), this::epoch);
        }
        Objects.requireNonNull(store).put(KEY, progress.toString());
    }

    private static <V> void take(@Nullable V value, Consumer<V> taker) {
        if (value != null) {
            taker.accept(value);
        }
    }

    private void epoch(Epoch epoch) {
        if (epoch.getEpoch() <= progress.epoch) {
            // Read again, since Kafka forgot how far this had come.
            return;
        }
        if (progress.epoch > 0 && epoch.getEpoch() > progress.epoch + 1) {
            // A trail that lacks something says so.
            forward(
                    AuditKind.HUB_EVENT,
                    0,
                    0,
                    epoch.getCommittedAt(),
                    null,
                    0,
                    AuditChain.BEGIN,
                    "epochs " + (progress.epoch + 1) + " to " + (epoch.getEpoch() - 1) + " of topic " + feed.name()
                            + " were not there any more: their transactions are not in the trail");
            progress = progress.epoch(epoch.getEpoch() - 1);
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
        if (DeadRecord.isForeign(action.getOrigin()) && action.getAction() == DeadLetterActionKind.DISCARD) {
            discard(action);
        }
    }

    private void gatewayEvent(GatewayEvent event) {
        KeyValueStore<String, String> state = Objects.requireNonNull(store);
        String kept = state.get(SEEN);
        Deque<String> seen = new ArrayDeque<>(kept == null ? List.of() : List.of(kept.split(" ")));
        if (seen.contains(event.getId())) {
            return;
        }
        seen.add(event.getId());
        if (seen.size() > SEEN_IDS) {
            seen.remove();
        }
        state.put(SEEN, String.join(" ", seen));
        forward(
                AuditKind.ACTION,
                0,
                0,
                event.getAt(),
                event.getActor(),
                0,
                AuditChain.BEGIN,
                GatewayEvents.words(event));
    }

    /** No stage settles what none of them could read. */
    private void discard(DeadLetterAction action) {
        DeadLetter settled = DeadRecord.decided(
                action, DeadLetterState.DISCARDED, action.getReason(), "discarded by " + action.getBy());
        ProcessorContext<byte[], Outgoing> out = Objects.requireNonNull(context);
        out.forward(new Record<>(
                action.getLetter().getBytes(StandardCharsets.UTF_8),
                new Outgoing(
                        deadLetters.name(),
                        new Lane(action.getLane()),
                        deadLetters.values().serializer().serialize(deadLetters.name(), settled)),
                out.currentSystemTimeMs()));
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
        ProcessorContext<byte[], Outgoing> out = Objects.requireNonNull(context);
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
                null,
                new Outgoing(audit.name(), new Lane(lane), writer.serialize(audit.name(), hashed)),
                out.currentSystemTimeMs()));
    }
}
