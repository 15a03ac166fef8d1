package io.millrace.source.publish;

import io.millrace.schemas.CommittedTopic;
import io.millrace.schemas.Lane;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import io.millrace.source.SourceDefinition;
import java.util.HashMap;
import java.util.HashSet;
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
    private final Map<Place, Map<RowKey, byte[]>> committed = new HashMap<>();
    private final Map<Place, Map<RowKey, Change>> open = new HashMap<>();

    private record Place(TableName table, Lane lane) {}

    /** @param row null where the row is deleted, or too small to matter */
    private record Change(boolean exists, byte @Nullable [] row) {}

    LargeRows(SourceDefinition definition, KafkaCluster cluster) {
        this.definition = definition;
        this.cluster = cluster;
    }

    void upserted(TableName table, Lane lane, byte[] key, byte @Nullable [] largeRow) {
        open.computeIfAbsent(new Place(table, lane), unseen -> new HashMap<>())
                .put(new RowKey(key), new Change(true, largeRow));
    }

    void deleted(TableName table, Lane lane, byte[] key) {
        open.computeIfAbsent(new Place(table, lane), unseen -> new HashMap<>())
                .put(new RowKey(key), new Change(false, null));
    }

    /** The row before the change that is being made; null if there is no large row with this key. */
    byte @Nullable [] find(TableName table, Lane lane, byte[] key) {
        Place place = new Place(table, lane);
        Change change = open.getOrDefault(place, Map.of()).get(new RowKey(key));
        if (change != null) {
            return change.row;
        }
        return committed.computeIfAbsent(place, this::load).get(new RowKey(key));
    }

    /** The keys of all rows that exist, the open epoch's too. */
    Set<RowKey> keys(TableName table, Lane lane) {
        Place place = new Place(table, lane);
        Set<RowKey> keys = new HashSet<>();
        published(place).read(record -> {
            if (record.value() == null) {
                keys.remove(new RowKey(record.key()));
            } else {
                keys.add(new RowKey(record.key()));
            }
        });
        open.getOrDefault(place, Map.of()).forEach((key, change) -> {
            if (change.exists) {
                keys.add(key);
            } else {
                keys.remove(key);
            }
        });
        return keys;
    }

    private Map<RowKey, byte[]> load(Place place) {
        Map<RowKey, byte[]> rows = new HashMap<>();
        published(place).read(record -> {
            if (record.value() == null || record.value().length < TableEncoder.LEAST_LARGE) {
                rows.remove(new RowKey(record.key()));
            } else {
                rows.put(new RowKey(record.key()), record.value());
            }
        });
        return rows;
    }

    private CommittedTopic published(Place place) {
        return CommittedTopic.of(
                cluster.bootstrapServers(),
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
