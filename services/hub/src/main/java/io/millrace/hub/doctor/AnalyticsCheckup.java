package io.millrace.hub.doctor;

import io.millrace.hub.config.Database;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The analysts' database: whether the hub may make what it needs there. */
final class AnalyticsCheckup {
    private static final String PART = "analytics";

    private AnalyticsCheckup() {}

    static List<Finding> look(Database database) {
        List<Finding> findings = new ArrayList<>();
        try (Connection connection = database.connect()) {
            findings.addAll(PostgresFacts.of(PART, connection));
            rights(connection, findings);
            freshness(connection, findings);
        } catch (SQLException failed) {
            throw new MillraceException(
                    Category.EXTERNAL,
                    "no connection to " + database + ": " + failed.getMessage(),
                    "start the server, or correct analytics.url, analytics.user and analytics.password",
                    failed);
        }
        return findings;
    }

    private static void rights(Connection connection, List<Finding> findings) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT quote_ident(current_user) AS role, quote_ident(current_database()) AS database,
                          has_database_privilege(current_database(), 'CREATE') AS creates,
                          rolsuper OR rolcreaterole OR (SELECT count(*) = 2 FROM pg_roles WHERE rolname IN ('analyst', 'auditor')) AS roles,
                          rolsuper OR CASE WHEN to_regrole('gateway') IS NULL THEN rolcreaterole
                            ELSE pg_has_role(current_user, to_regrole('gateway'), 'MEMBER') END AS gateway
                        FROM pg_roles WHERE rolname = current_user""")) {
            row.next();
            if (!row.getBoolean("creates")) {
                findings.add(Finding.problem(
                        PART,
                        "role " + row.getString("role") + " may not create schemas",
                        "GRANT CREATE ON DATABASE " + row.getString("database") + " TO " + row.getString("role")));
            }
            if (!row.getBoolean("roles")) {
                findings.add(Finding.warning(
                        PART,
                        "roles analyst and auditor are missing, and role " + row.getString("role")
                                + " may not create them: nobody else can read",
                        "CREATE ROLE analyst LOGIN; ALTER ROLE analyst SET default_transaction_isolation TO 'repeatable read';"
                                + " ALTER ROLE analyst SET search_path TO analytics; CREATE ROLE auditor; GRANT analyst TO auditor;"
                                + " or ALTER ROLE "
                                + row.getString("role") + " CREATEROLE"));
            }
            if (!row.getBoolean("gateway")) {
                findings.add(Finding.warning(
                        PART,
                        "role gateway is missing, or role " + row.getString("role")
                                + " is not a member of it: the gateway cannot read",
                        "CREATE ROLE gateway; GRANT auditor TO gateway; GRANT gateway TO " + row.getString("role")));
            }
        }
    }

    private static void freshness(Connection connection, List<Finding> findings) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery("SELECT to_regclass('analytics.position') IS NOT NULL")) {
                row.next();
                if (!row.getBoolean(1)) {
                    findings.add(Finding.ok(PART, "its tables are made at the first start"));
                    return;
                }
            }
            try (ResultSet row = statement.executeQuery(
                    "SELECT source, lsn::text, committed_at::timestamptz(0)::text AS committed FROM analytics.position ORDER BY 1")) {
                while (row.next()) {
                    findings.add(Finding.ok(
                            PART,
                            "source " + row.getString("source") + " is applied up to " + row.getString("lsn")
                                    + ", committed " + row.getString("committed")));
                }
            }
        }
    }
}
