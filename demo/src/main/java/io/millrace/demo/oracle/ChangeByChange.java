package io.millrace.demo.oracle;

import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.Operation;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.registry.Framing;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Clock;
import io.millrace.schemas.row.RowDecoder;
import io.millrace.schemas.row.SourceTransactions;
import io.millrace.source.SourceDefinition;
import io.millrace.views.engine.Dataflow;
import io.millrace.views.engine.ViewChanges;
import io.millrace.views.plan.ViewPlan;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * What controls would find if they looked after each change instead of after each transaction, as a stream processor without
 * transactions does: the feed once more, each row change a step of its own.
 */
final class ChangeByChange {
    private final Dataflow dataflow;
    private final Map<TableName, RowDecoder> decoders = new HashMap<>();
    private final Map<List<Object>, @Nullable Object[]> rows = new HashMap<>();
    private final Set<List<Object>> violations = new HashSet<>();
    private long alarms;
    private long falseAlarms;

    /** @param falseAlarms those of a violation that was not there when the transaction was complete */
    record Figures(long alarms, long falseAlarms) {}

    private ChangeByChange(List<ViewPlan> controls, SchemaRegistry registry) {
        this.dataflow = new Dataflow(controls);
        dataflow.tables().forEach((table, columns) -> decoders.put(table, RowDecoder.ofTypes(registry, columns)));
        take(dataflow.initial());
    }

    static Figures read(
            SourceDefinition definition, KafkaServers kafkaServers, SchemaRegistry registry, List<ViewPlan> controls) {
        ChangeByChange evaluation = new ChangeByChange(controls, registry);
        Topic<byte[], Epoch> topic = new Topics(registry).transactions(definition.name());
        Deserializer<Epoch> epochs = topic.values().deserializer();
        CommittedTopic feed = CommittedTopic.of(kafkaServers, topic.name(), definition.lanes());
        feed.read(record -> Objects.requireNonNull(epochs.deserialize(topic.name(), record.value()))
                .getTransactions()
                .forEach(evaluation::transaction));
        return new Figures(evaluation.alarms, evaluation.falseAlarms);
    }

    private void transaction(SourceTransaction transaction) {
        boolean whole = !SourceTransactions.isOne(transaction)
                || transaction.getChanges().stream()
                        .anyMatch(change -> change.getTable().equals(Clock.TABLE.toString()));
        List<List<Object>> raised = new ArrayList<>();
        for (Change change : transaction.getChanges()) {
            apply(change);
            if (!whole) {
                raised.addAll(take(dataflow.step()));
            }
        }
        if (whole) {
            take(dataflow.step());
        }
        alarms += raised.size();
        falseAlarms += raised.stream()
                .filter(violation -> !violations.contains(violation))
                .count();
    }

    private void apply(Change change) {
        TableName table = TableName.parse(change.getTable());
        RowDecoder decoder = decoders.get(table);
        if (decoder == null) {
            return;
        }
        if (change.getOp() == Operation.TRUNCATE) {
            rows.entrySet().removeIf(row -> {
                boolean goes = row.getKey().getFirst().equals(table);
                if (goes) {
                    dataflow.change(table, row.getValue(), null);
                }
                return goes;
            });
            return;
        }
        byte[] key = bytes(change.getKey());
        List<Object> id = List.of(table, ByteBuffer.wrap(Arrays.copyOfRange(key, Framing.HEADER, key.length)));
        @Nullable Object @Nullable [] before = rows.get(id);
        @Nullable Object @Nullable [] after = change.getRow() == null ? null : decoder.decode(bytes(change.getRow()));
        dataflow.change(table, before, after);
        if (after == null) {
            rows.remove(id);
        } else {
            rows.put(id, after);
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** Returns the violations that were not there before. */
    private List<List<Object>> take(List<ViewChanges> changes) {
        List<List<Object>> raised = new ArrayList<>();
        for (ViewChanges of : changes) {
            of.deletes().forEach(row -> violations.remove(id(of.view(), row)));
            of.upserts().forEach(row -> {
                List<Object> id = id(of.view(), row);
                if (violations.add(id)) {
                    raised.add(id);
                }
            });
        }
        return raised;
    }

    private static List<Object> id(ViewPlan control, @Nullable Object[] row) {
        List<Object> id = new ArrayList<>();
        id.add(control.name());
        control.key().forEach(index -> id.add(String.valueOf(row[index])));
        return id;
    }
}
