package io.millrace.source.publish;

import io.millrace.platform.kafka.CommittedTopic;
import io.millrace.schemas.Lane;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.RowDecoder;
import io.millrace.source.SourceDefinition;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The rows that are large enough to have values out of line, which the log leaves out where an update does not touch
 * them. Read from a table's row topic when first needed, then kept up to date. What the open epoch holds, comes first.
 */
final class LargeRows {
    private final SourceDefinition definition;
    private final KafkaCluster cluster;
    private final SchemaRegistry registry;
    private final Map<Place, Map<RowKey, byte[]>> committed = new HashMap<>();
    private final Map<Place, Map<RowKey, Change>> open = new HashMap<>();

    /** Where a row was missed that had looked too small: from then on all of them are kept. */
    private final Set<Place> whole = new HashSet<>();

    private record Place(TableName table, Lane lane) {}

    /** @param row null where the row is deleted, or too small to matter */
    private record Change(byte[] key, boolean exists, byte @Nullable [] row) {}

    LargeRows(SourceDefinition definition, KafkaCluster cluster, SchemaRegistry registry) {
        this.definition = definition;
        this.registry = registry;
        this.cluster = cluster;
    }

    void upserted(TableName table, Lane lane, byte[] key, byte[] row, boolean large) {
        Place place = new Place(table, lane);
        open.computeIfAbsent(place, unseen -> new HashMap<>())
                .put(new RowKey(key), new Change(key, true, large || whole.contains(place) ? row : null));
    }

    void deleted(TableName table, Lane lane, byte[] key) {
        open.computeIfAbsent(new Place(table, lane), unseen -> new HashMap<>())
                .put(new RowKey(key), new Change(key, false, null));
    }

    /** The row before the change that is being made; null if there is no row with this key. */
    byte @Nullable [] find(TableEncoder encoder, Lane lane, byte[] key) {
        Place place = new Place(encoder.relation().name(), lane);
        Change change = open.getOrDefault(place, Map.of()).get(new RowKey(key));
        if (change != null) {
            if (change.exists && change.row == null) {
                // Postgres takes it for larger than we did; the topic's row is not the newest one.
                whole.add(place);
                committed.remove(place);
            }
            return change.row;
        }
        byte[] row = committed
                .computeIfAbsent(place, unseen -> load(unseen, encoder))
                .get(new RowKey(key));
        if (row == null && whole.add(place)) {
            committed.put(place, load(place, encoder));
            return find(encoder, lane, key);
        }
        return row;
    }

    /** The keys of all records of rows that exist, the open epoch's too; a row may have one of each schema that its key had. */
    Collection<byte[]> keys(TableName table, Lane lane) {
        Place place = new Place(table, lane);
        Map<ByteBuffer, byte[]> keys = new LinkedHashMap<>();
        published(place).read(record -> {
            if (record.value() == null) {
                keys.remove(ByteBuffer.wrap(record.key()));
            } else {
                keys.put(ByteBuffer.wrap(record.key()), record.key());
            }
        });
        open.getOrDefault(place, Map.of()).values().forEach(change -> {
            if (change.exists) {
                keys.put(ByteBuffer.wrap(change.key), change.key);
            } else {
                keys.remove(ByteBuffer.wrap(change.key));
            }
        });
        return keys.values();
    }

    private Map<RowKey, byte[]> load(Place place, TableEncoder encoder) {
        List<String> columns = encoder.relation().columns().stream()
                .map(column -> column.name())
                .toList();
        RowDecoder decoder = new RowDecoder(registry, columns);
        Map<RowKey, byte[]> rows = new HashMap<>();
        published(place).read(record -> {
            byte[] row = record.value();
            if (row != null && (whole.contains(place) || encoder.large(decoder.decode(row)))) {
                rows.put(new RowKey(record.key()), row);
            } else {
                rows.remove(new RowKey(record.key()));
            }
        });
        return rows;
    }

    private CommittedTopic published(Place place) {
        return CommittedTopic.of(
                cluster.kafkaServers(),
                new TopicPartition(Topics.rowsName(definition.name(), place.table), place.lane.index()));
    }

    /** The open epoch is forgotten. */
    void abort() {
        open.clear();
    }

    /** The open epoch is committed. */
    void publish() {
        open.forEach((place, changes) -> {
            Map<RowKey, byte[]> rows = committed.get(place);
            if (rows != null) {
                changes.forEach((key, change) -> {
                    byte[] row = change.row;
                    if (row == null) {
                        rows.remove(key);
                    } else {
                        rows.put(key, row);
                    }
                });
            }
        });
        open.clear();
    }
}
