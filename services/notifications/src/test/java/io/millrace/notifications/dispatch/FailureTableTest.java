package io.millrace.notifications.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import io.millrace.notifications.TestLedgers;
import io.millrace.notifications.ledger.Ledger;
import io.millrace.notifications.provider.Mail;
import io.millrace.notifications.provider.MailProvider;
import io.millrace.notifications.provider.Outcome;
import io.millrace.notifications.provider.ResendProvider;
import io.millrace.notifications.provider.ScriptedSmtp;
import io.millrace.notifications.provider.SendGridProvider;
import io.millrace.notifications.provider.SmtpProvider;
import io.millrace.notifications.route.Importance;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each row of the tables of providers' failures, through the ledger and the dispatcher, with a second provider behind the one that
 * fails: what becomes of five mails, after how many tries, whether the breaker opens, and whether a recipient is suppressed.
 */
@SuppressWarnings("NullAway.Init")
class FailureTableTest {
    /** Enough to open a breaker, if each counts against the provider. */
    private static final int MAILS = 5;

    private static final Policy POLICY =
            new Policy(3, Duration.ofMillis(20), Duration.ofMillis(50), Duration.ofMinutes(10));
    private static final Providers.Guard GUARD =
            new Providers.Guard(Duration.ofMinutes(10), Duration.ofMinutes(10), 1_000);
    /** For those who ask the same provider again. */
    private static final Providers.Guard SOON =
            new Providers.Guard(Duration.ofMillis(20), Duration.ofMinutes(10), 1_000);

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(1);

    private static WireMockServer api;

    /** Takes what the first does not. */
    private static final MailProvider BACKUP = new MailProvider() {
        @Override
        public String name() {
            return "backup";
        }

        @Override
        public boolean idempotent() {
            return false;
        }

        @Override
        public Outcome send(Mail mail) {
            return new Outcome.Accepted(null);
        }
    };

    /** What follows. */
    enum Follows {
        /** Another provider takes it, and the breaker opens. */
        FAILED_OVER("accepted", "unavailable", false, "fail_over,accepted"),
        /** The same at the first failure: somebody has to fix the account. */
        PAGED("accepted", "unavailable", false, "fail_over_and_page,accepted"),
        /** Tried again, here until its budget is spent. */
        RETRIED("failed", "available", false, "retry,retry,retry"),
        FAILED("failed", "available", false, "permanent"),
        FAILED_AND_SUPPRESSED("failed", "available", true, "permanent_and_suppress"),
        /** Nobody knows: neither tried again nor given to another. */
        UNKNOWN("unknown", "unavailable", false, "unknown"),
        /** Asked again under the same key when the breaker lets it, here in vain, then unknown. */
        ASKED_AGAIN("unknown", "unavailable", false, "unknown,unknown,unknown,unknown");

        final String state;
        final String breaker;
        final boolean suppresses;
        final String outcomes;

        Follows(String state, String breaker, boolean suppresses, String outcomes) {
            this.state = state;
            this.breaker = breaker;
            this.suppresses = suppresses;
            this.outcomes = outcomes;
        }
    }

    @BeforeAll
    static void start() {
        api = new WireMockServer(
                WireMockConfiguration.options().dynamicPort().dynamicHttpsPort().bindAddress("127.0.0.1"));
        api.start();
    }

    @AfterAll
    static void stop() {
        api.stop();
    }

