package io.millrace.hub.doctor;

import io.millrace.hub.config.Database;
import io.millrace.source.SourceDefinition;
import io.millrace.source.server.CapturedTables;
import io.millrace.source.server.Slot;
import io.millrace.source.server.SourceFailures;
import io.millrace.source.server.SourceServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The ERP's database: what capture needs of it, and the slot. */
final class SourceCheckup {
    private static final String PART = "source";

    private SourceCheckup() {}

    static List<Finding> look(Database database, SourceDefinition source) {
        SourceServer server = new SourceServer(
                database.url(), database.user(), database.password().reveal());
        List<Finding> findings = new ArrayList<>();
        try (Connection connection = server.connect()) {
            findings.addAll(PostgresFacts.of(PART, connection));
            List<String> lacks = CapturedTables.lacks(connection, source);
            lacks.forEach(lack -> findings.add(lack(lack)));
            if (lacks.isEmpty()) {
                int tables = CapturedTables.read(connection, source).size();
                findings.add(Finding.ok(PART, tables + " tables can be captured"));
            }
            Slot.warnings(connection)
                    .forEach(
                            warning -> findings.add(
                                    Finding.warning(
                                            PART,
                                            warning,
                                            "ALTER SYSTEM SET max_slot_wal_keep_size = '20GB'; SELECT pg_reload_conf(), with room for the longest stop")));
            slot(connection, source, findings);
        } catch (SQLException failed) {
            throw SourceFailures.describe(server, "look at source " + source.name(), failed);
        }
        return findings;
    }

    /** What is wrong, and the statement that an administrator has to run, are one text. */
    private static Finding lack(String text) {
        int colon = text.indexOf(": ");
        return colon < 0
                ? Finding.problem(PART, text, "see docs/operations.md, what the source needs")
                : Finding.problem(PART, text.substring(0, colon), text.substring(colon + 2));
    }

    private static void slot(Connection connection, SourceDefinition source, List<Finding> findings)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT active, coalesce(wal_status, 'lost') AS status, database = current_database() AS here,
                  pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS kept
                FROM pg_replication_slots WHERE slot_name = ?""")) {
            statement.setString(1, source.slot());
            try (ResultSet row = statement.executeQuery()) {
                String slot = "replication slot " + source.slot();
                if (!row.next()) {
                    findings.add(Finding.ok(PART, slot + " is made at the first start, with a snapshot"));
                } else if (row.getString("status").equals("lost")) {
                    findings.add(Finding.problem(
                            PART,
                            slot + " is invalidated: the server removed log that was not captured yet",
                            "millrace snapshot, then start the hub again; raise max_slot_wal_keep_size"));
                } else if (!row.getBoolean("here")) {
                    findings.add(Finding.problem(
                            PART,
                            slot + " is of another database of this server",
                            "give this source another slot in catalog/sources"));
                } else {
                    findings.add(Finding.ok(
                            PART,
                            slot + (row.getBoolean("active") ? " is read" : " is read by nobody now") + " and keeps "
                                    + row.getString("kept") + " of log"));
                }
            }
        }
    }
}
