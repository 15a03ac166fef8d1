package io.millrace.source.server;

import io.millrace.schemas.TableName;
import io.millrace.source.SourceDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What the hub's role and the server lack for capture, each with the statement by which an administrator fixes it. */
final class SourceRights {
    private static final String STATE = """
            SELECT quote_ident(current_user) AS role, current_setting('wal_level') AS wal_level,
              r.rolsuper OR r.rolreplication OR EXISTS (SELECT FROM pg_roles m WHERE m.rolname = 'rds_replication'
                AND pg_has_role(r.oid, m.oid, 'MEMBER')) AS replication,
              has_function_privilege('pg_control_system()', 'EXECUTE') AS control,
              EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = ?)
                OR (SELECT count(*) FROM pg_replication_slots) < current_setting('max_replication_slots')::int AS slot,
              current_setting('max_replication_slots') AS slots
            FROM pg_roles r WHERE r.rolname = current_user""";

    private static final String UNREADABLE = """
            SELECT a.attname, quote_ident(a.attname) AS column, has_schema_privilege(c.relnamespace, 'USAGE') AS reachable
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')
              AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
              AND NOT (has_column_privilege(c.oid, a.attnum, 'SELECT') AND has_schema_privilege(c.relnamespace, 'USAGE'))
            ORDER BY a.attnum""";

    private SourceRights() {}

    static List<String> problems(Connection source, SourceDefinition definition) throws SQLException {
        List<String> problems = new ArrayList<>();
        String role = "";
        try (PreparedStatement statement = source.prepareStatement(STATE)) {
            statement.setString(1, definition.slot());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                role = row.getString("role");
                add(problems, row, role);
            }
        }
        for (TableName table : definition.tables()) {
            addUnreadable(problems, source, definition, table, role);
        }
        new Publication(definition).cannotBeMade(source).ifPresent(problems::add);
        return problems;
    }

    private static void add(List<String> problems, ResultSet row, String role) throws SQLException {
        if (!row.getString("wal_level").equals("logical")) {
            problems.add("the server's wal_level is " + row.getString("wal_level")
                    + ": ALTER SYSTEM SET wal_level = 'logical'; then restart the server");
        }
        if (!row.getBoolean("replication")) {
            problems.add("role " + role + " may not replicate: ALTER ROLE " + role
                    + " REPLICATION; on Amazon RDS, GRANT rds_replication TO " + role);
        }
        if (!row.getBoolean("control")) {
            problems.add("role " + role + " may not ask which server this is: GRANT EXECUTE ON FUNCTION"
                    + " pg_catalog.pg_control_system() TO " + role);
        }
        if (!row.getBoolean("slot")) {
            problems.add("all " + row.getString("slots")
                    + " replication slots of the server are in use: ALTER SYSTEM SET max_replication_slots = "
                    + (Integer.parseInt(row.getString("slots")) + 1)
                    + "; then restart the server; or drop a slot that nobody reads (pg_replication_slots)");
        }
    }

    private static void addUnreadable(
            List<String> problems, Connection source, SourceDefinition definition, TableName table, String role)
            throws SQLException {
        List<String> columns = new ArrayList<>();
        boolean reachable = true;
        try (PreparedStatement statement = source.prepareStatement(UNREADABLE)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    if (definition.columns().has(table, row.getString("attname"))) {
                        columns.add(row.getString("column"));
                        reachable &= row.getBoolean("reachable");
                    }
                }
            }
        }
        if (columns.isEmpty()) {
            return;
        }
        String usage = reachable
                ? ""
                : "GRANT USAGE ON SCHEMA \"" + table.schema().replace("\"", "\"\"") + "\" TO " + role + "; ";
        String what = definition.columns().isOf(table) ? "SELECT (" + String.join(", ", columns) + ")" : "SELECT";
        problems.add("table " + table + " cannot be read by role " + role + ": " + usage + "GRANT " + what + " ON "
                + table.quoted() + " TO " + role);
    }
}
