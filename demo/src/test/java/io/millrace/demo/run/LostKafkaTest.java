package io.millrace.demo.run;

import static io.millrace.demo.run.LossyStack.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.platform.data.Directories;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka loses everything; the source and the analytics database are there. */
@SuppressWarnings("NullAway.Init")
class LostKafkaTest {
    @TempDir
    Path directory;

    private LossyStack stack;

    @AfterEach
    void stop() {
        stack.close();
    }

    @Test
    void hubSaysThatKafkaLostItsData_andGoesOnAfterTheRecovery_withEveryDecisionMailAndRecord() throws Exception {
        stack = LossyStack.start(directory);
        stack.grant("trent", 3);
        await().atMost(LIMIT)
                .until(() -> Integer.parseInt(
                                stack.query("analytics", "SELECT count(*) FROM analytics.alert WHERE state = 'open'"))
                        >= 3);
        String first = stack.query("analytics", "SELECT min(id::text) FROM analytics.alert WHERE state = 'open'");
        String last = stack.query("analytics", "SELECT max(id::text) FROM analytics.alert WHERE state = 'open'");
        assertThat(stack.millrace("alerts", "ack", first, "--by", "anna")).contains(first.substring(0, 8));
        assertThat(stack.millrace("alerts", "resolve", last, "--reason", "known", "--by", "ben"))
                .contains(last.substring(0, 8));
        await().atMost(LIMIT)
                .until(() -> stack.query(
                                "analytics",
                                "SELECT count(DISTINCT \"by\") FROM analytics.alert WHERE \"by\" IN ('anna', 'ben')")
                        .equals("2"));
        await().atMost(LIMIT)
                .until(() -> stack.query(
                                "analytics",
                                "SELECT count(*) FROM notifications.delivery WHERE state NOT IN ('accepted', 'suppressed', 'digested')")
                        .equals("0"));
        await().atMost(LIMIT).until(() -> stack.millrace("audit", "verify").contains("the audit trail is whole"));
        stack.hub.close();
        String decided = stack.query("analytics", LossyStack.DECIDED);
        String mails = stack.query("analytics", "SELECT count(*) FROM notifications.delivery");
        String head = stack.query("analytics", "SELECT max(sequence) FROM audit.record WHERE lane = 0");

        stack.servers.close();
        Directories.delete(directory.resolve("kafka"));
        stack.startServers();
        stack.startHub();
        assertThatThrownBy(() -> stack.hub.awaitReady())
                .hasMessageContaining("is another than the one from which the tables were made")
                .hasMessageContaining("millrace recover");
        assertThat(stack.query("analytics", LossyStack.DECIDED)).isEqualTo(decided);
        stack.hub.close();

        assertThat(stack.millrace("recover"))
                .contains("alerts and", "records of the audit trail are in their topics again");
        assertThat(stack.millrace("recover")).contains("there is nothing to recover");
        stack.hub.restart();
        stack.hub.awaitReady();
        stack.assertViewsEqual();
        await().atMost(LIMIT).until(() -> stack.millrace("audit", "verify").contains("the audit trail is whole"));
        assertThat(stack.query("analytics", LossyStack.DECIDED)).isEqualTo(decided);
        assertThat(stack.query("analytics", "SELECT count(*) FROM notifications.delivery"))
                .isEqualTo(mails);
        assertThat(stack.query(
                        "analytics",
                        "SELECT count(*) > 0 FROM audit.record WHERE lane = 0 AND sequence > " + head
                                + " AND detail LIKE '%goes on after its state was lost%'"))
                .isEqualTo("t");

        // And it goes on: a new violation is a new alert, and a mail.
        stack.grant("mallory", 1);
        await().atMost(LIMIT)
                .until(() -> stack.query(
                                "analytics",
                                "SELECT count(*) FROM notifications.delivery WHERE state = 'accepted' AND subject LIKE '%mallory%'")
                        .equals("1"));
        await().atMost(LIMIT)
                .until(() -> !stack.query("analytics", LossyStack.DECIDED).equals(decided));
    }
}
