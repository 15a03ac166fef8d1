package io.millrace.source.server;

import io.millrace.schemas.failure.Category;
import io.millrace.schemas.failure.MillraceException;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** Where the source is and who connects. The password never shows in texts. */
public record SourceServer(String jdbcUrl, String user, String password) {
    private static final String PREFIX = "jdbc:postgresql://";
    private static final int DEFAULT_PORT = 5432;

    public SourceServer {
        if (!jdbcUrl.startsWith(PREFIX)) {
            throw new MillraceException(
                    Category.USER,
                    "source.url must begin with " + PREFIX + ": " + jdbcUrl,
                    "write it as jdbc:postgresql://host:port/database");
        }
    }

    public Connection connect() throws SQLException {
        return connect(new Properties());
    }

    /** A connection that understands replication commands. */
    public Connection connectForReplication() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("replication", "database");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "14");
        return connect(properties);
    }

    private Connection connect(Properties properties) throws SQLException {
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("ApplicationName", "millrace");
        properties.setProperty("connectTimeout", "10");
        return DriverManager.getConnection(jdbcUrl, properties);
    }

    public String host() {
        return address().getHost();
    }

    public int port() {
        return address().getPort() < 0 ? DEFAULT_PORT : address().getPort();
    }

    public String database() {
        String path = address().getPath();
        return path.startsWith("/") ? path.substring(1) : path;
    }

    private URI address() {
        return URI.create(jdbcUrl.substring("jdbc:".length()));
    }

    @Override
    public String toString() {
        return jdbcUrl + " as " + user;
    }
}
