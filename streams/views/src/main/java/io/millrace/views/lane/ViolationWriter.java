package io.millrace.views.lane;

import io.millrace.schemas.Lane;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.ViewName;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.avro.Violation;
import io.millrace.schemas.avro.ViolationColumn;
import io.millrace.schemas.avro.ViolationTransaction;
import io.millrace.schemas.registry.Framing;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgText;
import io.millrace.schemas.row.SourceTransactions;
import io.millrace.streams.Outgoing;
import io.millrace.views.engine.ViewChanges;
import io.millrace.views.plan.ViewPlan;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Tells of the rows of controls, with the source transaction after which they are so. What a transaction did is told when it is
 * complete, whatever its fragments did in between. Not thread-safe.
 */
final class ViolationWriter {
    private static final int LONGEST_VALUE = 4_000;

    private final SourceName source;
    private final Lane lane;
    private final Topic<String, Violation> topic;
    private final Serializer<Violation> values;
    private final Map<ViewName, ViewEncoder> controls = new HashMap<>();
    private final BiConsumer<byte @Nullable [], Outgoing> out;

    /** What the transaction at work did so far, by id. */
    private final Map<String, Pending> pending = new LinkedHashMap<>();

    private record Pending(
            ViewName control, List<String> key, @Nullable List<ViolationColumn> row) {}

    ViolationWriter(
            SourceName source,
            Lane lane,
            List<ViewPlan> controls,
            SchemaRegistry registry,
            BiConsumer<byte @Nullable [], Outgoing> out) {
        this.source = source;
        this.lane = lane;
        this.out = out;
        this.topic = new Topics(registry).violations();
        this.values = topic.values().serializer();
        controls.forEach(control -> this.controls.put(control.name(), new ViewEncoder(control, registry)));
    }

    boolean hasControls() {
        return !controls.isEmpty();
    }

    /** Views that are not controls are skipped. */
    void add(ViewChanges changes) {
        ViewPlan control = changes.view();
        ViewEncoder encoder = controls.get(control.name());
        if (encoder == null) {
            return;
        }
        List<String> key = control.key().stream()
                .map(index -> control.columns().get(index).name())
                .toList();
        changes.deletes()
                .forEach(row ->
                        pending.put(id(control.name(), encoder.key(row)), new Pending(control.name(), key, null)));
        changes.upserts()
                .forEach(row -> pending.put(
                        id(control.name(), encoder.key(row)), new Pending(control.name(), key, columns(control, row))));
    }

    /** Those of a control that is made again or removed go, where they do not come again. */
    void takeBack(ViewName control, Set<Bytes> published) {
        published.forEach(key -> pending.putIfAbsent(id(control, key.get()), new Pending(control, List.of(), null)));
    }

    /** The key's bytes without the id of their schema: the same in every generation. */
    private String id(ViewName control, byte[] framedKey) {
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        name.writeBytes((source + "\0" + control + "\0").getBytes(StandardCharsets.UTF_8));
        name.write(framedKey, Framing.HEADER, framedKey.length - Framing.HEADER);
        return UUID.nameUUIDFromBytes(name.toByteArray()).toString();
    }

    /** Evidence is for people, and goes on into alerts, mail and prompts; the view has the whole value. */
    private static String bounded(String value) {
        return value.length() <= LONGEST_VALUE
                ? value
                : value.substring(0, LONGEST_VALUE) + "… (" + value.length() + " characters)";
    }

    private static List<ViolationColumn> columns(ViewPlan control, @Nullable Object[] row) {
        List<ViolationColumn> columns = new ArrayList<>();
        for (int i = 0; i < row.length; i++) {
            Column column = control.columns().get(i);
            Object value = row[i];
            columns.add(new ViolationColumn(
                    column.name(), column.type().name(), value == null ? null : bounded(PgText.of(value))));
        }
        return columns;
    }

    /** The transaction is complete: tells what it did. */
    void send(SourceTransaction transaction) {
        send(
                transaction.getCommitLsn(),
                transaction.getCommittedAt(),
                SourceTransactions.isOne(transaction)
                        ? new ViolationTransaction(transaction.getXid(), transaction.getActor())
                        : null);
    }

    /** Tells what was found without a transaction that did it. */
    void send(Epoch epoch) {
        send(epoch.getCommitLsn(), epoch.getCommittedAt(), null);
    }

    private void send(long lsn, Instant committedAt, @Nullable ViolationTransaction transaction) {
        pending.forEach((id, what) -> {
            Violation violation = new Violation(
                    id,
                    source.toString(),
                    lane.index(),
                    what.control.toString(),
                    lsn,
                    committedAt,
                    transaction,
                    what.key,
                    what.row);
            byte[] key = id.getBytes(StandardCharsets.UTF_8);
            out.accept(key, new Outgoing(topic.name(), lane, values.serialize(topic.name(), violation)));
            if (what.row == null) {
                out.accept(key, new Outgoing(topic.name(), lane, null));
            }
        });
        pending.clear();
    }
}