    static Stream<Arguments> http() {
        String soon = Long.toString(Instant.now().getEpochSecond());
        String late = Long.toString(Instant.now().plusSeconds(600).getEpochSecond());
        return Stream.of(
                row("sendgrid", answer(400), Follows.FAILED),
                row("sendgrid", answer(413), Follows.FAILED),
                row("sendgrid", answer(422), Follows.FAILED),
                row("sendgrid", answer(401), Follows.PAGED),
                row("sendgrid", answer(403), Follows.PAGED),
                row("sendgrid", answer(429).withHeader("X-RateLimit-Reset", soon), Follows.RETRIED),
                row("sendgrid", answer(429).withHeader("X-RateLimit-Reset", late), Follows.FAILED_OVER),
                row("sendgrid", answer(500), Follows.UNKNOWN),
                row("sendgrid", answer(202).withFixedDelay(4_000), Follows.UNKNOWN),
                row("sendgrid", answer(202).withFault(Fault.CONNECTION_RESET_BY_PEER), Follows.UNKNOWN),
                row("resend", answer(400), Follows.FAILED),
                row("resend", answer(413), Follows.FAILED),
                row("resend", answer(422), Follows.FAILED),
                row("resend", says(403, "validation_error", "The domain is not verified"), Follows.PAGED),
                row("resend", says(422, "validation_error", "The domain is not verified"), Follows.PAGED),
                row("resend", answer(401), Follows.PAGED),
                row("resend", says(409, "concurrent_idempotent_requests", ""), Follows.RETRIED),
                row("resend", says(409, "invalid_idempotent_request", ""), Follows.FAILED),
                row("resend", says(429, "rate_limit_exceeded", "").withHeader("retry-after", "0"), Follows.RETRIED),
                row("resend", says(429, "daily_quota_exceeded", ""), Follows.PAGED),
                row("resend", says(429, "monthly_quota_exceeded", ""), Follows.PAGED),
                row("resend", answer(500), Follows.ASKED_AGAIN),
                row("resend", answer(200).withFixedDelay(4_000), Follows.ASKED_AGAIN),
                row("resend", answer(200).withFault(Fault.EMPTY_RESPONSE), Follows.ASKED_AGAIN));
    }

    private static Arguments row(String provider, ResponseDefinitionBuilder answer, Follows follows) {
        return Arguments.of(provider, answer, follows);
    }

    private static ResponseDefinitionBuilder answer(int status) {
        return WireMock.aResponse().withStatus(status);
    }

    private static ResponseDefinitionBuilder says(int status, String name, String message) {
        return answer(status).withBody("{\"name\":\"" + name + "\",\"message\":\"" + message + "\"}");
    }

    @ParameterizedTest
    @MethodSource("http")
    void http(String provider, ResponseDefinitionBuilder answer, Follows follows) throws Exception {
        api.resetAll();
        api.stubFor(WireMock.any(WireMock.anyUrl()).willReturn(answer));
        check(httpProvider(provider, "http://127.0.0.1:" + api.port()), follows);
    }

    @ParameterizedTest
    @MethodSource("connections")
    void noConnection(MailProvider provider, Follows follows) throws Exception {
        check(provider, follows);
    }

    /** Nobody there, no such name, and a certificate that nobody trusts. */
    static Stream<Arguments> connections() {
        return Stream.of("http://127.0.0.1:1", "http://no-such-host.invalid", "https://127.0.0.1:" + api.httpsPort())
                .flatMap(url -> Stream.of(
                        Arguments.of(httpProvider("sendgrid", url), Follows.FAILED_OVER),
                        Arguments.of(httpProvider("resend", url), Follows.FAILED_OVER)));
    }

    @ParameterizedTest
    @MethodSource("smtp")
    void smtp(String phase, String answer, Follows follows) throws Exception {
        try (ScriptedSmtp server = new ScriptedSmtp(Map.of(phase, answer))) {
            check(smtp("127.0.0.1", server.port(), phase.equals("AUTH") ? "user" : "", false), follows);
        }
    }

    static Stream<Arguments> smtp() {
        return Stream.of(
                Arguments.of("CONNECT", "421 4.3.2 not now", Follows.FAILED_OVER),
                Arguments.of("CONNECT", "554 5.3.2 no", Follows.FAILED_OVER),
                Arguments.of("AUTH", "454 4.7.0 later", Follows.FAILED_OVER),
                Arguments.of("AUTH", "535 5.7.8 wrong password", Follows.PAGED),
                Arguments.of("RCPT", "450 4.2.1 mailbox busy", Follows.RETRIED),
                Arguments.of("RCPT", "550 5.1.1 no such user", Follows.FAILED_AND_SUPPRESSED),
                Arguments.of("MAIL", "550 5.7.1 sender refused", Follows.PAGED),
                Arguments.of("END", "554 5.7.1 looks like spam", Follows.PAGED),
                Arguments.of("END", "550 5.4.5 daily quota exceeded", Follows.PAGED),
                Arguments.of("DATA", "close", Follows.UNKNOWN),
                Arguments.of("END", "close", Follows.UNKNOWN));
    }

