package io.millrace.demo.run;

import static io.millrace.demo.run.LossyStack.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.embedded.EmbeddedMail;
import io.millrace.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The analytics database is lost, and a backup of some time before is what there is; the source and Kafka have everything. */
@SuppressWarnings("NullAway.Init")
class LostAnalyticsTest {
    private static final String OPEN =
            "SELECT count(*) FROM notifications.delivery WHERE state IN ('pending', 'attempting', 'gathering')";

    @TempDir
    Path directory;

    private LossyStack stack;

    @AfterEach
    void stop() {
        stack.close();
    }

    /** How many mails the SMTP server took that tell of somebody's grants. */
    private static long mailed(Path folder, String by) {
        try (Stream<Path> mails = Files.list(folder)) {
            return mails.filter(mail -> read(mail).contains(by)).count();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String read(Path mail) {
        try {
            return Files.readString(mail);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /**
     * Views, alerts and the audit trail.
     *
     * @param alerts with what was decided
     * @param trail last sequence of lane 0
     */
    private void restartAndAwaitWhatTopicsHave(String alerts, String trail) throws Exception {
        stack.hub.restart();
        stack.hub.awaitReady();
        stack.assertViewsEqual();
        stack.await(LossyStack.DECIDED, alerts);
        await().atMost(LIMIT).until(() -> stack.millrace("audit", "verify").contains("the audit trail is whole"));
        stack.await("SELECT max(sequence) >= " + trail + " FROM audit.record WHERE lane = 0", "t");
    }

    /** Everything that was sent before. */
    private static long mailedBefore(Path folder) {
        return mailed(folder, "before") + mailed(folder, "meanwhile") + mailed(folder, "after");
    }

    /** Where it is as new as the server, backup and restore are those of the scripts; elsewhere the server copies the database. */
    private boolean hasPgDump() throws Exception {
        String server = stack.query("postgres", "SELECT split_part(current_setting('server_version'), '.', 1)");
        try {
            Process process = new ProcessBuilder("pg_dump", "--version").start();
            String version = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 && version.matches("(?s).*\\) " + server + "\\D.*");
        } catch (IOException missing) {
            return false;
        }
    }

    private String script(String name, Path argument) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("../deploy/" + name, argument.toString()).redirectErrorStream(true);
        String url = stack.servers.postgres().jdbcUrl("analytics");
        builder.environment()
                .putAll(Map.of(
                        "PGHOST",
                        URI.create(url.substring("jdbc:".length())).getHost(),
                        "PGPORT",
                        String.valueOf(
                                URI.create(url.substring("jdbc:".length())).getPort()),
                        "PGUSER",
                        EmbeddedPostgres.USER,
                        "PGPASSWORD",
                        EmbeddedPostgres.PASSWORD));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void backupOfBefore_orNone_getsWhatTopicsHave_andNoMailIsLostOrSentTwice() throws Exception {
        stack = LossyStack.start(directory);
        Path folder = stack.servers.mail().folder();
        int port = stack.servers.mail().port();
        stack.grant("before", 1);
        await().atMost(LIMIT).until(() -> mailed(folder, "before") > 0);
        stack.await(OPEN, "0");
        // Written down, and not sent when the backup is made.
        stack.servers.mail().close();
        stack.grant("meanwhile", 1);
        stack.await("SELECT count(*) > 0 FROM notifications.delivery WHERE subject LIKE '%meanwhile%'", "t");
        boolean byScript = hasPgDump();
        if (byScript) {
            // While the hub works.
            assertThat(script("backup.sh", directory.resolve("backup"))).contains(" tables, ");
        }
        stack.hub.close();
        stack.execute("postgres", "CREATE DATABASE backup TEMPLATE analytics");

        Path later = directory.resolve("mail2");
        try (EmbeddedMail mail = EmbeddedMail.start(later, port)) {
            stack.hub.restart();
            stack.hub.awaitReady();
            stack.grant("after", 1);
            await().atMost(LIMIT).until(() -> mailed(later, "after") > 0 && mailed(later, "meanwhile") > 0);
            stack.await(OPEN, "0");
        }
        String decided = stack.query("analytics", "SELECT min(id::text) FROM analytics.alert WHERE state = 'open'");
        assertThat(stack.millrace("alerts", "ack", decided, "--by", "anna")).contains(decided.substring(0, 8));
        stack.await("SELECT count(*) FROM analytics.alert WHERE \"by\" = 'anna'", "1");
        // Known, and sent to nobody when the database is lost.
        stack.grant("last", 1);
        stack.await("SELECT count(*) > 0 FROM notifications.delivery WHERE subject LIKE '%last%'", "t");
        stack.execute("erp", "UPDATE product SET list_price = list_price + 1 WHERE tenant_id = 1");
        await().atMost(LIMIT).until(() -> stack.millrace("audit", "verify").contains("the audit trail is whole"));
        stack.assertViewsEqual();
        String alerts = stack.query("analytics", LossyStack.DECIDED);
        String trail = stack.query("analytics", "SELECT max(sequence) FROM audit.record WHERE lane = 0");
        String mails = stack.query("analytics", "SELECT count(*) FROM notifications.delivery");
        stack.hub.close();

        if (byScript) {
            try (Stream<Path> files = Files.list(directory.resolve("backup"))) {
                assertThat(script("restore.sh", files.findFirst().orElseThrow()))
                        .contains("database analytics is the backup's");
            }
        } else {
            stack.execute("postgres", "DROP DATABASE analytics");
            stack.execute("postgres", "ALTER DATABASE backup RENAME TO analytics");
        }
        stack.execute("erp", "UPDATE product SET list_price = list_price + 1 WHERE tenant_id = 2");
        Path afterwards = directory.resolve("mail3");
        try (EmbeddedMail mail = EmbeddedMail.start(afterwards, port)) {
            restartAndAwaitWhatTopicsHave(alerts, trail);
            await().atMost(LIMIT).until(() -> mailed(afterwards, "last") > 0);
            stack.await("SELECT count(*) FROM notifications.delivery", mails);
            stack.await(OPEN, "0");
            assertThat(mailedBefore(afterwards))
                    .as("mails that were sent before")
                    .isZero();
        }
        stack.hub.close();

        stack.execute("postgres", "DROP DATABASE analytics");
        stack.execute("postgres", "CREATE DATABASE analytics");
        Path fresh = directory.resolve("mail4");
        try (EmbeddedMail mail = EmbeddedMail.start(fresh, port)) {
            restartAndAwaitWhatTopicsHave(alerts, trail);
            stack.grant("oscar", 1);
            await().atMost(LIMIT).until(() -> mailed(fresh, "oscar") > 0);
            stack.await(OPEN, "0");
            assertThat(mailedBefore(fresh) + mailed(fresh, "last"))
                    .as("mails that were sent before")
                    .isZero();
        }
    }
}
