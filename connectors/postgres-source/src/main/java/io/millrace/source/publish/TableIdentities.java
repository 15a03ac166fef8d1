package io.millrace.source.publish;

import io.millrace.schemas.TableName;
import io.millrace.source.SourceDefinition;
import io.millrace.source.reader.LogTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which table is which: the log tells rows by a table's identity, and its name at that place. A table that was written under another
 * name for a while has the same form afterwards as before.
 */
final class TableIdentities {
    private static final String OIDS =
            "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ?";

    private final Set<TableName> captured;

    /** Those of captured tables, also of ones that have another name by now. */
    private final Map<Long, TableName> names = new HashMap<>();

    private @Nullable LogTable last;

    TableIdentities(SourceDefinition definition) {
        this.captured = new HashSet<>(definition.tables());
    }

    /** As the catalog has them now. */
    void read(Connection source) throws SQLException {
        try (PreparedStatement statement = source.prepareStatement(OIDS)) {
            for (TableName table : captured) {
                statement.setString(1, table.schema());
                statement.setString(2, table.table());
                try (ResultSet row = statement.executeQuery()) {
                    if (row.next()) {
                        names.put(row.getLong(1), table);
                    }
                }
            }
        }
    }

    /** Whether rows of the table are captured under the name that it has at this place of the log. */
    boolean captures(LogTable table) {
        return captured.contains(table.name());
    }

    /** The captured tables of which the log has rows now that are not theirs, or has theirs under another name; mostly none. */
    @SuppressWarnings("ReferenceEquality") // the reader gives the same table as long as it is unchanged
    Set<TableName> confused(LogTable table) {
        if (table == last || table.oid() == 0) {
            return Set.of();
        }
        last = table;
        TableName known = names.get(table.oid());
        if (table.name().equals(known) || known == null && !captures(table)) {
            return Set.of();
        }
        Set<TableName> confused = new LinkedHashSet<>();
        if (known != null) {
            confused.add(known);
        }
        if (captures(table)) {
            confused.add(table.name());
            names.put(table.oid(), table.name());
        }
        return confused;
    }
}
