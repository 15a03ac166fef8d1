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

/** Each row of the table of failures, with the second provider. */
@SuppressWarnings("NullAway.Init")
class OpenAiLlmTest {
    private static final String PATH = "/v1/chat/completions";
    private static final Llm.Question QUESTION = new Llm.Question(
            "openai/local-7b",
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
        llm = new LlmProviders(Map.of(LlmProviders.OPENAI, new OpenAiLlm(api.baseUrl() + "/v1/", "secret")));
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
        api.stubFor(post(urlEqualTo(PATH)).willReturn(answer));
    }

    private static ResponseDefinitionBuilder message(String end, String message) {
        return aResponse()
                .withHeader("Content-Type", "application/json")
                .withBody("{\"id\":\"chat_1\",\"model\":\"local-7b\",\"choices\":[{\"index\":0,\"finish_reason\":\""
                        + end + "\",\"message\":" + message
                        + "}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}");
    }

    @Test
    void answer_isGiven_withWhatItCost_andTheQuestionHasItsSchemaAndKey() {
        answers(message("stop", "{\"role\":\"assistant\",\"content\":\"{}\",\"refusal\":null}"));
        assertThat(llm.ask(QUESTION)).isEqualTo(new Answer.Given("{}", "local-7b", 10, 5, "chat_1"));
        api.verify(postRequestedFor(urlEqualTo(PATH))
                .withHeader("authorization", equalTo("Bearer secret"))
                .withRequestBody(matchingJsonPath("$.model", equalTo("local-7b")))
                .withRequestBody(
                        matchingJsonPath("$.response_format.json_schema.schema.properties.a.type", equalTo("string")))
                .withRequestBody(matchingJsonPath("$.max_tokens", equalTo("50"))));
    }

    @Test
    void refusalAndTruncation_areTold_withWhatTheyCost() {
        answers(message("stop", "{\"content\":null,\"refusal\":\"no\"}"));
        assertThat(llm.ask(QUESTION)).isEqualTo(new Answer.Refused("local-7b", 10, 5, "chat_1"));
        answers(message("content_filter", "{\"content\":null}"));
        assertThat(llm.ask(QUESTION)).isEqualTo(new Answer.Refused("local-7b", 10, 5, "chat_1"));
        answers(message("length", "{\"content\":\"{\"}"));
        assertThat(llm.ask(QUESTION)).isEqualTo(new Answer.Truncated(10, 5));
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(status(400, "invalid_request_error"), Action.PERMANENT),
                Arguments.of(status(404, "model_not_found"), Action.PERMANENT),
                Arguments.of(status(413, "too_large"), Action.PERMANENT),
                Arguments.of(status(422, "unprocessable"), Action.PERMANENT),
                Arguments.of(status(401, "invalid_api_key"), Action.STOP_AND_PAGE),
                Arguments.of(status(402, "billing"), Action.STOP_AND_PAGE),
                Arguments.of(status(403, "unsupported_country"), Action.STOP_AND_PAGE),
                Arguments.of(status(429, "insufficient_quota"), Action.STOP_AND_PAGE),
                Arguments.of(status(409, "conflict"), Action.RETRY),
                Arguments.of(status(429, "rate_limit_exceeded").withHeader("retry-after", "7"), Action.RETRY),
                Arguments.of(status(500, "server_error"), Action.RETRY),
                Arguments.of(status(502, "bad_gateway"), Action.RETRY),
                Arguments.of(status(503, "overloaded"), Action.FALL_BACK),
                Arguments.of(message("stop", "{\"content\":\"{}\"}").withFixedDelay(4_000), Action.RETRY),
                Arguments.of(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER), Action.RETRY),
                Arguments.of(aResponse().withBody("{\"id\":"), Action.PERMANENT),
                Arguments.of(aResponse().withBody("{\"choices\":[]}"), Action.PERMANENT));
    }

    private static ResponseDefinitionBuilder status(int status, String code) {
        return aResponse()
                .withStatus(status)
                .withBody("{\"error\":{\"code\":\"" + code + "\",\"type\":\"" + code + "\",\"message\":\"no\"}}");
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
        api.verify(1, postRequestedFor(urlEqualTo(PATH)));
    }

    @Test
    void providerWithoutAKey_isNotAsked_andSomebodyMustAct() {
        Llm.Question other =
                new Llm.Question("claude-haiku-4-5", "system", "text", QUESTION.schema(), 50, Duration.ofSeconds(2));
        assertThat(llm.ask(other)).isInstanceOfSatisfying(Answer.Failed.class, failed -> {
            assertThat(failed.action()).isEqualTo(Action.STOP_AND_PAGE);
            assertThat(failed.detail()).contains("anthropic");
        });
    }
}
