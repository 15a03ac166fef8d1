package io.millrace.views;

import io.millrace.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Postgres server for tests that ask it what is right. One for the whole run of a module's tests; ends with the JVM. */
public final class Oracle {
    private static @Nullable EmbeddedPostgres server;

    private Oracle() {}

    /** A new connection to a server that is started at the first one. */
    public static synchronized Connection connect() throws Exception {
        EmbeddedPostgres running = server;
        if (running == null) {
            running = EmbeddedPostgres.untilExit(Map.of("fsync", "off"));
            server = running;
        }
        Connection connection =
                DriverManager.getConnection(running.jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET timezone = 'UTC'");
            statement.execute("SET lc_messages = 'C'");
        }
        return connection;
    }

    /** A text that is a resource beside a class. */
    public static String resource(Class<?> beside, String name) throws Exception {
        return Files.readString(Path.of(
                java.util.Objects.requireNonNull(beside.getResource(name)).toURI()));
    }

    /** The first column of all rows. */
    public static List<String> column(Connection connection, String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }
}
