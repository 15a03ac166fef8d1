package io.millrace.source.server;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.postgresql.Driver;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.HostSpec;

/** Where the source is and who connects. The password never shows in texts. */
public record SourceServer(String jdbcUrl, String user, String password) {
    private static final String PREFIX = "jdbc:postgresql://";
    private static final String DATABASE = "PGDBNAME";
    private static final Set<String> NOT_PARAMETERS =
            Set.of("PGHOST", "PGPORT", DATABASE, "user", "password", "service");

    /** Whatever changes the text of a value is the same for the snapshot and the stream. */
    private static final List<String> TEXTS = List.of(
            "TimeZone TO 'UTC'",
            "DateStyle TO 'ISO, YMD'",
            "IntervalStyle TO 'postgres'",
            "lc_monetary TO 'C'",
            "extra_float_digits TO 3",
            "bytea_output TO 'hex'",
            "xmloption TO 'content'",
            "quote_all_identifiers TO off",
            // Names of regclass and its like are complete.
            "search_path TO ''",
            // An error instead of rows that a policy hides: the stream has them all.
            "row_security TO off");

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

    /** A connection that gives the same text for a value as the one for replication. */
    public Connection connectForValues() throws SQLException {
        return withTexts(connect());
    }

    /** A connection that understands replication commands. */
    public Connection connectForReplication() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("replication", "database");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "14");
        return withTexts(connect(properties));
    }

    private static Connection withTexts(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String setting : TEXTS) {
                statement.execute("SET " + setting);
            }
            return connection;
        } catch (SQLException failed) {
            connection.close();
            throw failed;
        }
    }

    /** The same database at one of the servers that the URL names. */
    public SourceServer at(HostSpec host) {
        String name = host.getHost();
        StringBuilder url = new StringBuilder(PREFIX)
                .append(name.contains(":") && !name.startsWith("[") ? "[" + name + "]" : name)
                .append(':')
                .append(host.getPort())
                .append('/')
                .append(URLEncoder.encode(database(), StandardCharsets.UTF_8));
        String separator = "?";
        for (Map.Entry<String, String> parameter : parameters().entrySet()) {
            url.append(separator)
                    .append(parameter.getKey())
                    .append('=')
                    .append(URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8));
            separator = "&";
        }
        return new SourceServer(url.toString(), user, password);
    }

    private Connection connect(Properties properties) throws SQLException {
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("ApplicationName", "millrace");
        properties.setProperty("connectTimeout", "10");
        return DriverManager.getConnection(jdbcUrl, properties);
    }

    public String database() {
        return parsed().getProperty(DATABASE, user);
    }

    /** What the URL says beside the address: TLS, time limits. Without who connects. */
    public Map<String, String> parameters() {
        Properties all = parsed();
        Map<String, String> parameters = new TreeMap<>();
        for (String name : all.stringPropertyNames()) {
            if (!NOT_PARAMETERS.contains(name)) {
                parameters.put(name, all.getProperty(name));
            }
        }
        return parameters;
    }

    /** The one server that a connection has reached, where the URL names several. */
    public static HostSpec reached(Connection connection) throws SQLException {
        return connection.unwrap(PgConnection.class).getQueryExecutor().getHostSpec();
    }

    private Properties parsed() {
        Properties parsed = Driver.parseURL(jdbcUrl, new Properties());
        if (parsed == null) {
            throw new MillraceException(
                    Category.USER,
                    "source.url is not an address of Postgres: " + jdbcUrl,
                    "write it as jdbc:postgresql://host:port/database");
        }
        return parsed;
    }

    @Override
    public String toString() {
        return jdbcUrl + " as " + user;
    }
}
