package io.millrace.hub.verify;

import io.millrace.catalog.Problem;
import io.millrace.catalog.ViewFile;
import io.millrace.hub.config.Database;
import io.millrace.schemas.row.Clock;
import io.millrace.schemas.row.Column;
import io.millrace.schemas.row.RelationSchema;
import io.millrace.schemas.row.SourceTransactions;
import io.millrace.views.plan.ViewPlan;
import io.millrace.views.postgres.ValueType;
import io.millrace.views.sql.Position;
import io.millrace.views.sql.QueryParser;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has Postgres parse each view, and compares the names and types of its columns with those of the plan. Reads nothing from tables and
 * changes nothing: the statements are described, not executed, in a transaction that is rolled back.
 */
public final class PostgresCheck implements CatalogCheck.Question, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PostgresCheck.class);
    private static final String NO_SUCH_FUNCTION = "42883";
    private static final String OWN_AGGREGATE = "weighted_average_cost";

    private final Connection connection;
    private final String relationsOfViews;

    private PostgresCheck(Connection connection, Collection<RelationSchema> relations) throws SQLException {
        this.connection = connection;
        connection.setAutoCommit(false);
        RelationSchema transactions = SourceTransactions.relation(relations);
        this.relationsOfViews = "WITH " + empty(Clock.RELATION) + ", " + empty(transactions) + " SELECT * FROM (";
    }

    /**
     * On the first server that is in reach.
     *
     * @param servers the source, if it is known, first
     * @param sourceIsThere whether the first one is the source, and has the tables
     */
    public static Optional<PostgresCheck> open(
            List<Database> servers, boolean sourceIsThere, Collection<RelationSchema> relations) {
        for (int i = 0; i < servers.size(); i++) {
            try {
                Connection connection = servers.get(i).connect();
                return Optional.of(
                        i == 0 && sourceIsThere ? onSource(connection, relations) : elsewhere(connection, relations));
            } catch (SQLException away) {
                log.debug("{} cannot be asked about views", servers.get(i), away);
            }
        }
        return Optional.empty();
    }

    /** On the source itself, with its tables. */
    static PostgresCheck onSource(Connection source, Collection<RelationSchema> relations) throws SQLException {
        PostgresCheck check = new PostgresCheck(source, relations);
        String schemas = relations.stream()
                .map(relation -> quoted(relation.name().schema()))
                .distinct()
                .collect(Collectors.joining(", "));
        check.execute("SET TRANSACTION READ ONLY");
        if (!schemas.isEmpty()) {
            check.execute("SET LOCAL search_path TO " + schemas);
        }
        return check;
    }

    /** On any other server, with temporary tables in place of the source's. Types that it does not have are text there. */
    static PostgresCheck elsewhere(Connection server, Collection<RelationSchema> relations) throws SQLException {
        PostgresCheck check = new PostgresCheck(server, relations);
        for (RelationSchema relation : relations) {
            check.execute("CREATE TEMP TABLE " + quoted(relation.name().table()) + " ("
                    + relation.columns().stream()
                            .map(column -> quoted(column.name()) + ' ' + typeThere(column))
                            .collect(Collectors.joining(", "))
                    + ") ON COMMIT DROP");
        }
        return check;
    }

    private static String typeThere(Column column) {
        ValueType type = ValueType.of(column.type());
        return type.isInViews() || type.equals(ValueType.INTERVAL)
                ? column.type().name()
                : "text";
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** A relation that views have and the source does not. */
    private static String empty(RelationSchema relation) {
        return quoted(relation.name().table()) + " AS (SELECT "
                + relation.columns().stream()
                        .map(column -> "NULL::" + column.type().name() + " AS " + quoted(column.name()))
                        .collect(Collectors.joining(", "))
                + ")";
    }

    @Override
    public void close() {
        try {
            connection.rollback();
            connection.close();
        } catch (SQLException lost) {
            log.debug("closing", lost);
        }
    }

    @Override
    public Optional<Problem> problem(ViewFile file, ViewPlan plan) {
        try {
            return asked(file, plan);
        } catch (SQLException lost) {
            return Optional.of(new Problem(
                    file.file(),
                    0,
                    0,
                    "Postgres could not be asked about it: " + lost.getMessage(),
                    "see whether the server is well, and check again"));
        }
    }

    private Optional<Problem> asked(ViewFile file, ViewPlan plan) throws SQLException {
        execute("SAVEPOINT view");
        try (PreparedStatement statement =
                connection.prepareStatement(relationsOfViews + QueryParser.withoutSemicolon(file.sql()) + "\n) v")) {
            return difference(file, plan, Objects.requireNonNull(statement.getMetaData()));
        } catch (PSQLException refused) {
            if (connection.isClosed() || refused.getServerErrorMessage() == null) {
                throw refused;
            }
            return refused(file, refused);
        } finally {
            execute("ROLLBACK TO SAVEPOINT view");
        }
    }

    private Optional<Problem> refused(ViewFile file, PSQLException refused) {
        ServerErrorMessage error = Objects.requireNonNull(refused.getServerErrorMessage());
        String message = String.valueOf(error.getMessage());
        boolean rights = "42501".equals(refused.getSQLState());
        boolean aggregate = NO_SUCH_FUNCTION.equals(refused.getSQLState()) && message.contains(OWN_AGGREGATE);
        if (rights || aggregate) {
            return Optional.empty();
        }
        int offset = error.getPosition() - 1 - relationsOfViews.length();
        Position at = offset >= 0 && offset <= file.sql().length()
                ? Position.of(file.sql(), file.sql().offsetByCodePoints(0, offset))
                : Position.NONE;
        return Optional.of(new Problem(
                file.file(),
                at.line(),
                at.column(),
                "Postgres refuses it: " + message,
                "a view must run unchanged on the source: correct it"
                        + (error.getHint() == null ? "" : "; " + error.getHint())));
    }

    private static Optional<Problem> difference(ViewFile file, ViewPlan plan, ResultSetMetaData theirs)
            throws SQLException {
        List<String> ours = plan.columns().stream()
                .map(column -> column.name() + ' ' + ValueType.of(column.type()).name())
                .toList();
        List<String> columns = new ArrayList<>();
        for (int i = 1; i <= theirs.getColumnCount(); i++) {
            columns.add(
                    theirs.getColumnLabel(i) + ' ' + theirs.getColumnTypeName(i).replaceFirst("^varchar$", "text"));
        }
        if (ours.equals(columns)) {
            return Optional.empty();
        }
        for (int i = 0; i < ours.size(); i++) {
            if (i >= columns.size() || !ours.get(i).equals(columns.get(i))) {
                return Optional.of(new Problem(
                        file.file(),
                        0,
                        0,
                        "column " + (i + 1) + " is " + ours.get(i) + " here, and "
                                + (i < columns.size() ? columns.get(i) : "missing") + " in Postgres",
                        "cast it to the type that is meant, and report the difference"));
            }
        }
        return Optional.of(new Problem(
                file.file(),
                0,
                0,
                "Postgres gives it " + columns.size() + " columns, not " + ours.size(),
                "report this"));
    }
}
