package io.millrace.demo.oracle;

import io.millrace.catalog.ViewFile;
import io.millrace.catalog.ViewFiles;
import io.millrace.demo.trade.Simulator;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.hub.config.RoutesFile;
import io.millrace.hub.config.SourceFile;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.kafka.KafkaServers;
import io.millrace.schemas.Lsn;
import io.millrace.schemas.registry.HttpSchemaRegistry;
import io.millrace.schemas.registry.SchemaRegistry;
import io.millrace.schemas.row.SourceTransactions;
import io.millrace.source.SourceDefinition;
import io.millrace.source.server.CapturedTables;
import io.millrace.source.server.SourceServer;
import io.millrace.views.plan.ViewPlan;
import io.millrace.views.planner.ViewPlanner;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongPredicate;

/** From before the business trades to after: is everything that it committed published, once, and nothing else? */
public final class Check {
    private static final Duration CATCH_UP_LIMIT = Duration.ofMinutes(2);

    private final SourceDefinition definition;
    private final KafkaServers kafka;
    private final SchemaRegistry registry;
    private final SourceServer server;
    private final FeedCheck feed;
    private final RowTopicCheck rows;
    private final AlertCheck alerts;
    private final MailCheck mails;
    private final AnalystConnection analytics;
    private final List<ViewFile> views;
    private final PrintWriter out;

    /** Where the views are read. */
    private record AnalystConnection(String jdbcUrl) {
        Connection connect() throws SQLException {
            return DriverManager.getConnection(jdbcUrl, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        }
    }

    private Check(
            SourceDefinition definition,
            KafkaServers kafka,
            SchemaRegistry registry,
            SourceServer server,
            AnalystConnection analytics,
            List<ViewFile> views,
            FeedCheck feed,
            RowTopicCheck rows,
            AlertCheck alerts,
            MailCheck mails,
            PrintWriter out) {
        this.mails = mails;
        this.definition = definition;
        this.kafka = kafka;
        this.registry = registry;
        this.alerts = alerts;
        this.server = server;
        this.analytics = analytics;
        this.views = views;
        this.feed = feed;
        this.rows = rows;
        this.out = out;
    }

