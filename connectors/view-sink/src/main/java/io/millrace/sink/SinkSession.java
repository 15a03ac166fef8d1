package io.millrace.sink;

import io.millrace.schemas.CommittedConsumer;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.Topic;
import io.millrace.schemas.Topics;
import io.millrace.schemas.avro.ViewBatch;
import io.millrace.schemas.avro.ViewDefinition;
import io.millrace.schemas.registry.SchemaRegistry;
import java.nio.ByteBuffer;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * From one start to the next failure: applies the largest epoch that every lane has reached, in one transaction with the
 * position. The position is only there, so a restart goes on exactly behind what is applied; of two writers, the one that
 * finds another position than its own stops.
 */
final class SinkSession implements SinkLoop.Session {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration DEFINITION_LIMIT = Duration.ofSeconds(30);

    private final SourceName source;
    private final int lanes;
    private final SchemaRegistry registry;
    private final Connection connection;
    private final CommittedConsumer consumer;
    private final String bootstrapServers;
    private final Topic<byte[], ViewBatch> updates;
    private final Topic<String, ViewDefinition> definitionsTopic;
    private final Deserializer<ViewBatch> batches;
    private final Map<String, ViewTable> tables = new HashMap<>();
    private final Generations generations;
    private final Reports reports;
    private final Listener listener;
    private final List<LaneQueue> queues = new ArrayList<>();
    private final SinkSpans spans = new SinkSpans();
    private long[] offsets;
    private long epoch;

    SinkSession(
            SourceName source,
            int lanes,
            AnalyticsDatabase database,
            String bootstrapServers,
            SchemaRegistry registry,
            Reports reports,
            Listener listener)
            throws SQLException {
        this.listener = listener;
        this.source = source;
        this.lanes = lanes;
        this.registry = registry;
        this.reports = reports;
        this.generations = new Generations(lanes);
        this.bootstrapServers = bootstrapServers;
        Topics topics = new Topics(registry);
        this.updates = topics.viewUpdates();
        this.definitionsTopic = topics.viewDefinitions();
        this.batches = updates.values().deserializer();
        this.offsets = new long[lanes];
        this.connection = database.connect();
        try {
            database.prepare(connection);
            readPosition();
            readGenerations();
            reports.createIfChanged(connection);
            connection.commit();
            this.consumer = consumer(bootstrapServers);
        } catch (SQLException | RuntimeException failed) {
            connection.close();
            throw failed;
        }
    }

    private static CommittedConsumer consumer(String bootstrapServers) {
        return new CommittedConsumer(bootstrapServers, Map.of("max.partition.fetch.bytes", Topic.MAX_RECORD_BYTES));
    }

