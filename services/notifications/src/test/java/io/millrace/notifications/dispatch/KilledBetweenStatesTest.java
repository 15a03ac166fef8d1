package io.millrace.notifications.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.notifications.TestLedgers;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.provider.ScriptedSmtp;
import io.millrace.notifications.route.Importance;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * No mail lost, none knowingly sent twice: a dispatcher's process is killed between any two states of a mail in the ledger. Locks in
 * Postgres and a server that keeps silent hold it there.
 */
@SuppressWarnings("NullAway.Init")
class KilledBetweenStatesTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private String url;

    @BeforeEach
    void addMails() {
        url = TestLedgers.create();
        try (Ledger ledger = TestLedgers.open(url)) {
            ledger.add(TestLedgers.delivery("n", "to@example.test", Importance.NORMAL), Instant.now());
            ledger.add(TestLedgers.delivery("c", "to@example.test", Importance.CRITICAL), Instant.now());
        }
    }

    @Test
    void whileItIsTaken_isSentOnce() throws Exception {
        try (ScriptedSmtp server = new ScriptedSmtp(Map.of());
                Connection lock = TestLedgers.connect(url)) {
            lock(lock, "notifications.attempt");
            try (DispatcherProcess dispatcher = start(server)) {
                awaitBlocked("INSERT INTO notifications.attempt%");
                dispatcher.kill();
            }
            lock.rollback();
            try (DispatcherProcess again = start(server)) {
                awaitStates("accepted", "accepted");
                again.kill();
            }
            assertThat(server.taken()).isEqualTo(2);
            assertThat(attempts()).containsExactly("accepted", "accepted");
        }
    }

    @Test
    void beforeTheServerHasIt_isOfUnknownFate_andTheCriticalOneIsSentOnceMore() throws Exception {
        try (ScriptedSmtp server = new ScriptedSmtp(Map.of("DATA", "hold"))) {
            killedWhileHeld(server);
            // Nobody can know that the server did not take them.
            assertThat(server.taken()).isZero();
        }
    }

    @Test
    void afterTheServerHasIt_isOfUnknownFate_andTheCriticalOneIsSentOnceMore() throws Exception {
        try (ScriptedSmtp server = new ScriptedSmtp(Map.of("END", "hold"))) {
            killedWhileHeld(server);
            assertThat(server.taken()).isEqualTo(2);
        }
    }

    private void killedWhileHeld(ScriptedSmtp server) throws SQLException {
        try (DispatcherProcess dispatcher = start(server)) {
            await().atMost(LIMIT).until(() -> server.holding() == 2);
            dispatcher.kill();
        }
        assertThat(states()).containsExactly("attempting", "attempting");
        assertRecovered();
    }

    @Test
    void whileItsOutcomeIsWritten_isOfUnknownFate_andTheCriticalOneIsSentOnceMore() throws Exception {
        try (ScriptedSmtp server = new ScriptedSmtp(Map.of("END", "hold"));
                Connection lock = TestLedgers.connect(url)) {
            try (DispatcherProcess dispatcher = start(server)) {
                await().atMost(LIMIT).until(() -> server.holding() == 2);
                lock(lock, "notifications.attempt");
                server.goOn();
                awaitBlocked("UPDATE notifications.attempt%");
                dispatcher.kill();
            }
            lock.rollback();
            assertRecovered();
            assertThat(server.taken()).isEqualTo(2);
        }
    }

    @Test
    void afterItsOutcomeIsWritten_isNotSentAgain() throws Exception {
        try (ScriptedSmtp server = new ScriptedSmtp(Map.of())) {
            try (DispatcherProcess dispatcher = start(server)) {
                awaitStates("accepted", "accepted");
                dispatcher.kill();
            }
            try (Ledger ledger = TestLedgers.open(url);
                    DispatcherProcess again = start(server)) {
                ledger.add(TestLedgers.delivery("later", "to@example.test", Importance.NORMAL), Instant.now());
                awaitStates("accepted", "accepted", "accepted");
                again.kill();
            }
            assertThat(server.taken()).isEqualTo(3);
        }
    }

    /** After a kill while both mails were at the first server. */
    private void assertRecovered() throws SQLException {
        try (ScriptedSmtp first = new ScriptedSmtp(Map.of());
                ScriptedSmtp second = new ScriptedSmtp(Map.of());
                DispatcherProcess again = DispatcherProcess.start(url, first.port(), second.port())) {
            awaitStates("accepted", "unknown");
            again.kill();
            assertThat(first.taken()).isZero();
            assertThat(second.taken()).isEqualTo(1);
        }
        assertThat(TestLedgers.query(
                        url, "SELECT importance || ' ' || maybe_again FROM notifications.delivery ORDER BY importance"))
                .containsExactly("critical true", "normal false");
    }

    private DispatcherProcess start(ScriptedSmtp server) {
        return DispatcherProcess.start(url, server.port(), server.port());
    }

    private static void lock(Connection connection, String table) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE " + table + " IN SHARE MODE");
        }
    }

    private void awaitBlocked(String query) {
        await().atMost(LIMIT)
                .until(() -> !TestLedgers.query(
                                url,
                                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                                        + " AND wait_event_type = 'Lock' AND query LIKE '" + query + "'")
                        .isEmpty());
    }

    private void awaitStates(String... expected) {
        await().atMost(LIMIT).until(() -> states().equals(List.of(expected)));
    }

    private List<String> states() throws SQLException {
        return TestLedgers.query(url, "SELECT state FROM notifications.delivery ORDER BY state");
    }

    private List<String> attempts() throws SQLException {
        return TestLedgers.query(url, "SELECT coalesce(outcome, '') FROM notifications.attempt ORDER BY 1");
    }
}
