package io.millrace.hub.config;

import io.millrace.operations.AnalyticsDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.jdbi.v3.core.Jdbi;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Where a database is and who connects. */
public record Database(
        @Matches(regex = "jdbc:postgresql:.+", as = "an address of JDBC, such as jdbc:postgresql://host:5432/database")
        @DefaultValue(HubConfig.EMBEDDED)
        String url,

        @DefaultValue("postgres") String user,
        @DefaultValue("") Secret password) {
    private static final Duration ANSWER = Duration.ofSeconds(60);

    /** Whether the hub starts it. */
    public boolean isEmbedded() {
        return url.equals(HubConfig.EMBEDDED);
    }

    public Connection connect() throws SQLException {
        return connect(ANSWER);
    }

    /** @param answer after so long without one, the server is taken to be away */
    public Connection connect(Duration answer) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password.reveal());
        properties.setProperty("ApplicationName", "millrace");
        // A server that is stopped takes connections, and says nothing.
        properties.setProperty("connectTimeout", "3");
        properties.setProperty("loginTimeout", "4");
        properties.setProperty("socketTimeout", String.valueOf(answer.toSeconds()));
        return DriverManager.getConnection(url, properties);
    }

    /** What people read of it, in a connection for each look. */
    public AnalyticsDatabase forPeople() {
        return new AnalyticsDatabase(Jdbi.create(this::connect), toString());
    }

    /** The address; a parameter may be a secret. */
    public String withoutParameters() {
        return url.replaceFirst("\\?.*", "");
    }

    @Override
    public String toString() {
        return url + " as " + user;
    }
}
