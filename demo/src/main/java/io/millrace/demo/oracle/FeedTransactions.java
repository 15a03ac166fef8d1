package io.millrace.demo.oracle;

import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.Change;
import io.millrace.schemas.avro.Epoch;
import io.millrace.schemas.avro.Operation;
import io.millrace.schemas.avro.SourceTransaction;
import io.millrace.schemas.avro.TransactionKind;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.RowDecoder;
import io.millrace.schemas.row.SourceTransactions;
import io.millrace.source.SourceDefinition;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** What relation {@code source_transaction} is, found in the feed without the engine: the oracle of views that read it. */
public final class FeedTransactions {
    private final CommittedTopic committed;
    private final Topic<byte[], Epoch> topic;
    private final Deserializer<Epoch> epochs;
    private final RelationSchema relation;
    private final RowDecoder lane;

    /** Row changes of a table in a transaction, for one value of the lane column. */
    private record Counted(
            long commitLsn, String table, @Nullable Object lane) {}

    private record Found(SourceTransaction transaction, long[] counts) {}

    /** @param tables of the source */
    public FeedTransactions(
            SourceDefinition definition,
            KafkaServers kafkaServers,
            SchemaRegistry registry,
            List<RelationSchema> tables) {
        this.topic = new Topics(registry).transactions(definition.name());
        this.epochs = topic.values().deserializer();
        this.committed = CommittedTopic.of(kafkaServers, topic.name(), definition.lanes());
        this.relation = SourceTransactions.relation(tables);
        String laneColumn = relation.laneColumn();
        this.lane = new RowDecoder(registry, laneColumn == null ? List.of() : List.of(laneColumn));
    }

    /** Makes it a temporary table of a connection to the source. */
    void createTable(Connection source) throws SQLException {
        Map<Counted, Found> all = read();
        String columns = relation.columns().stream()
                .map(column -> '"' + column.name() + "\" " + column.type().name())
                .collect(Collectors.joining(", "));
        try (Statement statement = source.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS pg_temp.source_transaction");
            statement.execute("CREATE TEMP TABLE source_transaction (" + columns + ")");
        }
        try (PreparedStatement insert = source.prepareStatement("INSERT INTO source_transaction VALUES (?"
                + ", ?".repeat(relation.columns().size() - 1) + ")")) {
            for (Map.Entry<Counted, Found> entry : all.entrySet()) {
                set(insert, entry.getKey(), entry.getValue());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private void set(PreparedStatement insert, Counted of, Found found) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>();
        if (relation.laneColumn() != null) {
            values.add(of.lane);
        }
        values.add(of.commitLsn);
        values.add(of.table);
        values.add(found.transaction.getXid());
        values.add(found.transaction.getCommittedAt().atOffset(ZoneOffset.UTC));
        values.add(found.transaction.getActor());
        for (long count : found.counts) {
            values.add(count);
        }
        for (int i = 0; i < values.size(); i++) {
            insert.setObject(i + 1, values.get(i));
        }
    }

    /** Fragments of a transaction come one after the other in a lane; TRUNCATE, which says no keys, is not counted. */
    private Map<Counted, Found> read() {
        Map<Counted, Found> all = new HashMap<>();
        Map<Integer, List<SourceTransaction>> open = new HashMap<>();
        committed.read(record -> {
            Epoch epoch = Objects.requireNonNull(epochs.deserialize(topic.name(), record.value()));
            if (epoch.getPart() == 0) {
                open.remove(epoch.getLane());
            }
            for (SourceTransaction fragment : epoch.getTransactions()) {
                List<SourceTransaction> fragments = open.computeIfAbsent(epoch.getLane(), unseen -> new ArrayList<>());
                fragments.add(fragment);
                if (fragment.getLastFragment()) {
                    count(fragments, all);
                    fragments.clear();
                }
            }
        });
        return all;
    }

    private void count(List<SourceTransaction> fragments, Map<Counted, Found> all) {
        SourceTransaction last = fragments.getLast();
        if (last.getKind() == TransactionKind.SNAPSHOT) {
            return;
        }
        for (SourceTransaction fragment : fragments) {
            for (Change change : fragment.getChanges()) {
                if (change.getOp() != Operation.TRUNCATE) {
                    count(last, change, all);
                }
            }
        }
    }

    private void count(SourceTransaction transaction, Change change, Map<Counted, Found> all) {
        ByteBuffer key = change.getKey().duplicate();
        byte[] bytes = new byte[key.remaining()];
        key.get(bytes);
        Object value = relation.laneColumn() == null ? null : lane.decode(bytes)[0];
        if (relation.laneColumn() != null && value == null) {
            return;
        }
        long[] counts = all.computeIfAbsent(
                        new Counted(transaction.getCommitLsn(), change.getTable(), value),
                        unseen -> new Found(transaction, new long[3]))
                .counts;
        switch (change.getOp()) {
            case INSERT, READ -> counts[0]++;
            case UPDATE -> counts[1]++;
            case DELETE, TRUNCATE -> counts[2]++;
        }
    }
}
