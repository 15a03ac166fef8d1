package io.millrace.enrichment.llm;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import io.millrace.enrichment.llm.Answer.Action;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each row of the table of failures. */
@SuppressWarnings("NullAway.Init")
class AnthropicLlmTest {
    private static final Llm.Question QUESTION = new Llm.Question(
            "claude-haiku-4-5",
            "system",
            "text",
            Map.of("type", "object", "properties", Map.of("a", Map.of("type", "string"))),
            50,
            Duration.ofSeconds(2));

    private static WireMockServer api;
    private static Llm llm;

    @BeforeAll
    static void start() {
        api = new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));
        api.start();
        llm = new AnthropicLlm(api.baseUrl(), "secret");
    }

    @AfterAll
    static void stop() {
        api.stop();
    }

    @BeforeEach
    void reset() {
        api.resetAll();
    }

    private static void answers(ResponseDefinitionBuilder answer) {
        api.stubFor(post(urlEqualTo("/v1/messages")).willReturn(answer));
    }

    private static ResponseDefinitionBuilder message(String stop, String text) {
        return aResponse()
                .withHeader("Content-Type", "application/json")
                .withBody(
                        "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-haiku-4-5\","
                                + "\"content\":"
                                + (text.isEmpty() ? "[]" : "[{\"type\":\"text\",\"text\":\"" + text + "\"}]")
                                + ",\"stop_reason\":\"" + stop
                                + "\",\"usage\":{\"input_tokens\":10,\"output_tokens\":5}}");
    }

    @Test
    void answer_isGiven_withWhatItCost_andTheQuestionHasItsSchema() {
        answers(message("end_turn", "{}"));
        assertThat(llm.ask(QUESTION)).isEqualTo(new Answer.Given("{}", "claude-haiku-4-5", 10, 5, "msg_1"));
        api.verify(postRequestedFor(urlEqualTo("/v1/messages"))
                .withRequestBody(matchingJsonPath("$.output_config.format.schema.properties.a.type", equalTo("string")))
                .withRequestBody(matchingJsonPath("$.max_tokens", equalTo("50"))));
    }

    @Test
    void refusalAndTruncation_areTold_withWhatTheyCost() {
        answers(message("refusal", ""));
        assertThat(llm.ask(QUESTION)).isEqualTo(new Answer.Refused("claude-haiku-4-5", 10, 5, "msg_1"));
        answers(message("max_tokens", "{"));
        assertThat(llm.ask(QUESTION)).isEqualTo(new Answer.Truncated(10, 5));
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(status(400, "invalid_request_error"), Action.PERMANENT),
                Arguments.of(status(404, "not_found_error"), Action.PERMANENT),
                Arguments.of(status(413, "request_too_large"), Action.PERMANENT),
                Arguments.of(status(400, "enforced_spend_limit_reached"), Action.STOP_AND_PAGE),
                Arguments.of(status(401, "authentication_error"), Action.STOP_AND_PAGE),
                Arguments.of(status(402, "billing_error"), Action.STOP_AND_PAGE),
                Arguments.of(status(403, "permission_error"), Action.STOP_AND_PAGE),
                Arguments.of(status(409, "conflict"), Action.RETRY),
                Arguments.of(status(429, "rate_limit_error").withHeader("retry-after", "7"), Action.RETRY),
                Arguments.of(status(429, "enforced_spend_limit_reached"), Action.STOP_AND_PAGE),
                Arguments.of(status(500, "api_error"), Action.RETRY),
                Arguments.of(status(502, "api_error"), Action.RETRY),
                Arguments.of(status(504, "timeout_error"), Action.RETRY),
                Arguments.of(status(529, "overloaded_error"), Action.FALL_BACK),
                Arguments.of(message("end_turn", "{}").withFixedDelay(4_000), Action.RETRY),
                Arguments.of(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER), Action.RETRY),
                Arguments.of(
                        aResponse()
                                .withHeader("Content-Type", "application/json")
                                .withBody("{\"id\":"),
                        Action.PERMANENT));
    }

    private static ResponseDefinitionBuilder status(int status, String type) {
        return aResponse()
                .withStatus(status)
                .withHeader("Content-Type", "application/json")
                .withBody("{\"type\":\"error\",\"error\":{\"type\":\"" + type + "\",\"message\":\"no\"}}");
    }

    @ParameterizedTest
    @MethodSource("failures")
    void failure_leadsToItsAction(ResponseDefinitionBuilder answer, Action action) {
        answers(answer);
        assertThat(llm.ask(QUESTION)).isInstanceOfSatisfying(Answer.Failed.class, failed -> {
            assertThat(failed.action()).as(failed.detail()).isEqualTo(action);
            assertThat(failed.detail()).doesNotContain("secret");
            if (failed.detail().startsWith("429 ") && action == Action.RETRY) {
                assertThat(failed.retryAfterSeconds()).isEqualTo(7L);
            }
        });
        // Another try is the caller's decision.
        api.verify(1, postRequestedFor(urlEqualTo("/v1/messages")));
    }

    @Test
    void noServer_isTriedAgain() {
        assertThat(new AnthropicLlm("http://127.0.0.1:1", "secret").ask(QUESTION))
                .isInstanceOfSatisfying(
                        Answer.Failed.class,
                        failed -> assertThat(failed.action()).isEqualTo(Action.RETRY));
    }
}
