package io.millrace.sink;

import io.millrace.platform.kafka.CommittedConsumer;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.DefinedViews;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From one start to the next failure: applies the largest epoch that every lane has reached, in one transaction with the
 * position. The position is only there, so a restart goes on exactly behind what is applied. One process at a time writes; if there
 * are two after all, the one that finds another position than its own stops.
 */
final class SinkSession implements SinkLoop.Session {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long HELD_BYTES = 64L * 1024 * 1024;
    private static final Logger LOG = LoggerFactory.getLogger(SinkSession.class);

    private final SourceName source;
    private final int lanes;
    private final SchemaRegistry registry;
    private final @Nullable String tenantColumn;
    private final Connection connection;
    private final CommittedConsumer consumer;
    private final KafkaServers kafkaServers;
    private final Topic<byte[], ViewBatch> updates;
    private final Topic<String, ViewDefinition> definitionsTopic;
    private final Deserializer<ViewBatch> batches;
    private final Map<String, ViewTable> tables = new HashMap<>();
    private final Map<String, Edition> editions = new HashMap<>();
    private final Reports reports;
    private final Listener listener;
    private final SinkSpans spans = new SinkSpans();
    private long[] offsets;
    private long epoch;

    SinkSession(
            String what,
            SourceName source,
            int lanes,
            AnalyticsDatabase database,
            KafkaServers kafkaServers,
            SchemaRegistry registry,
            Reports reports,
            Listener listener)
            throws SQLException {
        this.listener = listener;
        this.source = source;
        this.lanes = lanes;
        this.registry = registry;
        this.tenantColumn = database.tenantColumn();
        this.reports = reports;
        this.kafkaServers = kafkaServers;
        Topics topics = new Topics(registry);
        this.updates = topics.viewUpdates();
        this.definitionsTopic = topics.viewDefinitions();
        this.batches = updates.values().deserializer();
        this.offsets = new long[lanes];
        this.connection = database.connectToWrite(what);
        try {
            database.prepare(connection);
            readPosition();
            readViews();
            reports.createIfChanged(connection);
            connection.commit();
            this.consumer = consumer(kafkaServers);
        } catch (SQLException | RuntimeException failed) {
            connection.close();
            throw failed;
        }
    }

