package io.millrace.notifications.provider;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import io.millrace.notifications.provider.Outcome.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the answers of both APIs mean; null stands for unknown. */
@SuppressWarnings("NullAway.Init")
class HttpProvidersTest {
    private static final Duration LIMIT = Duration.ofMillis(500);
    private static WireMockServer api;

    @BeforeAll
    static void start() {
        api = new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));
        api.start();
    }

    @AfterAll
    static void stop() {
        api.stop();
    }

    @BeforeEach
    void reset() {
        api.resetAll();
    }

    static Stream<Arguments> answers() {
        String soon = Long.toString(Instant.now().plusSeconds(2).getEpochSecond());
        String late = Long.toString(Instant.now().plusSeconds(600).getEpochSecond());
        return Stream.of(
                Arguments.of("sendgrid", status(400), Action.PERMANENT),
                Arguments.of("sendgrid", status(413), Action.PERMANENT),
                Arguments.of("sendgrid", status(422), Action.PERMANENT),
                Arguments.of("sendgrid", status(401), Action.FAIL_OVER_AND_PAGE),
                Arguments.of("sendgrid", status(403), Action.FAIL_OVER_AND_PAGE),
                Arguments.of("sendgrid", status(429).withHeader("X-RateLimit-Reset", soon), Action.RETRY),
                Arguments.of("sendgrid", status(429).withHeader("X-RateLimit-Reset", late), Action.FAIL_OVER),
                Arguments.of("sendgrid", status(500), null),
                Arguments.of("sendgrid", status(503), null),
                Arguments.of("sendgrid", status(202).withFixedDelay(2_000), null),
                Arguments.of("sendgrid", aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER), null),
                Arguments.of("resend", status(400), Action.PERMANENT),
                Arguments.of("resend", status(422), Action.PERMANENT),
                Arguments.of(
                        "resend",
                        named(422, "validation_error").withBody("{\"message\":\"The domain is not verified\"}"),
                        Action.FAIL_OVER_AND_PAGE),
                Arguments.of("resend", status(401), Action.FAIL_OVER_AND_PAGE),
                Arguments.of("resend", status(403), Action.FAIL_OVER_AND_PAGE),
                Arguments.of("resend", named(409, "concurrent_idempotent_requests"), Action.RETRY),
                Arguments.of("resend", named(409, "invalid_idempotent_request"), Action.PERMANENT),
                Arguments.of("resend", named(429, "rate_limit_exceeded"), Action.RETRY),
                Arguments.of("resend", named(429, "daily_quota_exceeded"), Action.FAIL_OVER_AND_PAGE),
                Arguments.of("resend", status(500), null),
                Arguments.of("resend", status(200).withFixedDelay(2_000), null),
                Arguments.of("resend", aResponse().withFault(Fault.EMPTY_RESPONSE), null));
    }

    private static ResponseDefinitionBuilder status(int status) {
        return aResponse().withStatus(status);
    }

    private static ResponseDefinitionBuilder named(int status, String name) {
        return status(status).withBody("{\"name\":\"" + name + "\",\"message\":\"no\"}");
    }

    @ParameterizedTest
    @MethodSource("answers")
    void answer_leadsToItsAction(String provider, ResponseDefinitionBuilder answer, @Nullable Action action) {
        api.stubFor(any(anyUrl()).willReturn(answer));
        Outcome outcome = provider(provider, api.baseUrl()).send(SmtpProviderTest.MAIL);
        if (action == null) {
            assertThat(outcome).isInstanceOf(Outcome.Unknown.class);
        } else {
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            refused -> assertThat(refused.action()).isEqualTo(action));
        }
        assertThat(outcome.toString()).doesNotContain("secret");
    }

    @Test
    void noServer_failsOver() {
        for (String name : new String[] {"sendgrid", "resend"}) {
            assertThat(provider(name, "http://127.0.0.1:1").send(SmtpProviderTest.MAIL))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            refused -> assertThat(refused.action()).isEqualTo(Action.FAIL_OVER));
        }
    }

    @Test
    void accepted_withTheProvidersId_andTheKeyThatMakesTwoTriesOneMail() {
        api.stubFor(any(urlEqualTo("/v3/mail/send")).willReturn(status(202).withHeader("X-Message-Id", "sg1")));
        api.stubFor(any(urlEqualTo("/emails")).willReturn(status(200).withBody("{\"id\":\"re1\"}")));
        assertThat(provider("sendgrid", api.baseUrl()).send(SmtpProviderTest.MAIL))
                .isEqualTo(new Outcome.Accepted("sg1"));
        assertThat(provider("resend", api.baseUrl()).send(SmtpProviderTest.MAIL))
                .isEqualTo(new Outcome.Accepted("re1"));
        api.verify(postRequestedFor(urlEqualTo("/emails"))
                .withHeader("Idempotency-Key", equalTo("d1"))
                .withHeader("Authorization", equalTo("Bearer secret"))
                .withRequestBody(matchingJsonPath("$.tags[0].value", equalTo("d1")))
                .withRequestBody(
                        matchingJsonPath("$.headers.List-Unsubscribe-Post", equalTo("List-Unsubscribe=One-Click")))
                .withRequestBody(matchingJsonPath("$.to[0]", equalTo("to@example.test"))));
        api.verify(postRequestedFor(urlEqualTo("/v3/mail/send"))
                .withRequestBody(matchingJsonPath("$.custom_args.delivery", equalTo("d1")))
                .withRequestBody(matchingJsonPath("$.headers.List-Unsubscribe", equalTo("<https://u.test/x>"))));
    }

    private static MailProvider provider(String name, String url) {
        return name.equals("sendgrid")
                ? new SendGridProvider(url, "secret", LIMIT)
                : new ResendProvider(url, "secret", LIMIT);
    }
}
