package io.millrace.source.publish;

import io.millrace.schemas.TableName;
import io.millrace.source.reader.LogTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the tables are of which rows are published: their identities, and their forms. The log tells rows by a table's identity and the
 * name that it has at that place; a table that was written under another name for a while has the same form afterwards as before. A
 * table without its form here is read again.
 */
final class PublishedTables {
    private static final Logger LOG = LoggerFactory.getLogger(PublishedTables.class);
    private static final String OIDS =
            "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ?";

    private final Set<TableName> captured;
    private final Map<Long, TableName> names = new HashMap<>();
    private final Map<TableName, Long> forms = new HashMap<>();

    PublishedTables(Collection<TableName> captured) {
        this.captured = Set.copyOf(captured);
    }

    /** Of each table, the form of which its rows are; without those that are to be read again. */
    Map<TableName, Long> forms() {
        return forms;
    }

    /** Takes the tables' identities as the catalog has them. */
    void identify(Connection source, Collection<TableName> tables) throws SQLException {
        names.values().removeAll(Set.copyOf(tables));
        try (PreparedStatement statement = source.prepareStatement(OIDS)) {
            for (TableName table : tables) {
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

    /** Takes a table as the log has it from here on. Its rows may go to another topic than before, or those of two tables to one. */
    void logged(LogTable table) {
        TableName known = names.get(table.oid());
        if (table.name().equals(known)) {
            return;
        }
        if (known != null) {
            isOutdated(known, "was written under the name " + table.name());
        }
        if (captured.contains(table.name())) {
            isOutdated(table.name(), "is another table than before");
            names.put(table.oid(), table.name());
        }
    }

    /** The table's rows in the topics are not all that it has: it is read again. */
    void isOutdated(TableName table, String reason) {
        if (forms.remove(table) != null) {
            LOG.info("table {} {}", table, reason);
        }
    }
}
