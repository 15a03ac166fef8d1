package io.millrace.hub.config;

import io.millrace.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Where a database is and who connects. */
public record Database(
        @DefaultValue(HubConfig.EMBEDDED) String url,
        @DefaultValue("postgres") String user,
        @DefaultValue("") Secret password) {
    /** One of the embedded server. */
    public static Database embedded(String url) {
        return new Database(url, EmbeddedPostgres.USER, Secret.of(EmbeddedPostgres.PASSWORD));
    }

    /** Whether the hub starts it. */
    public boolean isEmbedded() {
        return url.equals(HubConfig.EMBEDDED);
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url, user, password.reveal());
    }

    @Override
    public String toString() {
        return url + " as " + user;
    }
}
