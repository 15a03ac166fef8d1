package io.millrace.enrichment.llm;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import io.millrace.enrichment.llm.Answer.Action;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

class OpenAiLlmTest extends LlmApiTest {
    OpenAiLlmTest() {
        super("/v1/chat/completions", "openai/local-7b");
    }

    @Override
    Llm llm(String baseUrl) {
        return new LlmProviders(Map.of(LlmProviders.OPENAI, new OpenAiLlm(baseUrl + "/v1/", "secret")));
    }

    @Override
    ResponseDefinitionBuilder right() {
        return message("stop", "{\"role\":\"assistant\",\"content\":\"{}\",\"refusal\":null}");
    }

    private static ResponseDefinitionBuilder message(String end, String message) {
        return json("{\"id\":\"chat_1\",\"model\":\"local-7b\",\"choices\":[{\"index\":0,\"finish_reason\":\"" + end
                + "\",\"message\":" + message + "}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}");
    }

    @Test
    void answer_isGiven_withWhatItCost_andTheQuestionHasItsSchemaAndKey() {
        assertThat(ask(right())).isEqualTo(new Answer.Given("{}", "local-7b", 10, 5, "chat_1"));
        verify(asked().withHeader("authorization", equalTo("Bearer secret"))
                .withRequestBody(matchingJsonPath("$.model", equalTo("local-7b")))
                .withRequestBody(
                        matchingJsonPath("$.response_format.json_schema.schema.properties.a.type", equalTo("string"))));
    }

    @Test
    void refusalAndTruncation_areTold_withWhatTheyCost() {
        assertThat(ask(message("stop", "{\"content\":null,\"refusal\":\"no\"}")))
                .isEqualTo(new Answer.Refused("local-7b", 10, 5, "chat_1"));
        assertThat(ask(message("content_filter", "{\"content\":null}")))
                .isEqualTo(new Answer.Refused("local-7b", 10, 5, "chat_1"));
        assertThat(ask(message("length", "{\"content\":\"{\"}"))).isEqualTo(new Answer.Truncated(10, 5));
    }

    @Override
    Stream<Arguments> ofThisProvider() {
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
                Arguments.of(json("{\"choices\":[]}"), Action.PERMANENT));
    }

    private static ResponseDefinitionBuilder status(int status, String code) {
        return json("{\"error\":{\"code\":\"" + code + "\",\"type\":\"" + code + "\",\"message\":\"no\"}}")
                .withStatus(status);
    }

    @Test
    void providerWithoutAKey_isNotAsked_andSomebodyMustAct() {
        assertThat(ask("claude-haiku-4-5")).isInstanceOfSatisfying(Answer.Failed.class, failed -> {
            assertThat(failed.action()).isEqualTo(Action.STOP_AND_PAGE);
            assertThat(failed.detail()).contains("anthropic");
        });
    }
}
