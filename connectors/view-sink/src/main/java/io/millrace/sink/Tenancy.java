package io.millrace.sink;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Row-level security for role gateway, which reads for keys of some tenants: it sees the rows of those that the setting
 * {@code millrace.tenants} of its transaction names, all rows where that is {@code *}, and none where it is not set. Everybody else sees
 * what they saw.
 */
final class Tenancy {
    private static final String SETTING = "(SELECT current_setting('millrace.tenants', true))";
    private static final String EVERYBODY = "everybody";
    private static final String TENANTS = "tenants";
    private static final String UNPROTECTED =
            "SELECT v.view, EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = ? AND NOT a.attisdropped)"
                    + " FROM analytics.view v JOIN pg_class c ON c.oid = to_regclass('analytics.' || quote_ident(v.view))"
                    + " WHERE NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = '"
                    + TENANTS
                    + "')";

    private Tenancy() {}

    /**
     * Protects a table; what is done already stays.
     *
     * @param tenant expression that is a row's tenant as text; null if its rows are of no one tenant
     */
    static void protect(Statement statement, String table, @Nullable String tenant) throws SQLException {
        String policy = "pg_policy WHERE polrelid = " + Sql.literal(table) + "::regclass AND polname = ";
        String rule = SETTING + " = '*'"
                + (tenant == null
                        ? ""
                        : " OR " + tenant + " = ANY ((SELECT string_to_array(" + SETTING + ", ','))::text[])");
        statement.execute(
                "DO $protect$ BEGIN IF NOT EXISTS (SELECT 1 FROM " + policy + "'" + EVERYBODY + "') THEN ALTER TABLE "
                        + table + " ENABLE ROW LEVEL SECURITY; CREATE POLICY " + EVERYBODY + " ON " + table
                        + " FOR SELECT USING (true); END IF;"
                        + " IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '" + AnalyticsDatabase.GATEWAY
                        + "') AND NOT EXISTS (SELECT 1 FROM " + policy + "'" + TENANTS + "') THEN CREATE POLICY "
                        + TENANTS + " ON "
                        + table + " AS RESTRICTIVE FOR SELECT TO " + AnalyticsDatabase.GATEWAY + " USING (" + rule
                        + "); END IF; END $protect$");
    }

    /** Of a view's table, whose column of this name says the tenant; null if it has none. */
    static void protectView(Statement statement, String table, @Nullable String column) throws SQLException {
        protect(statement, table, column == null ? null : Sql.name(column) + "::text");
    }

    /** What is not protected yet: tables of before, and those that were made while role gateway was not there. */
    static void protectAll(Connection connection, @Nullable String tenantColumn) throws SQLException {
        Map<String, Boolean> unprotected = new LinkedHashMap<>();
        try (PreparedStatement select = connection.prepareStatement(UNPROTECTED)) {
            select.setString(1, tenantColumn);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    unprotected.put(rows.getString(1), rows.getBoolean(2));
                }
            }
        }
        try (Statement statement = connection.createStatement()) {
            for (Map.Entry<String, Boolean> view : unprotected.entrySet()) {
                protectView(statement, "analytics." + Sql.name(view.getKey()), view.getValue() ? tenantColumn : null);
            }
            // The evidence of an alert is the row that violates a control.
            protect(
                    statement,
                    "analytics.alert",
                    tenantColumn == null ? null : "(evidence ->> " + Sql.literal(tenantColumn) + ")");
            protect(
                    statement,
                    "analytics.alert_event",
                    tenantColumn == null ? null : "(evidence ->> " + Sql.literal(tenantColumn) + ")");
        }
    }
}
