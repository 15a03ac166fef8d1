package io.millrace.source;

import io.millrace.schemas.Lane;
import io.millrace.schemas.SourceName;
import io.millrace.schemas.TableName;
import io.millrace.schemas.Topics;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is captured of a database, and how it is spread.
 *
 * @param tables captured, in the order in which the snapshot reads them
 * @param broadcast those of the tables whose rows go to every lane
 * @param laneColumn whose value chooses a row's lane, the same in every table; null for one lane
 * @param lanes partitions of the feed; fixed once the source is published
 * @param slot name of the replication slot, which is Millrace's own
 * @param publication name of the publication of exactly these tables, which is Millrace's own
 * @param reader what reads the log
 * @param columns of the tables, those that are captured
 * @param actorColumn in which the application keeps who changed a row last; null where it does not
 */
public record SourceDefinition(
        SourceName name,
        List<TableName> tables,
        Set<TableName> broadcast,
        @Nullable String laneColumn,
        int lanes,
        String slot,
        String publication,
        ReaderKind reader,
        ColumnChoice columns,
        @Nullable String actorColumn) {
    public SourceDefinition {
        tables = List.copyOf(tables);
        broadcast = Set.copyOf(broadcast);
        if (tables.isEmpty()) {
            throw new IllegalArgumentException("source " + name + " captures no table");
        }
        if (new HashSet<>(tables).size() != tables.size()) {
            throw new IllegalArgumentException("source " + name + " names a table twice");
        }
        Map<String, TableName> byTopic = new HashMap<>();
        for (TableName table : tables) {
            TableName other = byTopic.put(Topics.rowsName(name, table), table);
            if (other != null) {
                throw new IllegalArgumentException("source " + name + ": the rows of " + other + " and " + table
                        + " would be in one topic, " + Topics.rowsName(name, table)
                        + ": leave one out, or rename it in the source");
            }
        }
        if (!tables.containsAll(broadcast)) {
            throw new IllegalArgumentException("source " + name + " broadcasts a table that it does not capture");
        }
        for (Set<TableName> chosen :
                List.of(columns.only().keySet(), columns.except().keySet())) {
            for (TableName table : chosen) {
                if (!tables.contains(table)) {
                    throw new IllegalArgumentException(
                            "source " + name + " names columns of " + table + ", which it does not capture");
                }
            }
        }
        if (lanes < 1 || (laneColumn == null && lanes != 1)) {
            throw new IllegalArgumentException("source " + name + " needs a lane column for " + lanes + " lanes");
        }
    }

    public List<Lane> allLanes() {
        return java.util.stream.IntStream.range(0, lanes).mapToObj(Lane::new).toList();
    }
}
