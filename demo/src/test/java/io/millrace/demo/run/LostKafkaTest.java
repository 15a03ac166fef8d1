package io.millrace.demo.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.catalog.ViewFile;
import io.millrace.catalog.ViewFiles;
import io.millrace.demo.erp.ReferenceErp;
import io.millrace.demo.oracle.Comparison;
import io.millrace.demo.oracle.ViewCheck;
import io.millrace.demo.trade.Simulator;
import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedStack;
import io.millrace.platform.data.DataDirectory;
import io.millrace.platform.data.Directories;
import io.millrace.schemas.Lsn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka loses everything; the source and the analytics database are there. */
@SuppressWarnings("NullAway.Init")
class LostKafkaTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Path CATALOG = Path.of("../catalog");
    private static final String ROLES = "source, views, governance, sink, notifications";

    /** Alerts with what was decided, and mails. */
    private static final String DECIDED =
            "SELECT string_agg(id || ' ' || version || ' ' || state || ' ' || coalesce(\"by\", ''), ', ' ORDER BY id) FROM analytics.alert";

    @TempDir
    Path directory;

    private EmbeddedStack stack;
    private HubChild hub;

    @AfterEach
    void stop() {
        hub.close();
        stack.close();
    }

    private void startServers() {
        stack = EmbeddedStack.start(
                DataDirectory.open(directory),
                false,
                Set.of(EmbeddedStack.Part.values()),
                EmbeddedKafka.Place.BesideThisJvm.withThisClassPath());
    }

    private String query(String database, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        stack.postgres().jdbcUrl(database), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    /** Makes somebody an administrator, which is an alert. */
    private void grant(String by, int users) throws SQLException {
        assertThat(query(
                        "erp",
                        "WITH granted AS (INSERT INTO role_assignment SELECT tenant_id, user_name, 'admin', '" + by
                                + "', now()"
                                + " FROM user_account u WHERE tenant_id = 1 AND NOT EXISTS (SELECT FROM role_assignment r"
                                + " WHERE r.user_name = u.user_name AND r.role IN ('admin', 'treasurer')) LIMIT "
                                + users
                                + " RETURNING 1) SELECT count(*) FROM granted"))
                .isEqualTo(String.valueOf(users));
    }

    private String millrace(String... arguments) {
        return PromisesTest.millrace(directory, arguments);
    }

    private void assertViewsEqual() throws SQLException {
        Lsn end = Lsn.parse(query("erp", "SELECT pg_logical_emit_message(true, 'millrace.test', '')::text"));
        try (Connection source = DriverManager.getConnection(
                        stack.postgres().jdbcUrl("erp"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
                Connection analytics = DriverManager.getConnection(
                        stack.postgres().jdbcUrl("analytics"), EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD)) {
            ViewCheck views = new ViewCheck(source, analytics);
            views.await(end, LIMIT);
            for (ViewFile view : ViewFiles.read(CATALOG)) {
                Comparison comparison = views.compare(view);
                assertThat(comparison.differences())
                        .as("%s: %s", comparison.subject(), comparison.examples())
                        .isZero();
            }
        }
    }

    @Test
    void hubSaysThatKafkaLostItsData_andGoesOnAfterTheRecovery_withEveryDecisionMailAndRecord() throws Exception {
        startServers();
        String erp = stack.postgres().jdbcUrl("erp");
        ReferenceErp.migrate(erp, EmbeddedPostgres.USER, EmbeddedPostgres.PASSWORD);
        try (Simulator simulator = Simulator.prepare(
                erp,
                EmbeddedPostgres.USER,
                EmbeddedPostgres.PASSWORD,
                new Simulator.Options(Double.POSITIVE_INFINITY, 2, 11, 60))) {
            simulator.start();
            simulator.await();
        }
        Files.createDirectories(directory.resolve("logs"));
        hub = HubChild.start(stack, directory, CATALOG, ROLES);
        hub.awaitReady();
        assertViewsEqual();
        grant("trent", 3);
        await().atMost(LIMIT)
                .until(() -> Integer.parseInt(
                                query("analytics", "SELECT count(*) FROM analytics.alert WHERE state = 'open'"))
                        >= 3);
        String first = query("analytics", "SELECT min(id::text) FROM analytics.alert WHERE state = 'open'");
        String last = query("analytics", "SELECT max(id::text) FROM analytics.alert WHERE state = 'open'");
        assertThat(millrace("alerts", "ack", first, "--by", "anna")).contains(first.substring(0, 8));
        assertThat(millrace("alerts", "resolve", last, "--reason", "known", "--by", "ben"))
                .contains(last.substring(0, 8));
        await().atMost(LIMIT)
                .until(() -> query(
                                "analytics",
                                "SELECT count(DISTINCT \"by\") FROM analytics.alert WHERE \"by\" IN ('anna', 'ben')")
                        .equals("2"));
        await().atMost(LIMIT)
                .until(() -> query(
                                "analytics",
                                "SELECT count(*) FROM notifications.delivery WHERE state NOT IN ('accepted', 'suppressed', 'digested')")
                        .equals("0"));
        await().atMost(LIMIT).until(() -> millrace("audit", "verify").contains("the audit trail is whole"));
        hub.close();
        String decided = query("analytics", DECIDED);
        String mails = query("analytics", "SELECT count(*) FROM notifications.delivery");
        String head = query("analytics", "SELECT max(sequence) FROM audit.record WHERE lane = 0");

        stack.close();
        Directories.delete(directory.resolve("kafka"));
        startServers();
        hub = HubChild.start(stack, directory, CATALOG, ROLES);
        assertThatThrownBy(() -> hub.awaitReady())
                .hasMessageContaining("is another than the one from which the tables were made")
                .hasMessageContaining("millrace recover");
        assertThat(query("analytics", DECIDED)).isEqualTo(decided);
        hub.close();

        assertThat(millrace("recover")).contains("alerts and", "records of the audit trail are in their topics again");
        assertThat(millrace("recover")).contains("there is nothing to recover");
        hub.restart();
        hub.awaitReady();
        assertViewsEqual();
        await().atMost(LIMIT).until(() -> millrace("audit", "verify").contains("the audit trail is whole"));
        assertThat(query("analytics", DECIDED)).isEqualTo(decided);
        assertThat(query("analytics", "SELECT count(*) FROM notifications.delivery"))
                .isEqualTo(mails);
        assertThat(query(
                        "analytics",
                        "SELECT count(*) > 0 FROM audit.record WHERE lane = 0 AND sequence > " + head
                                + " AND detail LIKE '%goes on after its state was lost%'"))
                .isEqualTo("t");

        // And it goes on: a new violation is a new alert, and a mail.
        grant("mallory", 1);
        await().atMost(LIMIT)
                .until(() -> query(
                                "analytics",
                                "SELECT count(*) FROM notifications.delivery WHERE state = 'accepted' AND subject LIKE '%mallory%'")
                        .equals("1"));
        await().atMost(LIMIT).until(() -> !query("analytics", DECIDED).equals(decided));
    }
}
