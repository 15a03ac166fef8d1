package io.millrace.notifications.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.notifications.TestLedgers;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.provider.Mail;
import io.millrace.notifications.provider.MailProvider;
import io.millrace.notifications.provider.Outcome;
import io.millrace.notifications.provider.ScriptedSmtp;
import io.millrace.notifications.provider.SmtpProvider;
import io.millrace.notifications.route.Importance;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** A real server goes away under load and comes back. {@code -Dmillrace.outage=60} makes it a minute. */
class OutageTest {
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("millrace.outage", 3));
    private static final Duration BETWEEN_MAILS = Duration.ofMillis(10);
    private static final Providers.Guard GUARD =
            new Providers.Guard(Duration.ofMillis(500), Duration.ofMinutes(5), 10_000);

    private int mails;

    /** A server under a name; which port it has does not change when it comes back. */
    private record Named(String name, SmtpProvider smtp) implements MailProvider {
        static Named of(String name, int port) {
            return new Named(name, new SmtpProvider(new SmtpProvider.Settings("127.0.0.1", port, "", "", false)));
        }

        @Override
        public boolean idempotent() {
            return false;
        }

        @Override
        public Outcome send(Mail mail) {
            return smtp.send(mail);
        }
    }

    @Test
    void noMailIsLost_theSwitchIsSeen_andTheFirstComesBack() throws Exception {
        String url = TestLedgers.create();
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        Metrics.addRegistry(metrics);
        ScriptedSmtp first = new ScriptedSmtp(Map.of());
        int port = first.port();
        try (ScriptedSmtp second = new ScriptedSmtp(Map.of());
                Ledger ledger = TestLedgers.open(url);
                Dispatcher dispatcher = new Dispatcher(
                        ledger,
                        new Providers(List.of(Named.of("first", port), Named.of("second", second.port())), GUARD),
                        "from@example.test",
                        Policy.DEFAULT,
                        () -> {})) {
            dispatcher.start();
            load(ledger, Duration.ofMillis(500));
            first.close();
            load(ledger, OUTAGE);
            ScriptedSmtp back = new ScriptedSmtp(Map.of(), port);
            try (back) {
                await().atMost(Duration.ofSeconds(20)).until(() -> {
                    load(ledger, Duration.ofMillis(100));
                    return back.taken() > 20;
                });
                await().atMost(Duration.ofSeconds(60))
                        .until(() ->
                                TestLedgers.query(url, "SELECT id FROM notifications.delivery WHERE state = 'accepted'")
                                                .size()
                                        == mails);
                assertThat(first.taken() + second.taken() + back.taken()).isEqualTo(mails);
                assertThat(second.taken()).isPositive();
            }
            assertThat(TestLedgers.query(
                            url, "SELECT \"from\" || '-' || \"to\" FROM notifications.provider_switch ORDER BY at"))
                    .contains("first-second", "second-first")
                    .last()
                    .isEqualTo("second-first");
            assertThat(metrics.find("millrace.mail.switches")
                            .tag("to", "second")
                            .counters())
                    .extracting(Counter::count)
                    .allMatch(count -> count > 0);
            // Few were tried in vain: the breaker saw to that.
            assertThat(TestLedgers.query(url, "SELECT 1 FROM notifications.attempt WHERE outcome = 'fail_over'"))
                    .hasSizeLessThan(mails / 5);
        } finally {
            Metrics.removeRegistry(metrics);
        }
    }

    private void load(Ledger ledger, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            ledger.add(TestLedgers.delivery("e" + ++mails, "to@example.test", Importance.NORMAL), Instant.now());
            LockSupport.parkNanos(BETWEEN_MAILS.toNanos());
        }
    }
}
