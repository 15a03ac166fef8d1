package io.millrace.gateway.view;

import com.zaxxer.hikari.HikariDataSource;
import io.millrace.gateway.http.Problem;
import io.millrace.operations.access.Tenants;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connections that can only read, of a pool that the sink has no part in. Each use is one transaction that sees one state. */
final class ReadPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReadPool.class);
    private static final Duration WAIT = Duration.ofSeconds(5);
    private static final Duration TELL_AGAIN = Duration.ofSeconds(30);

    private final HikariDataSource pool;
    private final String where;
    private volatile String told = "";
    private volatile Instant toldAt = Instant.EPOCH;

    /** What is done in a transaction. */
    interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    /**
     * Does not connect yet.
     *
     * @param limit after which a statement is cancelled
     */
    ReadPool(String jdbcUrl, String user, String password, int connections, Duration limit) {
        this.where = jdbcUrl.replaceFirst("\\?.*", "");
        HikariDataSource config = new HikariDataSource();
        config.setJdbcUrl(jdbcUrl);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(WAIT.toMillis());
        config.setInitializationFailTimeout(-1);
        config.setPoolName("gateway");
        config.setAutoCommit(false);
        config.setReadOnly(true);
        config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
        config.addDataSourceProperty("ApplicationName", "millrace-gateway");
        config.addDataSourceProperty("socketTimeout", "60");
        // Else the settings would be gone with the first transaction that is rolled back, and the role with them.
        config.setIsolateInternalQueries(true);
        // How values are written does not depend on the server's settings.
        config.setConnectionInitSql(
                "SET ROLE gateway; SET TIME ZONE 'UTC'; SET datestyle TO ISO; SET intervalstyle TO postgres;"
                        + " SET bytea_output TO hex; SET extra_float_digits TO 1; SET statement_timeout TO "
                        + limit.toMillis()
                        + "; SET idle_in_transaction_session_timeout TO '60s'");
        this.pool = config;
    }

    /** What is done in a transaction, and written meanwhile. */
    interface Stream {
        void with(Connection connection) throws SQLException, IOException;
    }

    /** The same, for what is written while it is read. */
    void stream(Tenants whose, Stream work) throws IOException {
        try {
            read(whose, connection -> {
                try {
                    work.with(connection);
                    return true;
                } catch (IOException gone) {
                    throw new UncheckedIOException(gone);
                }
            });
        } catch (UncheckedIOException gone) {
            throw gone.getCause();
        }
    }

    /**
     * Reads rows of some tenants. Whoever forgets to say whose sees none.
     *
     * @throws Problem for what the one who asks can do something about
     */
    <T> T read(Tenants whose, Work<T> work) {
        return read(connection -> {
            try (PreparedStatement setting =
                    connection.prepareStatement("SELECT set_config('millrace.tenants', ?, true)")) {
                setting.setString(1, whose.setting());
                setting.execute();
            }
            return work.with(connection);
        });
    }

    /**
     * Reads what is of no tenant.
     *
     * @throws Problem for what the one who asks can do something about
     */
    <T> T read(Work<T> work) {
        try (Connection connection = pool.getConnection()) {
            try {
                return work.with(connection);
            } finally {
                if (!connection.isClosed()) {
                    connection.rollback();
                }
            }
        } catch (SQLException failed) {
            throw problem(failed);
        }
    }

    private Problem problem(SQLException failed) {
        String state = String.valueOf(failed.getSQLState());
        if (state.equals("57014")) {
            return new Problem(
                    Problem.Kind.TOO_SLOW,
                    "the query took longer than the gateway allows",
                    "ask for less: filter by the key, or order by it");
        }
        tell(String.valueOf(failed.getMessage()));
        if (failed instanceof SQLTransientConnectionException
                && String.valueOf(failed.getMessage()).contains("timed out")
                && pool.getHikariPoolMXBean() != null
                && pool.getHikariPoolMXBean().getThreadsAwaitingConnection() > 0) {
            return new Problem(
                    Problem.Kind.UNAVAILABLE,
                    "too many requests wait for the analytics database",
                    "try again in a moment, with fewer requests at once");
        }
        return new Problem(
                Problem.Kind.UNAVAILABLE,
                "the analytics database cannot be read now",
                "try again in a moment; the hub's log and 'millrace doctor' say why");
    }

    /** Why a read failed last, for whoever runs the hub. */
    String told() {
        return told.isEmpty() ? "a read was cancelled" : "cannot read at " + where + ": " + told;
    }

    /** The same is told once in a while: where a database is away, every request fails. */
    private void tell(String why) {
        Instant now = Instant.now();
        if (!why.equals(told) || Duration.between(toldAt, now).compareTo(TELL_AGAIN) > 0) {
            told = why;
            toldAt = now;
            LOG.warn("gateway: cannot read at {}: {}", where, why);
        }
    }

    /** The connections, for what reads by itself. */
    Jdbi jdbi() {
        return Jdbi.create(pool);
    }

    @Override
    public void close() {
        pool.close();
    }
}
