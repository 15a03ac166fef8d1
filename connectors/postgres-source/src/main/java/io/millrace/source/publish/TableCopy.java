package io.millrace.source.publish;

import io.millrace.schemas.Lane;
import io.millrace.schemas.TableName;
import io.millrace.schemas.avro.Operation;
import io.millrace.schemas.registry.Framing;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.PgType;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.source.SourceDefinition;
import io.millrace.source.snapshot.Snapshot;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes a snapshot's rows of tables into the open transaction; what the topics have beside them is removed. */
final class TableCopy {
    private static final int PART_CHANGES = 20_000;

    private static final Set<PgType.Kind> INTEGERS = Set.of(PgType.Kind.INT2, PgType.Kind.INT4, PgType.Kind.INT8);

    private final SourceDefinition definition;
    private final SchemaRegistry registry;
    private final LargeRows largeRows;
    private final EpochWriter writer;
    private final Map<Integer, Boolean> keySchemas = new HashMap<>();
    private long published;

    /** Of the open transaction's rows, those that are to stay as they are. */
    @FunctionalInterface
    interface Newer {
        boolean test(TableName table, Lane lane, byte[] key);
    }

    TableCopy(SourceDefinition definition, SchemaRegistry registry, LargeRows largeRows, EpochWriter writer) {
        this.definition = definition;
        this.registry = registry;
        this.largeRows = largeRows;
        this.writer = writer;
        this.published = writer.changes();
    }

    /** Returns the number of changes. */
    long write(Snapshot snapshot, TableEncoder encoder, Newer newer) throws SQLException {
        TableName table = encoder.relation().name();
        Map<Lane, Map<RowKey, List<byte[]>>> before = published(encoder);
        long count = writer.changes();
        // A reader that compares keys by their values must not see a row's new key, and then that it is gone by its old
        // one.
        before.forEach((lane, keys) -> keys.entrySet().removeIf(entry -> {
            boolean other = !keySchemas.computeIfAbsent(
                    Framing.schemaId(entry.getKey().framed()), id -> comparable(id, encoder.relation()));
            if (other) {
                remove(encoder, lane, entry.getKey(), entry.getValue(), newer);
            }
            return other;
        }));
        snapshot.read(encoder.relation(), row -> {
            Lane lane = encoder.lane(row);
            byte[] key = encoder.key(row);
            List<byte[]> records = before.getOrDefault(lane, Map.of()).remove(new RowKey(key));
            if (records != null) {
                forgetOld(encoder, lane, key, records);
            }
            if (!newer.test(table, lane, key)) {
                writer.write(Operation.READ, encoder, row);
                publishIfLarge();
            }
        });
        before.forEach((lane, stale) -> stale.forEach((key, records) -> remove(encoder, lane, key, records, newer)));
        return writer.changes() - count;
    }

    private void remove(TableEncoder encoder, Lane lane, RowKey key, List<byte[]> records, Newer newer) {
        if (!newer.test(encoder.relation().name(), lane, key.framed())) {
            writer.delete(encoder, lane, key.framed());
            publishIfLarge();
        }
        forgetOld(encoder, lane, encoder.own(key.framed()), records);
    }

    /** Whether a key that was written by an earlier schema has the bytes that the same values have now. */
    private boolean comparable(int schemaId, RelationSchema now) {
        List<Column> then = RelationSchema.columnsOf(registry.schema(schemaId));
        if (then.size() != now.key().size()) {
            return false;
        }
        for (int i = 0; i < then.size(); i++) {
            PgType of = now.columns().get(now.indexOf(now.key().get(i))).type();
            if (!then.get(i).type().equals(of) && !encodedAlike(then.get(i).type(), of)) {
                return false;
            }
        }
        return true;
    }

    private static boolean encodedAlike(PgType one, PgType other) {
        return INTEGERS.containsAll(List.of(one.kind(), other.kind()))
                || one.kind() == PgType.Kind.TEXT && other.kind() == PgType.Kind.TEXT;
    }

    /** By lane and key, the keys of the records; there are several where the key's schema has changed. */
    private Map<Lane, Map<RowKey, List<byte[]>>> published(TableEncoder encoder) {
        Map<Lane, Map<RowKey, List<byte[]>>> keys = new HashMap<>();
        for (Lane lane : encoder.broadcast() ? List.of(new Lane(0)) : definition.allLanes()) {
            Map<RowKey, List<byte[]>> ofLane = new HashMap<>();
            for (byte[] key : largeRows.keys(encoder.relation().name(), lane)) {
                ofLane.computeIfAbsent(new RowKey(key), unseen -> new ArrayList<>(1))
                        .add(key);
            }
            keys.put(lane, ofLane);
        }
        return keys;
    }

    private void forgetOld(TableEncoder encoder, Lane lane, byte[] key, List<byte[]> records) {
        for (byte[] record : records) {
            if (!Arrays.equals(record, key)) {
                writer.forget(encoder, lane, record);
            }
        }
    }

    private void publishIfLarge() {
        if (writer.changes() - published >= PART_CHANGES) {
            writer.publishUnfinished();
            published = writer.changes();
        }
    }
}