    private void readPosition() throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT epoch, next_offsets FROM analytics.position WHERE source = ?")) {
            select.setString(1, source.toString());
            try (ResultSet row = select.executeQuery()) {
                if (row.next()) {
                    epoch = row.getLong(1);
                    Long[] stored = (Long[]) row.getArray(2).getArray();
                    for (int i = 0; i < Math.min(stored.length, lanes); i++) {
                        offsets[i] = stored[i];
                    }
                    return;
                }
            }
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO analytics.position VALUES (?, 0, '0/0', 'epoch', now(), ?) ON CONFLICT DO NOTHING")) {
            insert.setString(1, source.toString());
            insert.setArray(2, offsets());
            insert.execute();
        }
    }

    private void readGenerations() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT view, generation FROM analytics.view");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                generations.put(rows.getString(1), rows.getString(2));
            }
        }
    }

    private Array offsets() throws SQLException {
        Long[] boxed = new Long[lanes];
        for (int i = 0; i < lanes; i++) {
            boxed[i] = offsets[i];
        }
        return connection.createArrayOf("bigint", boxed);
    }

    /** Is told of each transaction. */
    interface Listener {
        void applied(long epoch, Lsn lsn, Instant committedAt);

        /** @param views changed, not yet published by every lane: nothing is applied until they are */
        void waits(List<String> views);
    }

    @Override
    public void run(BooleanSupplier stopping) throws SQLException {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            partitions.add(new TopicPartition(updates.name(), lane));
            queues.add(new LaneQueue(epoch));
        }
        consumer.assign(partitions);
        for (TopicPartition partition : partitions) {
            consumer.seek(partition, offsets[partition.partition()]);
        }
        while (!stopping.getAsBoolean()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                ViewBatch part = Objects.requireNonNull(batches.deserialize(record.topic(), record.value()));
                spans.read(record.headers(), record.partition(), part.getEpoch());
                queues.get(record.partition()).add(part, record.offset());
                generations.seen(part);
            }
            long common = generations.consistent(
                    queues.stream().mapToLong(LaneQueue::newest).min().orElse(epoch));
            if (common > epoch) {
                apply(common);
            } else if (!generations.waiting().isEmpty()) {
                listener.waits(generations.waiting());
            }
        }
    }

    private void apply(long common) throws SQLException {
        FoldedViews folded = new FoldedViews();
        Lsn lsn = Lsn.ZERO;
        Instant committedAt = Instant.EPOCH;
        for (int lane = 0; lane < lanes; lane++) {
            for (LaneQueue.Complete batch : queues.get(lane).take(common)) {
                batch.parts().forEach(part -> folded.add(part, view -> generations.at(view, common)));
                offsets[lane] = batch.nextOffset();
                lsn = new Lsn(batch.last().getCommitLsn());
                committedAt = batch.last().getCommittedAt();
            }
        }
        move(common, lsn, committedAt);
        boolean created = folded.views().entrySet().stream()
                .anyMatch(view -> !view.getValue().generation.equals(generations.applied(view.getKey())));
        if (created) {
            Reports.dropAll(connection);
        }
        for (Map.Entry<String, FoldedViews.Folded> view : folded.views().entrySet()) {
            apply(view.getKey(), view.getValue());
        }
        if (created) {
            reports.create(connection);
        }
        connection.commit();
        epoch = common;
        generations.applied(common);
        spans.applied(common);
        announce(lsn);
        listener.applied(epoch, lsn, committedAt);
    }

    /** First, so that a second writer waits here and then finds that it is late. */
    private void move(long to, Lsn lsn, Instant committedAt) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE analytics.position SET epoch = ?, lsn = ?::pg_lsn, committed_at = ?, applied_at = clock_timestamp(),"
                        + " next_offsets = ? WHERE source = ? AND epoch = ?")) {
            update.setLong(1, to);
            update.setString(2, lsn.toString());
            update.setObject(3, committedAt.atOffset(ZoneOffset.UTC));
            update.setArray(4, offsets());
            update.setString(5, source.toString());
            update.setLong(6, epoch);
            if (update.executeUpdate() != 1) {
                throw new SinkLoop.LostPosition(
                        "another sink has moved the position of source " + source + " from epoch " + epoch);
            }
        }
    }

    private void apply(String view, FoldedViews.Folded changes) throws SQLException {
        if (changes.generation.isEmpty()) {
            ViewTable.drop(connection, view);
            return;
        }
        ViewTable table = table(view, changes.generation);
        if (table == null) {
            return;
        }
        if (!changes.generation.equals(generations.applied(view))) {
            table.create(connection);
        }
        List<byte[]> deletes = new ArrayList<>();
        List<byte[]> upserts = new ArrayList<>();
        changes.rows.forEach((key, row) -> {
            if (row == null) {
                deletes.add(bytes(key));
            } else {
                upserts.add(bytes(row));
            }
        });
        table.delete(connection, deletes);
        table.upsert(connection, upserts);
        for (Map.Entry<Integer, Long> excluded : changes.excludedRows.entrySet()) {
            try (PreparedStatement status = connection.prepareStatement(
                    "INSERT INTO analytics.view_lane VALUES (?, ?, ?) ON CONFLICT (view, lane)"
                            + " DO UPDATE SET excluded_rows = EXCLUDED.excluded_rows")) {
                status.setString(1, view);
                status.setInt(2, excluded.getKey());
                status.setLong(3, excluded.getValue());
                status.execute();
            }
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    /** Null for rows of a generation that has been replaced. */
    private @org.jspecify.annotations.Nullable ViewTable table(String view, String generation) {
        ViewTable table = tables.get(view);
        if (table == null || !table.generation().equals(generation)) {
            definitions().forEach((name, definition) -> {
                ViewTable known = tables.get(name);
                if (known == null || !known.generation().equals(definition.getGeneration())) {
                    tables.put(name, new ViewTable(definition, registry));
                }
            });
            table = tables.get(view);
        }
        return table != null && table.generation().equals(generation) ? table : null;
    }

    /** What each view is now. A definition is published before the first batch of its generation. */
    private Map<String, ViewDefinition> definitions() {
        Map<String, ViewDefinition> newest = new HashMap<>();
        Deserializer<ViewDefinition> values = definitionsTopic.values().deserializer();
        TopicPartition partition = new TopicPartition(definitionsTopic.name(), 0);
        Instant deadline = Instant.now().plus(DEFINITION_LIMIT);
        try (CommittedConsumer reader = consumer(bootstrapServers)) {
            reader.assign(List.of(partition));
            reader.seekToBeginning(List.of(partition));
            long end = reader.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (reader.position(partition) < end && Instant.now().isBefore(deadline)) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
                    ViewDefinition definition = values.deserialize(record.topic(), record.value());
                    if (definition != null) {
                        newest.put(definition.getView(), definition);
                    }
                }
            }
        }
        return newest;
    }

    /** For wait_for: behind the commit, so that whoever sees it also sees the rows. */
    private void announce(Lsn lsn) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT setval('analytics.applied_lsn', greatest(?, 0))")) {
            statement.setLong(1, lsn.value());
            statement.execute();
        }
        connection.commit();
    }

    @Override
    public void close() throws SQLException {
        spans.close();
        consumer.close();
        connection.close();
    }
}
