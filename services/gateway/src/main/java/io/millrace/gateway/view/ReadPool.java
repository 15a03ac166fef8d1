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

    /**
     * Of each transaction, since a pool of connections between (PgBouncer in transaction mode) keeps nothing longer: one state, the
     * role that can only read, and values written in the same way whatever the server's settings are.
     */
    private static final String BEGIN = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;"
            + " SELECT set_config('role', 'gateway', true), set_config('millrace.tenants', ?, true), set_config('TimeZone', 'UTC', true),"
            + " set_config('datestyle', 'ISO', true), set_config('intervalstyle', 'postgres', true), set_config('bytea_output', 'hex', true),"
            + " set_config('extra_float_digits', '1', true), set_config('statement_timeout', ?, true),"
            + " set_config('idle_in_transaction_session_timeout', '60s', true)";

    private final HikariDataSource pool;
    private final Duration limit;
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
        config.addDataSourceProperty("ApplicationName", "millrace-gateway");
        config.addDataSourceProperty("socketTimeout", "60");
        this.limit = limit;
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
        return inTransaction(whose.setting(), work);
    }

    /**
     * Reads what is of no tenant.
     *
     * @throws Problem for what the one who asks can do something about
     */
    <T> T read(Work<T> work) {
        return inTransaction("", work);
    }

    private <T> T inTransaction(String tenants, Work<T> work) {
        try (Connection connection = pool.getConnection()) {
            try {
                begin(connection, tenants);
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

    private void begin(Connection connection, String tenants) throws SQLException {
        try (PreparedStatement begin = connection.prepareStatement(BEGIN)) {
            begin.setString(1, tenants);
            begin.setString(2, String.valueOf(limit.toMillis()));
            begin.execute();
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

    /** For what reads rows of some tenants by itself: each handle is one transaction. */
    Jdbi jdbi(Tenants whose) {
        return Jdbi.create(() -> {
            Connection connection = pool.getConnection();
            try {
                begin(connection, whose.setting());
                return connection;
            } catch (SQLException failed) {
                connection.close();
                throw failed;
            }
        });
    }

    @Override
    public void close() {
        pool.close();
    }
}
