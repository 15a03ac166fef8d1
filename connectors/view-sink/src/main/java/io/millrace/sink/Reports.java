package io.millrace.sink;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The reports of the catalog as SQL views, made again whenever a table that they may read is. */
final class Reports {
    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);

    private final List<Report> reports;
    private final Map<String, String> problems = new HashMap<>();

    Reports(List<Report> reports) {
        this.reports = reports;
    }

    /** Makes them again if any is not as the catalog has it: what people built on top of them would go too. */
    void createIfChanged(Connection connection) throws SQLException {
        Map<String, String> wanted = new HashMap<>();
        reports.forEach(report -> wanted.put(report.name(), report.sql() + report.description()));
        Map<String, String> there = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT report, CASE WHEN problem IS NULL THEN sql || description ELSE '' END FROM analytics.report")) {
            while (rows.next()) {
                there.put(rows.getString(1), rows.getString(2));
            }
        }
        if (!there.equals(wanted) && hasViews(connection)) {
            create(connection);
        } else {
            describeColumns(connection);
        }
    }

    private static boolean hasViews(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT 1 FROM analytics.view)")) {
            return row.next() && row.getBoolean(1);
        }
    }

    /** Within the open transaction. One report may read another; one that cannot be made is left out, and says why. */
    void create(Connection connection) throws SQLException {
        dropAll(connection);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL search_path TO analytics");
            List<Report> open = new ArrayList<>(reports);
            Map<String, String> failed = new HashMap<>();
            int before;
            do {
                before = open.size();
                failed.clear();
                open.removeIf(report -> created(connection, statement, report, failed));
            } while (!open.isEmpty() && open.size() < before);
            statement.execute("RESET search_path");
            for (Report report : reports) {
                record(connection, report, failed.get(report.name()));
            }
        }
        describeColumns(connection);
    }

    private static void describeColumns(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(AnalyticsDatabase.script("report-columns.sql"));
        }
    }

    /** Before tables are replaced. */
    static void dropAll(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            List<String> names = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery("SELECT report FROM analytics.report")) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            for (String name : names) {
                statement.execute("DROP VIEW IF EXISTS analytics." + Sql.name(name) + " CASCADE");
            }
            statement.execute("DELETE FROM analytics.report");
        }
    }

    private static boolean created(
            Connection connection, Statement statement, Report report, Map<String, String> failed) {
        try {
            Savepoint before = connection.setSavepoint();
            try {
                String name = "analytics." + Sql.name(report.name());
                statement.execute("CREATE VIEW " + name + " AS\n" + report.sql());
                statement.execute("COMMENT ON VIEW " + name + " IS " + Sql.literal(report.description()));
                for (Map.Entry<String, String> column :
                        report.columnDescriptions().entrySet()) {
                    statement.execute("COMMENT ON COLUMN " + name + "." + Sql.name(column.getKey()) + " IS "
                            + Sql.literal(column.getValue()));
                }
                statement.execute(Sql.grantToAnalyst(name));
                connection.releaseSavepoint(before);
                return true;
            } catch (SQLException wrong) {
                connection.rollback(before);
                failed.put(report.name(), String.valueOf(wrong.getMessage()));
                return false;
            }
        } catch (SQLException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private void record(Connection connection, Report report, @org.jspecify.annotations.Nullable String problem)
            throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO analytics.report VALUES (?, ?, ?, ?)")) {
            insert.setString(1, report.name());
            insert.setString(2, report.description());
            insert.setString(3, report.sql());
            insert.setString(4, problem);
            insert.execute();
        }
        if (problem != null && !problem.equals(problems.put(report.name(), problem))) {
            LOG.warn("{}: {}; correct the query, the other reports and all views go on", report.file(), problem);
        }
    }
}
