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
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the analysts' database is and who writes to it. Passwords never show in texts.
 *
 * @param analystPassword that role analyst is given; empty: it keeps what an administrator gave it
 */
public record AnalyticsDatabase(String jdbcUrl, String user, String password, String analystPassword) {
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
        }
    }

    static String script(String name) {
        try (InputStream script = Objects.requireNonNull(AnalyticsDatabase.class.getResourceAsStream(name), name)) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private void grant(Connection connection, Statement statement) throws SQLException {
        try {
            statement.execute(ONE_AT_A_TIME);
            create(statement, ANALYST, "LOGIN");
            create(statement, AUDITOR, "NOLOGIN");
            // A reader with several statements sees one state in all of them.
            statement.execute("ALTER ROLE " + ANALYST + " SET default_transaction_isolation TO 'repeatable read'");
            statement.execute("ALTER ROLE " + ANALYST + " SET search_path TO analytics");
            statement.execute("GRANT USAGE ON SCHEMA analytics TO " + ANALYST);
            statement.execute("GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO " + ANALYST);
            statement.execute("GRANT SELECT ON ALL SEQUENCES IN SCHEMA analytics TO " + ANALYST);
            statement.execute("GRANT " + ANALYST + " TO " + AUDITOR);
            statement.execute("GRANT USAGE ON SCHEMA audit TO " + AUDITOR);
            statement.execute("GRANT SELECT ON audit.record TO " + AUDITOR);
            create(statement, GATEWAY, "NOLOGIN");
            statement.execute("GRANT " + AUDITOR + " TO " + GATEWAY);
            // The gateway connects as the hub does, and then has no more rights than these.
            statement.execute("GRANT " + GATEWAY + " TO CURRENT_USER");
            if (!analystPassword.isEmpty()) {
                // It leaves this process as a hash only, so that no log of the server has it.
                connection.unwrap(PGConnection.class).alterUserPassword(ANALYST, analystPassword.toCharArray(), null);
            }
            connection.commit();
        } catch (SQLException denied) {
            connection.rollback();
            LOG.warn(
                    "roles {}, {} and {} cannot be set up ({}): create them as a superuser, or give {} CREATEROLE",
                    ANALYST,
                    AUDITOR,
                    GATEWAY,
                    denied.getMessage(),
                    user);
        }
    }

    private static void create(Statement statement, String role, String options) throws SQLException {
        statement.execute("DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '" + role
                + "') THEN CREATE ROLE " + role + " " + options + "; END IF; END $$");
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
