package io.millrace.source;

import io.millrace.schemas.TableName;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which columns of the captured tables are captured. What is left out never leaves the hub's process: neither rows nor topics have it.
 *
 * @param only of each table that is in it, the only columns
 * @param except of each table that is in it, the columns that are left out
 */
public record ColumnChoice(Map<TableName, Set<String>> only, Map<TableName, Set<String>> except) {
    public static final ColumnChoice ALL = new ColumnChoice(Map.of(), Map.of());

    public ColumnChoice {
        only = Map.copyOf(only);
        except = Map.copyOf(except);
    }

    /**
     * @param only {@code schema.table.column} each
     * @param except likewise
     * @throws IllegalArgumentException for one that is not written so
     */
    public static ColumnChoice parse(Collection<String> only, Collection<String> except) {
        return new ColumnChoice(byTable(only), byTable(except));
    }

    private static Map<TableName, Set<String>> byTable(Collection<String> columns) {
        Map<TableName, Set<String>> byTable = new HashMap<>();
        for (String column : columns) {
            int dot = column.lastIndexOf('.');
            if (dot <= column.indexOf('.') || dot == column.length() - 1) {
                throw new IllegalArgumentException("not a column: '" + column + "' (expected schema.table.column)");
            }
            byTable.computeIfAbsent(TableName.parse(column.substring(0, dot)), unseen -> new TreeSet<>())
                    .add(column.substring(dot + 1));
        }
        return byTable;
    }

    public boolean has(TableName table, String column) {
        Set<String> chosen = only.get(table);
        return (chosen == null || chosen.contains(column))
                && !except.getOrDefault(table, Set.of()).contains(column);
    }

    /** Columns of the table that are named, here or there. */
    public Set<String> named(TableName table) {
        Set<String> named = new TreeSet<>(only.getOrDefault(table, Set.of()));
        named.addAll(except.getOrDefault(table, Set.of()));
        return named;
    }

    /** Whether the columns of a table are others than all that it has. */
    public boolean isOf(TableName table) {
        return only.containsKey(table) || except.containsKey(table);
    }
}
