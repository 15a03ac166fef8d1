package io.millrace.notifications;

import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.notifications.ledger.Delivery;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.route.Importance;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Ledgers on a real Postgres that all tests share, one database each. */
public final class TestLedgers {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private TestLedgers() {}

    /** Started when first asked for, ended with the JVM. */
    private static final class Shared {
        static final EmbeddedPostgres POSTGRES = EmbeddedPostgres.untilExit(Map.of("fsync", "off"));
    }

    /** Address of a new database with an empty ledger. */
    public static String create() {
        String name = "ledger" + DATABASES.incrementAndGet();
        try {
            execute(Shared.POSTGRES.jdbcUrl("postgres"), "CREATE DATABASE " + name);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
        String url = Shared.POSTGRES.jdbcUrl(name);
        try (Ledger ledger = open(url)) {
            ledger.prepare();
        }
        return url;
    }

    public static Ledger open(String url) {
        return new Ledger(url, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD, "hub");
    }

    public static Connection connect(String url) throws SQLException {
        return DriverManager.getConnection(url, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
    }

    public static void execute(String url, String sql) throws SQLException {
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column. */
    public static List<String> query(String url, String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                values.add(String.valueOf(row.getString(1)));
            }
        }
        return values;
    }

    /** A mail by template alert, of route route. */
    public static Delivery delivery(String event, String recipient, Importance importance) {
        return delivery(event, recipient, importance, "");
    }

    public static Delivery delivery(String event, String recipient, Importance importance, String unsubscribe) {
        return new Delivery(
                Delivery.id(event, recipient, "alert"),
                event,
                Delivery.NO_ALERT,
                "route",
                recipient,
                "alert",
                importance,
                "subject",
                "<p>html</p>",
                "text",
                unsubscribe,
                Instant.now(),
                Instant.now().plus(Duration.ofHours(1)),
                0,
                0,
                null,
                List.of(),
                false,
                "");
    }
}
