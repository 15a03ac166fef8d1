package io.millrace.ledger;

import com.zaxxer.hikari.HikariDataSource;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Jdbi;

/** The schema of a service in the analytics database, and its connections. */
public final class LedgerDatabase implements AutoCloseable {
    /** Of the history of migrations, in the ledger's own schema. */
    private static final String HISTORY = "migration";

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private final Kind kind;
    private final HikariDataSource pool;
    private final Jdbi jdbi;

    /**
     * @param what it has, for messages, e.g. "mails"
     * @param role that makes it
     * @param schema of its own
     * @param migrations folder of the class path: {@code V1__….sql} and so on once each, {@code afterMigrate.sql} at each start
     * @param connections at most
     */
    public record Kind(String what, String role, String schema, String migrations, int connections) {}

    /** Does not connect yet. */
    public LedgerDatabase(Kind kind, String jdbcUrl, String user, String password) {
        this.kind = kind;
        // The pool begins when it is asked for a connection first.
        HikariDataSource config = new HikariDataSource();
        config.setJdbcUrl(jdbcUrl);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(kind.connections);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(10_000);
        config.setInitializationFailTimeout(-1);
        config.setPoolName("ledger of " + kind.what);
        config.addDataSourceProperty("ApplicationName", "millrace-" + kind.role);
        config.addDataSourceProperty("socketTimeout", "60");
        this.pool = config;
        this.jdbi = Jdbi.create(pool);
    }

    public Jdbi jdbi() {
        return jdbi;
    }

    /** Makes the ledger, or what is missing of it since an older version made it. */
    public void migrate() {
        try {
            Flyway.configure(LedgerDatabase.class.getClassLoader())
                    // Not the pool: it takes three connections at once.
                    .dataSource(pool.getJdbcUrl(), pool.getUsername(), pool.getPassword())
                    .locations("classpath:" + kind.migrations)
                    .defaultSchema(kind.schema)
                    .table(HISTORY)
                    // Ledgers were made before they had a history: as the first version makes them.
                    .baselineOnMigrate(true)
                    .baselineVersion("1")
                    .load()
                    .migrate();
        } catch (FlywayException failed) {
            throw broken(failed);
        }
    }

    /** Fails with a remedy if the ledger is unreachable, or no hub made it yet. */
    public void requireMigrated() {
        if (!isMade()) {
            throw new MillraceException(
                    Category.USER,
                    "there is no ledger of " + kind.what + " at " + pool.getJdbcUrl(),
                    "start a hub with the role " + kind.role + " first");
        }
    }

    /** Fails within seconds, with a remedy, if the database is unreachable. */
    public void requireReachable() {
        isMade();
    }

    /**
     * Whether some version made it. Answers within seconds.
     *
     * @throws MillraceException with a remedy, if the database is unreachable
     */
    public boolean isMade() {
        Properties properties = new Properties();
        properties.setProperty("user", pool.getUsername());
        properties.setProperty("password", pool.getPassword());
        // Somebody waits for the answer, and a pool would try again and again.
        properties.setProperty("connectTimeout", "3");
        properties.setProperty("loginTimeout", "4");
        properties.setProperty("socketTimeout", "10");
        try (Connection connection = DriverManager.getConnection(pool.getJdbcUrl(), properties);
                PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            statement.setString(1, kind.schema + "." + HISTORY);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        } catch (SQLException away) {
            throw broken(away);
        }
    }

    private MillraceException broken(Exception failed) {
        SQLException reason = null;
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            reason = cause instanceof SQLException sql ? sql : reason;
        }
        boolean refused = reason != null && INSUFFICIENT_PRIVILEGE.equals(reason.getSQLState());
        return new MillraceException(
                Category.EXTERNAL,
                "cannot " + (refused ? "make" : "reach") + " the ledger of " + kind.what + " at " + pool.getJdbcUrl()
                        + ": " + (reason == null ? failed : reason).getMessage(),
                refused
                        ? "grant the user CREATE on the analytics database"
                        : "start the server, or correct 'analytics' in the configuration file",
                failed);
    }

    @Override
    public void close() {
        pool.close();
    }
}
