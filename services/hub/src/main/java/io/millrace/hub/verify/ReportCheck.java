package io.millrace.hub.verify;

import io.millrace.catalog.Problem;
import io.millrace.catalog.ViewFile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.sf.jsqlparser.JSQLParserException;
import net.sf.jsqlparser.parser.CCJSqlParserUtil;
import net.sf.jsqlparser.parser.ParseException;
import net.sf.jsqlparser.parser.Token;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.select.Select;
import org.jspecify.annotations.Nullable;

/**
 * What can be said of a report without a database: that it parses, and that what it reads is there. Types and functions are Postgres'
 * business: it tells of them when the report is made, in {@code analytics.report}.
 */
final class ReportCheck {
    /** Of the hub, in schema analytics. */
    private static final Set<String> OWN = Set.of(
            "alert",
            "alert_event",
            "delivery",
            "enrichment",
            "freshness",
            "position",
            "progress",
            "report",
            "topic_position",
            "unreadable_record",
            "view",
            "view_lane",
            "view_status");

    /** The parser knows nearly all that Postgres does: not, say, a SELECT without columns. */
    private static final String PLAINER =
            "a report is one SELECT; where Postgres takes it as it stands, say it in plainer SQL: this check reads less than Postgres";

    private static final String ANALYTICS = "analytics";
    private static final long LIMIT_MS = 10_000;

    /** Words without parentheses that are values. */
    private static final Set<String> VALUES = Set.of(
            "current_user",
            "session_user",
            "user",
            "current_role",
            "current_catalog",
            "current_schema",
            "current_date",
            "current_time",
            "current_timestamp",
            "localtime",
            "localtimestamp",
            "true",
            "false",
            "null");

    private final Set<String> names;
    private final Map<String, Set<String>> columnsOfViews;

    /**
     * @param names of views, controls and reports
     * @param columnsOfViews of those that are right
     */
    ReportCheck(Set<String> names, Map<String, Set<String>> columnsOfViews) {
        this.names = names;
        this.columnsOfViews = columnsOfViews;
    }

    List<Problem> problems(ViewFile report) {
        Statement query;
        try {
            query = CCJSqlParserUtil.parse(
                    report.sql(), parser -> parser.withAllowComplexParsing(true).withTimeOut(LIMIT_MS));
        } catch (JSQLParserException wrong) {
            return List.of(unreadable(report, wrong));
        }
        if (!(query instanceof Select)) {
            return List.of(new Problem(report.file(), 0, 0, "this is not a query", "a report is one SELECT"));
        }
        ReportNames read = ReportNames.of(query);
        List<Problem> problems = new ArrayList<>();
        Set<String> columns = new HashSet<>();
        boolean open = read.open;
        for (ReportNames.Place table : read.tables) {
            if (table.qualifier().isEmpty() && read.with.contains(table.name())) {
                continue;
            }
            boolean ours = table.qualifier().isEmpty() || table.qualifier().equals(ANALYTICS);
            Set<String> ofView = ours ? columnsOfViews.get(table.name()) : null;
            if (ofView != null) {
                columns.addAll(ofView);
            } else {
                open = true;
                if (ours && !isKnown(table)) {
                    problems.add(noRelation(report, table));
                }
            }
        }
        for (ReportNames.Place column : read.columns) {
            Set<String> of = ofRelation(read, column.qualifier());
            if (of != null && !of.contains(column.name())) {
                problems.add(noColumn(report, column, column.qualifier() + " has no column " + column.name(), of));
            } else if (column.qualifier().isEmpty()
                    && !open
                    && !columns.contains(column.name())
                    && !read.own.contains(column.name())
                    && !VALUES.contains(column.name())) {
                problems.add(noColumn(report, column, "nothing that it reads has a column " + column.name(), columns));
            }
        }
        return problems;
    }

    private boolean isKnown(ReportNames.Place table) {
        return names.contains(table.name())
                || OWN.contains(table.name())
                || table.name().startsWith("enrichment_")
                || table.name().startsWith("pg_");
    }

    /** Null if they cannot be told. */
    private @Nullable Set<String> ofRelation(ReportNames read, String qualifier) {
        Set<String> meant = read.relations.get(qualifier);
        if (meant == null || meant.size() != 1) {
            return null;
        }
        String name = meant.iterator().next();
        return read.with.contains(name) ? null : columnsOfViews.get(name);
    }

    private static Problem noRelation(ViewFile report, ReportNames.Place table) {
        return new Problem(
                report.file(),
                table.line(),
                table.column(),
                "there is no view " + table.name(),
                "read a view, a control or another report of the catalog; put the schema before what is in another one");
    }

    private static Problem noColumn(ViewFile report, ReportNames.Place column, String message, Set<String> there) {
        return new Problem(
                report.file(),
                column.line(),
                column.column(),
                message,
                "take one of " + String.join(", ", new TreeSet<>(there)));
    }

    private static Problem unreadable(ViewFile report, JSQLParserException wrong) {
        Token at = null;
        for (Throwable cause = wrong; cause != null; cause = cause.getCause()) {
            if (cause instanceof ParseException parse && parse.currentToken != null) {
                at = parse.currentToken.next;
            }
        }
        return at == null
                ? new Problem(report.file(), 0, 0, "it cannot be parsed", PLAINER)
                : new Problem(
                        report.file(),
                        at.beginLine,
                        at.beginColumn,
                        "it cannot be parsed from " + (at.image.isEmpty() ? "its end" : "'" + at.image + "'") + " on",
                        PLAINER);
    }
}
