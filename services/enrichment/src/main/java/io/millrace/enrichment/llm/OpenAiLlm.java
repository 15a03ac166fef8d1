package io.millrace.enrichment.llm;

import io.millrace.enrichment.llm.Answer.Action;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** OpenAI's chat completions, which many servers and services also have. */
public final class OpenAiLlm implements Llm {
    private static final String OWN = "https://api.openai.com/v1";
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    private static final int LONGEST_DETAIL = 300;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(CONNECT_LIMIT).build();
    private final URI completions;
    private final String key;
    private final String limit;

    /**
     * @param url up to the version, such as {@code http://llm.internal:8000/v1}; empty for OpenAI's own
     * @param key empty where the server wants none; never shows in texts
     */
    public OpenAiLlm(String url, String key) {
        String base = url.isEmpty() ? OWN : url.replaceAll("/+$", "");
        this.completions = URI.create(base + "/chat/completions");
        this.key = key;
        // OpenAI's newer models refuse the old name, and most other servers do not know the new one.
        this.limit = base.equals(OWN) ? "max_completion_tokens" : "max_tokens";
    }

    @Override
    public Answer ask(Question question) {
        HttpRequest.Builder request = HttpRequest.newBuilder(completions)
                .timeout(question.deadline())
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body(question))));
        if (!key.isEmpty()) {
            request.header("authorization", "Bearer " + key);
        }
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200 ? answer(response.body()) : failed(response);
        } catch (HttpTimeoutException late) {
            return new Answer.Failed(Action.RETRY, "no answer in time");
        } catch (IOException lost) {
            return new Answer.Failed(Action.RETRY, "no connection: " + lost);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return new Answer.Failed(Action.RETRY, "stopping");
        }
    }

    private Map<String, Object> body(Question question) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("model", question.model());
        body.put(
                "messages",
                List.of(
                        Map.of("role", "system", "content", question.system()),
                        Map.of("role", "user", "content", question.text())));
        body.put(limit, question.maxTokens());
        body.put(
                "response_format",
                Map.of(
                        "type",
                        "json_schema",
                        "json_schema",
                        Map.of("name", "answer", "strict", true, "schema", question.schema())));
        return body;
    }

    private static Answer answer(String body) {
        JsonNode said;
        try {
            said = JSON.readTree(body);
        } catch (JacksonException wrong) {
            return new Answer.Failed(Action.PERMANENT, "the answer cannot be read");
        }
        JsonNode choice = said.path("choices").path(0);
        JsonNode message = choice.path("message");
        long input = said.path("usage").path("prompt_tokens").asLong(0);
        long output = said.path("usage").path("completion_tokens").asLong(0);
        String model = said.path("model").asString("");
        String id = said.path("id").asString("");
        String end = choice.path("finish_reason").asString("");
        if (message.path("refusal").isString() || end.equals("content_filter")) {
            return new Answer.Refused(model, input, output, id);
        }
        if (end.equals("length")) {
            return new Answer.Truncated(input, output);
        }
        return message.path("content").isString()
                ? new Answer.Given(message.path("content").stringValue(), model, input, output, id)
                : new Answer.Failed(Action.PERMANENT, "the answer cannot be read");
    }

    private static Answer failed(HttpResponse<String> response) {
        int status = response.statusCode();
        String body = response.body().strip().replaceAll("\\s+", " ");
        String said = status + " " + (body.length() > LONGEST_DETAIL ? body.substring(0, LONGEST_DETAIL) + "…" : body);
        // Told with 429, though waiting does not help.
        if (body.contains("insufficient_quota")) {
            return new Answer.Failed(Action.STOP_AND_PAGE, said);
        }
        return switch (status) {
            case 401, 402, 403 -> new Answer.Failed(Action.STOP_AND_PAGE, said);
            case 408, 409, 429 -> new Answer.Failed(Action.RETRY, said, retryAfter(response));
            case 503, 529 -> new Answer.Failed(Action.FALL_BACK, said, retryAfter(response));
            default ->
                status >= 500
                        ? new Answer.Failed(Action.RETRY, said, retryAfter(response))
                        : new Answer.Failed(Action.PERMANENT, said);
        };
    }

    private static @Nullable Long retryAfter(HttpResponse<String> response) {
        return response.headers().allValues("retry-after").stream()
                .filter(value -> value.matches("\\d{1,6}"))
                .map(Long::valueOf)
                .findFirst()
                .orElse(null);
    }
}