    private static CommittedConsumer consumer(KafkaServers kafkaServers) {
        return new CommittedConsumer(kafkaServers, Map.of("max.partition.fetch.bytes", KafkaServers.MAX_RECORD_BYTES));
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

    /** A table whose definition is not known cannot be written to: it is asked for as a whole. */
    private void readViews() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT view, generation, version, definition FROM analytics.view");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                String view = rows.getString(1);
                ViewDefinition definition = definition(rows.getBytes(4));
                if (definition != null && !definition.getSource().equals(source.toString())) {
                    continue;
                }
                editions.put(
                        view, definition == null ? Edition.MISSED : new Edition(rows.getString(2), rows.getLong(3)));
                if (definition != null) {
                    tables.put(view, new ViewTable(definition, registry, tenantColumn));
                }
            }
        }
    }

    private @Nullable ViewDefinition definition(byte @Nullable [] framed) {
        if (framed == null) {
            return null;
        }
        try {
            return definitionsTopic.values().deserializer().deserialize(definitionsTopic.name(), framed);
        } catch (SerializationException ofAnotherRegistry) {
            LOG.warn("sink: the definition of a view cannot be read: {}", ofAnotherRegistry.getMessage());
            return null;
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

        /**
         * @param views not yet published by every lane, as a whole: nothing is applied until they are
         * @param gaps what was found missing before
         */
        void waits(List<String> views, List<String> gaps);
    }

    @Override
    public void run(BooleanSupplier stopping) throws SQLException {
        Alignment alignment = new Alignment(lanes, epoch, editions);
        List<TopicPartition> partitions = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            partitions.add(new TopicPartition(updates.name(), lane));
        }
        consumer.assign(partitions);
        for (TopicPartition partition : partitions) {
            consumer.seek(partition, offsets[partition.partition()]);
        }
        while (!stopping.getAsBoolean()) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            for (ConsumerRecord<byte[], byte[]> record : records) {
                ViewBatch part = read(record);
                if (part != null) {
                    spans.read(record.headers(), record.partition(), part.getEpoch());
                    alignment.add(part, record.offset(), record.serializedValueSize());
                }
            }
            Alignment.Step step = alignment.next();
            if (step != null) {
                apply(alignment, step);
            } else if (!alignment.waiting().isEmpty()) {
                listener.waits(alignment.waiting(), alignment.gaps());
            }
            if (records.isEmpty() && atTheEnd(partitions)) {
                Alignment.Missing missing = alignment.takeMissing();
                if (missing != null) {
                    askFor(missing, alignment);
                }
            }
            pause(alignment, partitions);
        }
    }

    /** Null for what is no batch of this source's lanes: if it was one, the next one tells that it is missing. */
    private @Nullable ViewBatch read(ConsumerRecord<byte[], byte[]> record) throws SQLException {
        String problem;
        try {
            ViewBatch part = batches.deserialize(record.topic(), record.value());
            if (part != null && part.getSource().equals(source.toString()) && part.getLane() == record.partition()) {
                return part;
            }
            problem = part == null
                    ? "it has no value"
                    : "it is of lane " + part.getLane() + " of source " + part.getSource();
        } catch (SerializationException unreadable) {
            problem = unreadable.getMessage() + ": " + unreadable.getCause();
        }
        UnreadableRecords.keep(connection, record, problem);
        connection.commit();
        return null;
    }

    private boolean atTheEnd(List<TopicPartition> partitions) {
        return partitions.stream()
                .allMatch(partition -> consumer.currentLag(partition).orElse(1) == 0);
    }

    /** Everything was read, and what is missing is not there: the engine has to publish those views as a whole. */
    private void askFor(Alignment.Missing missing, Alignment alignment) {
        Set<String> asked = new TreeSet<>();
        Map<String, ViewDefinition> defined = new DefinedViews(kafkaServers, registry).change(before -> {
            Map<String, @Nullable ViewDefinition> again = new HashMap<>();
            before.forEach((view, definition) -> {
                if (definition.getSource().equals(source.toString())
                        && alignment.lacks(
                                missing, view, new Edition(definition.getGeneration(), definition.getVersion()))) {
                    again.put(view, DefinedViews.again(definition));
                }
            });
            asked.addAll(again.keySet());
            return again;
        });
        if (!asked.isEmpty()) {
            LOG.warn(
                    "sink: rows of {} are missing{}, and are asked for as a whole",
                    asked,
                    missing.gaps().isEmpty() ? "" : " (topic " + updates.name() + ", " + missing.gaps() + ")");
        }
        missing.views().stream().filter(view -> !defined.containsKey(view)).forEach(gone -> {
            LOG.info("sink: view {} is not defined any more, and goes", gone);
            alignment.drop(gone);
        });
    }

    /** A lane that is far ahead waits in Kafka, not in memory. */
    private void pause(Alignment alignment, List<TopicPartition> partitions) {
        Set<Integer> ahead = alignment.tooFarAhead(HELD_BYTES);
        for (TopicPartition partition : partitions) {
            if (ahead.contains(partition.partition())) {
                consumer.pause(List.of(partition));
            } else {
                consumer.resume(List.of(partition));
            }
        }
    }

    private void apply(Alignment alignment, Alignment.Step step) throws SQLException {
        for (int lane = 0; lane < lanes; lane++) {
            Long next = step.nextOffsets().get(lane);
            offsets[lane] = next == null ? offsets[lane] : next;
        }
        Lsn lsn = new Lsn(step.last().getCommitLsn());
        Instant committedAt = step.last().getCommittedAt();
        move(step.epoch(), lsn, committedAt);
        Map<String, FoldedViews.Folded> views = step.views().views();
        boolean replaced = views.values().stream()
                .anyMatch(view -> view.definition != null || view.edition.equals(Edition.REMOVED));
        if (replaced) {
            Reports.dropAll(connection);
        }
        for (Map.Entry<String, FoldedViews.Folded> view : views.entrySet()) {
            apply(view.getKey(), view.getValue(), alignment.appliedOf(view.getKey()));
        }
        changed(
                step.epoch(),
                lsn,
                views.entrySet().stream()
                        .filter(view -> view.getValue().changes())
                        .map(Map.Entry::getKey)
                        .toList());
        if (replaced) {
            reports.create(connection);
        }
        connection.commit();
        epoch = step.epoch();
        alignment.applied(step);
        spans.applied(epoch);
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

    private void changed(long at, Lsn lsn, List<String> views) throws SQLException {
        if (views.isEmpty()) {
            return;
        }
        // A view that was removed is not there any more.
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO analytics.view_change SELECT view, ?, ?, ?::pg_lsn FROM analytics.view"
                        + " WHERE view = ANY (?) ON CONFLICT (view) DO UPDATE SET source = EXCLUDED.source, epoch = EXCLUDED.epoch, lsn = EXCLUDED.lsn")) {
            insert.setString(1, source.toString());
            insert.setLong(2, at);
            insert.setString(3, lsn.toString());
            insert.setArray(4, connection.createArrayOf("text", views.toArray()));
            insert.execute();
        }
    }

    private void apply(String view, FoldedViews.Folded changes, @Nullable Edition before) throws SQLException {
        if (changes.edition.equals(Edition.REMOVED)) {
            ViewTable.drop(connection, view);
            tables.remove(view);
            return;
        }
        ViewDefinition definition = changes.definition;
        if (definition != null) {
            ViewTable table = new ViewTable(definition, registry, tenantColumn);
            table.begin(
                    connection,
                    before,
                    definitionsTopic.values().serializer().serialize(definitionsTopic.name(), definition));
            tables.put(view, table);
        }
        ViewTable table = tables.get(view);
        if (table == null || !table.edition().equals(changes.edition)) {
            throw new IllegalStateException("rows of " + view + " " + changes.edition + ", which was never begun");
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
