package io.millrace.source.reader;

import io.millrace.schemas.TableName;
import io.millrace.schemas.row.PgType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table as it was at one place of the log. Rows of one form share one instance.
 *
 * @param oid identity of the table, which outlives its name; 0 where the reader does not know it
 */
public record LogTable(TableName name, long oid, List<LogColumn> columns) {
    /**
     * @param type null where the reader does not know it
     * @param identifying whether deletes and updates tell the value that the row had
     */
    public record LogColumn(String name, @Nullable PgType type, boolean identifying) {}

    public LogTable {
        columns = List.copyOf(columns);
    }

    /** Whether the reader knows all types. */
    public boolean isTyped() {
        return columns.stream().allMatch(column -> column.type() != null);
    }

    public List<String> columnNames() {
        return columns.stream().map(LogColumn::name).toList();
    }
}
