package io.millrace.sink;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the analysts' database is and who writes to it. Passwords never show in texts.
 *
 * @param analystPassword that role analyst is given; empty: it keeps what an administrator gave it
 * @param tenantColumn column that says in each view whose rows they are; null if there are no tenants
 */
public record AnalyticsDatabase(
        String jdbcUrl,
        String user,
        String password,
        String analystPassword,
        @Nullable String tenantColumn) {
    private static final Logger LOG = LoggerFactory.getLogger(AnalyticsDatabase.class);

    /** The role that readers get. */
    public static final String ANALYST = "analyst";

    /** The role that people get who read the audit trail too. */
    private static final String AUDITOR = "auditor";

    /** The role as which the gateway reads: nobody can log in as it. */
    public static final String GATEWAY = "gateway";

    /** Of two processes that start together, one waits for the other. */
    private static final String ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('millrace.analytics'))";

    Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("ApplicationName", "millrace-sink");
        properties.setProperty("connectTimeout", "10");
        Connection connection = DriverManager.getConnection(jdbcUrl, properties);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TIME ZONE 'UTC'");
            // Position and rows are one transaction: a crash loses whole epochs, and they are applied again.
            statement.execute("SET synchronous_commit TO off");
            // A machine that vanished has its turn to write for 25 s more.
            statement.execute(
                    "SET tcp_keepalives_idle TO 10; SET tcp_keepalives_interval TO 5; SET tcp_keepalives_count TO 3");
        }
        return connection;
    }

    /**
     * Connects as the one process that writes something; another one can once the connection is closed, or its process or machine
     * is gone.
     *
     * @param what is written, e.g. "views of source erp"
     * @throws Standby if another process writes it
     */
    Connection connectToWrite(String what) throws SQLException {
        Connection connection = connect();
        try (PreparedStatement turn =
                connection.prepareStatement("SELECT pg_try_advisory_lock(hashtext('millrace.sink'), hashtext(?))")) {
            turn.setString(1, what);
            try (ResultSet row = turn.executeQuery()) {
                if (!row.next() || !row.getBoolean(1)) {
                    throw new Standby(what);
                }
            }
            return connection;
        } catch (SQLException | RuntimeException failed) {
            connection.close();
            throw failed;
        }
    }

    /** Another process is at work. */
    static final class Standby extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Standby(String what) {
            super("standby: another hub applies the " + what + "; this one takes over when it ends");
        }
    }

    /** Creates what is missing, as a sink does when it starts. */
    public void create() throws SQLException {
        try (Connection connection = connect()) {
            prepare(connection);
        }
    }

    /** Creates what is missing: schema, position, functions, and the analysts' role. Leaves the connection in a transaction's begin. */
    void prepare(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(ONE_AT_A_TIME);
            statement.execute(script("schema.sql"));
            statement.execute(script("comments.sql"));
            connection.commit();
            grant(connection, statement);
            statement.execute(ONE_AT_A_TIME);
            Tenancy.protectAll(connection, tenantColumn);
            connection.commit();
        }
    }

    static String script(String name) {
        try (InputStream script = Objects.requireNonNull(AnalyticsDatabase.class.getResourceAsStream(name), name)) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Each by itself, and only what is missing: where the hub may not make roles, an administrator made them before. */
    private void grant(Connection connection, Statement statement) throws SQLException {
        attempt(connection, statement, "role " + ANALYST, () -> create(statement, ANALYST, "LOGIN"));
        attempt(connection, statement, "role " + AUDITOR, () -> create(statement, AUDITOR, "NOLOGIN"));
        attempt(connection, statement, "role " + GATEWAY, () -> create(statement, GATEWAY, "NOLOGIN"));
        // A reader with several statements sees one state in all of them.
        attempt(
                connection,
                statement,
                "the settings of role " + ANALYST,
                () -> statement.execute("DO $$ BEGIN IF EXISTS"
                        + " (SELECT 1 FROM pg_roles WHERE rolname = '" + ANALYST
                        + "' AND NOT coalesce(rolconfig, '{}') @>"
                        + " '{search_path=analytics, default_transaction_isolation=repeatable read}') THEN"
                        + " ALTER ROLE " + ANALYST + " SET default_transaction_isolation TO 'repeatable read';"
                        + " ALTER ROLE " + ANALYST + " SET search_path TO analytics; END IF; END $$"));
        attempt(
                connection,
                statement,
                "the rights of role " + ANALYST,
                () -> ifThere(
                        statement,
                        ANALYST,
                        "GRANT USAGE ON SCHEMA analytics TO "
                                + ANALYST + "; GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO " + ANALYST
                                + "; GRANT SELECT ON ALL SEQUENCES IN SCHEMA analytics TO " + ANALYST));
        attempt(
                connection,
                statement,
                "the rights of role " + AUDITOR,
                () -> ifThere(
                        statement,
                        AUDITOR,
                        "GRANT USAGE ON SCHEMA audit TO " + AUDITOR + "; GRANT SELECT ON audit.record TO " + AUDITOR));
        attempt(
                connection,
                statement,
                "role " + AUDITOR + " as a member of " + ANALYST,
                () -> member(statement, AUDITOR, ANALYST));
        attempt(
                connection,
                statement,
                "role " + GATEWAY + " as a member of " + AUDITOR,
                () -> member(statement, GATEWAY, AUDITOR));
        // The gateway connects as the hub does, and then has no more rights than its role.
        attempt(
                connection,
                statement,
                "role " + user + " as a member of " + GATEWAY,
                () -> member(statement, user, GATEWAY));
        if (!analystPassword.isEmpty()) {
            // It leaves this process as a hash only, so that no log of the server has it.
            attempt(
                    connection,
                    statement,
                    "the password of role " + ANALYST,
                    () -> connection
                            .unwrap(PGConnection.class)
                            .alterUserPassword(ANALYST, analystPassword.toCharArray(), null));
        }
    }

    private interface Grants {
        void execute() throws SQLException;
    }

    private void attempt(Connection connection, Statement statement, String what, Grants grants) throws SQLException {
        try {
            statement.execute(ONE_AT_A_TIME);
            grants.execute();
            connection.commit();
        } catch (SQLException denied) {
            connection.rollback();
            LOG.warn(
                    "{} cannot be set up ({}): 'millrace doctor' has the statements for a superuser; or give {} CREATEROLE",
                    what,
                    denied.getMessage(),
                    user);
        }
    }

    private static void create(Statement statement, String role, String options) throws SQLException {
        statement.execute("DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '" + role
                + "') THEN CREATE ROLE " + role + " " + options + "; END IF; END $$");
    }

    private static void ifThere(Statement statement, String role, String statements) throws SQLException {
        statement.execute("DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '" + role + "') THEN "
                + statements + "; END IF; END $$");
    }

    private static void member(Statement statement, String role, String of) throws SQLException {
        String member = "pg_has_role(" + Sql.literal(role) + ", " + Sql.literal(of) + ", 'MEMBER')";
        statement.execute("DO $$ BEGIN IF (SELECT count(*) = 2 FROM pg_roles WHERE rolname IN (" + Sql.literal(role)
                + ", "
                + Sql.literal(of) + ")) THEN IF NOT " + member + " THEN GRANT " + Sql.name(of) + " TO " + Sql.name(role)
                + "; END IF; END IF; END $$");
    }

    MillraceException describe(String doing, SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        String remedy = state.startsWith("08")
                ? "start the server, or correct analytics.url in the configuration"
                : state.startsWith("28")
                        ? "correct analytics.user and analytics.password in the configuration"
                        : "see the log of the analytics database; nothing is lost";
        return new MillraceException(
                Category.EXTERNAL, "cannot " + doing + " at " + this + ": " + failure.getMessage(), remedy, failure);
    }

    @Override
    public String toString() {
        return jdbcUrl + " as " + user;
    }
}
