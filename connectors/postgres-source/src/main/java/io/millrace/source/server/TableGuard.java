package io.millrace.source.server;

import io.millrace.schemas.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What of a table would break the application that writes to it once the table is published, or would hide rows or changes from
 * capture. It is looked for before the publication is made: from then on Postgres refuses updates that it could not tell about.
 */
final class TableGuard {
    private static final String STATE = """
            SELECT c.relreplident::text AS identity, pk.conname AS key, NOT i.indimmediate AS deferrable,
              coalesce(ri.indexrelid <> i.indexrelid, false) AS other_index, ri.indexrelid::regclass::text AS identity_index,
              row_security_active(c.oid) AS hidden_rows, current_user AS role,
              (SELECT string_agg(p.relid::text, ', ' ORDER BY p.relid::text) FROM pg_partition_tree(c.oid) p
                JOIN pg_class part ON part.oid = p.relid
                WHERE p.isleaf AND p.relid <> c.oid AND part.relreplident IN ('n', 'i')) AS partitions,
              (SELECT string_agg(h.inhrelid::regclass::text, ', ' ORDER BY h.inhrelid::regclass::text) FROM pg_inherits h
                WHERE h.inhparent = c.oid AND c.relkind <> 'p') AS children
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
            JOIN pg_constraint pk ON pk.conindid = i.indexrelid AND pk.contype = 'p'
            LEFT JOIN pg_index ri ON ri.indrelid = c.oid AND ri.indisreplident
            WHERE n.nspname = ? AND c.relname = ?""";

    private TableGuard() {}

    /** @param key columns of the primary key */
    static List<String> problems(Connection source, TableName table, List<String> key) throws SQLException {
        List<String> problems = new ArrayList<>();
        try (PreparedStatement statement = source.prepareStatement(STATE)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    add(problems, row, table, key);
                }
            }
        }
        return problems;
    }

    private static void add(List<String> problems, ResultSet row, TableName table, List<String> key)
            throws SQLException {
        String identity = row.getString("identity");
        String alter = "ALTER TABLE " + table.quoted() + " ";
        if (identity.equals("n")) {
            problems.add(
                    "table " + table + " has REPLICA IDENTITY NOTHING: once it is published, the application could not"
                            + " update or delete its rows any more: " + alter + "REPLICA IDENTITY DEFAULT");
        }
        if (identity.equals("i") && row.getBoolean("other_index")) {
            problems.add("table " + table + " has index " + row.getString("identity_index")
                    + " as its replica identity, which is not its primary key: deleted rows could not be found: "
                    + alter
                    + "REPLICA IDENTITY DEFAULT");
        }
        if (row.getBoolean("deferrable")) {
            problems.add("table " + table
                    + " has a deferrable primary key, by which Postgres does not identify rows: once it is"
                    + " published, the application could not update or delete them any more: " + alter
                    + "DROP CONSTRAINT "
                    + quoted(row.getString("key")) + ", ADD CONSTRAINT " + quoted(row.getString("key"))
                    + " PRIMARY KEY ("
                    + key.stream().map(TableGuard::quoted).collect(Collectors.joining(", ")) + ")");
        }
        String partitions = row.getString("partitions");
        if (partitions != null) {
            problems.add("partitions of table " + table + " have a replica identity of their own (" + partitions
                    + "): updates of them would fail, or deleted rows could not be found: ALTER TABLE … REPLICA IDENTITY DEFAULT"
                    + " for each of them");
        }
        String children = row.getString("children");
        if (children != null) {
            problems.add("tables inherit from table " + table + " (" + children
                    + "): their rows are its rows too, but the log tells them as their own: make them partitions, or ALTER TABLE "
                    + children.replaceFirst(",.*", "") + " NO INHERIT " + table.quoted());
        }
        if (row.getBoolean("hidden_rows")) {
            problems.add("row-level security hides rows of table " + table + " from role " + row.getString("role")
                    + ", but not from the change stream: ALTER ROLE " + quoted(row.getString("role")) + " BYPASSRLS");
        }
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