    @ParameterizedTest
    @MethodSource("smtpConnections")
    void noSmtpConnection(String host, boolean tls, Map<String, String> script) throws Exception {
        try (ScriptedSmtp server = new ScriptedSmtp(script)) {
            check(smtp(host, host.equals("127.0.0.2") ? 1 : server.port(), "", tls), Follows.FAILED_OVER);
        }
    }

    static Stream<Arguments> smtpConnections() {
        return Stream.of(
                Arguments.of("127.0.0.2", false, Map.of()),
                Arguments.of("no-such-host.invalid", false, Map.of()),
                // It has no TLS; it says that it has and does not.
                Arguments.of("127.0.0.1", true, Map.of()),
                Arguments.of(
                        "127.0.0.1", true, Map.of("EHLO", "250-scripted\r\n250 STARTTLS", "STARTTLS", "220 go on")),
                Arguments.of(
                        "127.0.0.1", true, Map.of("EHLO", "250-scripted\r\n250 STARTTLS", "STARTTLS", "454 4.7.0 no")));
    }

    private static void check(MailProvider provider, Follows follows) throws Exception {
        String url = TestLedgers.create();
        Providers providers = new Providers(List.of(provider, BACKUP), follows == Follows.ASKED_AGAIN ? SOON : GUARD);
        try (Ledger ledger = TestLedgers.open(url);
                Dispatcher dispatcher = new Dispatcher(ledger, providers, "from@example.test", POLICY, () -> {})) {
            for (int i = 0; i < MAILS; i++) {
                ledger.add(TestLedgers.delivery("e" + i, "to" + i + "@example.test", Importance.NORMAL), Instant.now());
            }
            dispatcher.start();
            // Four attempts that nobody answers within the limit, of each mail, take some seconds by themselves.
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> TestLedgers.query(
                                    url,
                                    "SELECT id FROM notifications.delivery WHERE state IN ('pending', 'attempting')")
                            .isEmpty());
            // Mails that came after the breaker opened went to the other at once.
            String afterTheBreaker = "accepted";
            assertThat(TestLedgers.query(url, "SELECT DISTINCT state FROM notifications.delivery"))
                    .as(TestLedgers.query(url, "SELECT detail FROM notifications.delivery")
                            .toString())
                    .contains(follows.state)
                    .isSubsetOf(
                            follows.breaker.equals("unavailable")
                                    ? Arrays.asList(follows.state, afterTheBreaker)
                                    : List.of(follows.state));
            assertThat(
                            TestLedgers.query(
                                    url,
                                    "SELECT DISTINCT string_agg(outcome, ',' ORDER BY number) FROM notifications.attempt GROUP BY delivery"))
                    .contains(follows.outcomes)
                    .isSubsetOf(follows.outcomes, afterTheBreaker);
            assertThat(providers.detail())
                    .contains(
                            provider.name() + " " + (follows == Follows.ASKED_AGAIN ? "" : follows.breaker),
                            "backup available");
            assertThat(ledger.suppressions().inForce()).hasSize(follows.suppresses ? MAILS : 0);
        }
    }

    private static MailProvider httpProvider(String name, String url) {
        return name.equals("sendgrid")
                ? new SendGridProvider(url, "secret", ANSWER_LIMIT)
                : new ResendProvider(url, "secret", ANSWER_LIMIT);
    }

    private static MailProvider smtp(String host, int port, String user, boolean tls) {
        return new SmtpProvider(new SmtpProvider.Settings(host, port, user, "secret", tls));
    }
}