    public static Check begin(EmbeddedStack stack, Path catalog, PrintWriter out) {
        SourceDefinition definition = SourceFile.readOnly(catalog);
        SchemaRegistry registry = new HttpSchemaRegistry(stack.registry().url());
        KafkaServers kafka = KafkaServers.at(stack.kafka().bootstrapServers());
        SourceServer server =
                new SourceServer(stack.postgres().jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        AnalystConnection analytics = new AnalystConnection(stack.postgres().jdbcUrl("analytics"));
        try {
            return new Check(
                    definition,
                    kafka,
                    registry,
                    server,
                    analytics,
                    ViewFiles.readMaintained(catalog),
                    new FeedCheck(definition, kafka, registry),
                    new RowTopicCheck(definition, server, kafka, registry),
                    AlertCheck.begin(analytics::connect, new ViolationsTopic(kafka, definition.lanes(), registry)),
                    new MailCheck(
                            analytics::connect,
                            RoutesFile.read(catalog),
                            stack.mail().folder(),
                            kafka,
                            definition.lanes(),
                            registry),
                    out);
        } catch (SQLException failed) {
            throw failure(failed);
        }
    }

    /**
     * The business has stopped: compares.
     *
     * @param simulator with its transactions and misdeeds
     * @return whether everything is equal
     */
    public boolean finish(Simulator simulator) {
        try {
            Lsn end = mark();
            if (!feed.await(end, CATCH_UP_LIMIT)) {
                out.println("the feed did not come to " + end + " within " + CATCH_UP_LIMIT.toSeconds() + " s");
            }
            Set<Long> own = Set.copyOf(simulator.committed());
            LongPredicate byOthers = xid -> !own.contains(xid) && wasCommitted(xid);
            boolean feedEqual =
                    Report.print(out, "transactions", List.of(feed.compare(simulator.committed(), byOthers)));
            boolean rowsEqual = Report.print(out, "rows", rows.compare());
            boolean viewsEqual = Report.print(out, "views", compareViews(end));
            boolean reportsWork = reportsWork();
            boolean alertsEqual = alerts.finish(simulator.misdeeds(), byOthers, out);
            boolean mailsEqual = mails.finish(out);
            boolean auditWhole = AuditCheck.finish(analytics::connect, simulator.committed(), out);
            compareWithChangeByChange();
            boolean equal =
                    feedEqual && rowsEqual && viewsEqual && reportsWork && alertsEqual && mailsEqual && auditWhole;
            out.println(equal ? "check passed: everything published equals the source" : "CHECK FAILED");
            return equal;
        } catch (SQLException failed) {
            throw failure(failed);
        }
    }

    /** By somebody who works on the demo's ERP by hand. */
    private boolean wasCommitted(long xid) {
        try (Connection source = server.connect();
                PreparedStatement statement =
                        source.prepareStatement("SELECT pg_xact_status(?::text::xid8) = 'committed'")) {
            statement.setString(1, Long.toString(xid));
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        } catch (SQLException failed) {
            throw failure(failed);
        }
    }

    private static MillraceException failure(SQLException failed) {
        return new MillraceException(
                Category.EXTERNAL, "cannot compare with the source: " + failed.getMessage(), "start again", failed);
    }

    private List<Comparison> compareViews(Lsn end) throws SQLException {
        List<Comparison> comparisons = new ArrayList<>();
        try (Connection source = server.connect();
                Connection analyst = analytics.connect()) {
            ViewCheck check = new ViewCheck(source, analyst);
            check.await(end, CATCH_UP_LIMIT);
            if (views.stream().anyMatch(view -> view.sql().contains(SourceTransactions.TABLE.table()))) {
                check.createSourceTransactions(transactions(source));
            }
            for (ViewFile view : views) {
                comparisons.add(check.compare(view));
            }
        }
        return comparisons;
    }

    private void compareWithChangeByChange() throws SQLException {
        try (Connection source = server.connect()) {
            ViewPlanner planner =
                    new ViewPlanner(CapturedTables.read(source, definition).values(), definition.lanes());
            List<ViewPlan> controls = new ArrayList<>();
            for (ViewFile control : views) {
                // What the engine derives from transactions has no changes.
                if (control.isControl()
                        && !control.sql().contains(SourceTransactions.TABLE.table())
                        && planner.plan(control) instanceof ViewPlanner.Result.Planned planned) {
                    controls.add(planned.plan());
                }
            }
            ChangeByChange.Figures figures = ChangeByChange.read(definition, kafka, registry, controls);
            out.println(String.format(
                    Locale.ROOT,
                    "the same %d controls, looked at after each change instead of each transaction: %,d alarms, %,d of them false",
                    controls.size(),
                    figures.alarms(),
                    figures.falseAlarms()));
        }
    }

    private FeedTransactions transactions(Connection source) throws SQLException {
        return new FeedTransactions(
                definition,
                kafka,
                registry,
                List.copyOf(CapturedTables.read(source, definition).values()));
    }

    /** Each report is there and can be read. */
    private boolean reportsWork() throws SQLException {
        boolean work = true;
        try (Connection analyst = analytics.connect();
                Statement list = analyst.createStatement();
                Statement read = analyst.createStatement();
                ResultSet reports = list.executeQuery("SELECT report, problem FROM analytics.report ORDER BY report")) {
            out.printf("%-34s %25s%n", "reports", "rows");
            while (reports.next()) {
                String problem = reports.getString(2);
                if (problem != null) {
                    out.printf("%-34s %s%n", reports.getString(1), problem);
                    work = false;
                    continue;
                }
                try (ResultSet rows =
                        read.executeQuery("SELECT count(*) FROM analytics.\"" + reports.getString(1) + "\"")) {
                    rows.next();
                    out.printf("%-34s %,25d%n", reports.getString(1), rows.getLong(1));
                }
            }
        }
        return work;
    }

    /** A transaction without rows, after everything else. */
    private Lsn mark() throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT pg_logical_emit_message(true, 'millrace.demo', '')::text")) {
            row.next();
            return Lsn.parse(row.getString(1));
        }
    }
}
