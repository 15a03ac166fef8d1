package io.millrace.monitoring.collect;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** A connection to Postgres that comes back when it was lost. For one thread. */
public final class Database implements AutoCloseable {
    private final Server server;
    private final String limitSeconds;
    private @Nullable Connection connection;

    /** @param password never shows in texts */
    public record Server(String url, String user, String password) {
        @Override
        public String toString() {
            return url + " as " + user;
        }
    }

    /** Reads something. */
    interface Reading<T> {
        T read(Connection connection) throws SQLException;
    }

    /** @param limit after which the server is taken to be away; whole seconds */
    Database(Server server, Duration limit) {
        this.server = server;
        this.limitSeconds = Long.toString(limit.toSeconds());
    }

    <T> T read(Reading<T> reading) throws SQLException {
        Connection open = connection;
        if (open == null) {
            Properties properties = new Properties();
            properties.setProperty("user", server.user);
            properties.setProperty("password", server.password);
            properties.setProperty("ApplicationName", "millrace-monitoring");
            properties.setProperty("connectTimeout", limitSeconds);
            properties.setProperty("loginTimeout", limitSeconds);
            properties.setProperty("socketTimeout", limitSeconds);
            open = DriverManager.getConnection(server.url, properties);
            connection = open;
        }
        try {
            return reading.read(open);
        } catch (SQLException failed) {
            close();
            throw failed;
        }
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException gone) {
                // It was lost already.
            }
        }
    }
}
