package io.millrace.enrichment.llm;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import io.millrace.enrichment.llm.Answer.Action;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

class AnthropicLlmTest extends LlmApiTest {
    private static final String MODEL = "claude-haiku-4-5";

    AnthropicLlmTest() {
        super("/v1/messages", MODEL);
    }

    @Override
    Llm llm(String baseUrl) {
        return new AnthropicLlm(baseUrl, "secret");
    }

    @Override
    ResponseDefinitionBuilder right() {
        return message("end_turn", "{}");
    }

    private static ResponseDefinitionBuilder message(String stop, String text) {
        return json(
                "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"" + MODEL + "\",\"content\":"
                        + (text.isEmpty() ? "[]" : "[{\"type\":\"text\",\"text\":\"" + text + "\"}]")
                        + ",\"stop_reason\":\"" + stop
                        + "\",\"usage\":{\"input_tokens\":10,\"output_tokens\":5}}");
    }

    @Test
    void answer_isGiven_withWhatItCost_andTheQuestionHasItsSchema() {
        assertThat(ask(right())).isEqualTo(new Answer.Given("{}", MODEL, 10, 5, "msg_1"));
        verify(asked().withRequestBody(
                        matchingJsonPath("$.output_config.format.schema.properties.a.type", equalTo("string")))
                .withRequestBody(matchingJsonPath("$.max_tokens", equalTo("50"))));
    }

    @Test
    void refusalAndTruncation_areTold_withWhatTheyCost() {
        assertThat(ask(message("refusal", ""))).isEqualTo(new Answer.Refused(MODEL, 10, 5, "msg_1"));
        assertThat(ask(message("max_tokens", "{"))).isEqualTo(new Answer.Truncated(10, 5));
    }

    @Override
    Stream<Arguments> ofThisProvider() {
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
                Arguments.of(status(529, "overloaded_error"), Action.FALL_BACK));
    }

    private static ResponseDefinitionBuilder status(int status, String type) {
        return json("{\"type\":\"error\",\"error\":{\"type\":\"" + type + "\",\"message\":\"no\"}}")
                .withStatus(status);
    }
}
