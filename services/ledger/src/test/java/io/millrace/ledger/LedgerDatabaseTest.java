package io.millrace.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.platform.failure.MillraceException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class LedgerDatabaseTest {
    private static final LedgerDatabase.Kind KIND =
            new LedgerDatabase.Kind("letters", "post", "letterbox", "io/millrace/ledger/test", 2);

    @TempDir
    static Path directory;

    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() {
        postgres = EmbeddedPostgres.start(directory, 0, Map.of("fsync", "off"));
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @AfterEach
    void drop() {
        execute("DROP SCHEMA IF EXISTS letterbox CASCADE");
    }

    @Test
    void ledger_isMadeOnce_andWhatIsDoneAtEachStartIsDoneAtEachStart() {
        try (LedgerDatabase ledger = open(EmbeddedPostgres.USER)) {
            assertThatThrownBy(ledger::requireMigrated)
                    .isInstanceOf(MillraceException.class)
                    .hasMessageContaining("there is no ledger of letters at jdbc:postgresql:");
            ledger.migrate();
            ledger.migrate();
            ledger.requireMigrated();
            assertThat(letters(ledger)).isEqualTo(2);
        }
    }

    @Test
    void ledgerFromBeforeThereWasAHistory_isTakenAsItIs() {
        execute("CREATE SCHEMA letterbox; CREATE TABLE letterbox.letter (id integer PRIMARY KEY);"
                + " INSERT INTO letterbox.letter VALUES (100)");
        try (LedgerDatabase ledger = open(EmbeddedPostgres.USER)) {
            ledger.migrate();
            assertThat(letters(ledger)).isEqualTo(2);
        }
    }

    @Test
    void userWhoMayNotMakeIt_isTold() {
        execute("DROP ROLE IF EXISTS clerk; CREATE ROLE clerk LOGIN PASSWORD 'postgres'");
        try (LedgerDatabase ledger = open("clerk")) {
            assertThatThrownBy(ledger::migrate)
                    .isInstanceOfSatisfying(
                            MillraceException.class,
                            failure -> assertThat(failure.describe())
                                    .contains(
                                            "cannot make the ledger of letters",
                                            "permission denied",
                                            "grant the user CREATE"));
        }
    }

    @Test
    void serverThatIsAway_isTold() {
        try (LedgerDatabase ledger =
                new LedgerDatabase(KIND, "jdbc:postgresql://127.0.0.1:1/x", EmbeddedPostgres.USER, "s3cret")) {
            assertThatThrownBy(ledger::migrate)
                    .isInstanceOfSatisfying(
                            MillraceException.class,
                            failure -> assertThat(failure.describe())
                                    .contains("cannot reach the ledger of letters", "127.0.0.1:1", "start the server")
                                    .doesNotContain("s3cret"));
        }
    }

    private static LedgerDatabase open(String user) {
        return new LedgerDatabase(KIND, postgres.jdbcUrl("postgres"), user, EmbeddedPostgres.PASSWORD);
    }

    private static int letters(LedgerDatabase ledger) {
        return ledger.jdbi()
                .withHandle(handle -> handle.createQuery("SELECT count(*) FROM letterbox.letter")
                        .mapTo(Integer.class)
                        .one());
    }

    private static void execute(String sql) {
        try (LedgerDatabase any = open(EmbeddedPostgres.USER)) {
            any.jdbi().useHandle(handle -> handle.createScript(sql).execute());
        }
    }
}
