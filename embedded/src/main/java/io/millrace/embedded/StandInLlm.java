package io.millrace.embedded;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * In the place of Anthropic's API, and of OpenAI's, to try the way to them without a key: it answers by rule, in the shape that was asked for, and
 * says in each text that it is no model. It counts a token for each four characters.
 */
public final class StandInLlm implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String NO_MODEL = "(stand-in, no model) ";
    private static final int CHARACTERS = 4;

    private final LocalHttp server;
    private final AtomicLong asked = new AtomicLong();

    /** What a question has, by the paths of its text and its schema, and how its answer is wrapped. */
    private record Api(String text, String schema, Wrapping wrapping) {}

    private interface Wrapping {
        Map<String, Object> of(String id, String model, String answer, int tokensIn, int tokensOut);
    }

    private static final Api ANTHROPIC = new Api(
            "/messages/0/content",
            "/output_config/format/schema",
            (id, model, answer, tokensIn, tokensOut) -> Map.of(
                    "id",
                    id,
                    "type",
                    "message",
                    "role",
                    "assistant",
                    "model",
                    model,
                    "content",
                    List.of(Map.of("type", "text", "text", answer)),
                    "stop_reason",
                    "end_turn",
                    "usage",
                    Map.of("input_tokens", tokensIn, "output_tokens", tokensOut)));

    private static final Api OPENAI = new Api(
            "/messages/1/content",
            "/response_format/json_schema/schema",
            (id, model, answer, tokensIn, tokensOut) -> Map.of(
                    "id",
                    id,
                    "model",
                    model,
                    "choices",
                    List.of(Map.of("finish_reason", "stop", "message", Map.of("content", answer))),
                    "usage",
                    Map.of("prompt_tokens", tokensIn, "completion_tokens", tokensOut)));

    private StandInLlm(int port) {
        this.server = LocalHttp.start(
                port,
                Map.of(
                        "/v1/messages", exchange -> answer(exchange, ANTHROPIC),
                        "/v1/chat/completions", exchange -> answer(exchange, OPENAI)));
    }

    /** @param port 0 takes a free one */
    public static StandInLlm start(int port) {
        return new StandInLlm(port);
    }

    public String url() {
        return server.url();
    }

    /** How many questions came. */
    public long asked() {
        return asked.get();
    }

    private void answer(HttpExchange exchange, Api api) throws IOException {
        JsonNode question = JSON.readTree(exchange.getRequestBody().readAllBytes());
        String answer = answer(question.at(api.text).toString(), question.at(api.schema));
        Map<String, Object> wrapped = api.wrapping.of(
                "stand_in_" + asked.incrementAndGet(),
                question.path("model").asString("stand-in"),
                answer,
                question.toString().length() / CHARACTERS,
                answer.length() / CHARACTERS);
        try (exchange) {
            byte[] body = JSON.writeValueAsString(wrapped).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static String answer(String text, JsonNode schema) {
        Map<String, Object> fields = new LinkedHashMap<>();
        schema.path("properties")
                .properties()
                .forEach(property -> fields.put(property.getKey(), value(property.getValue(), text)));
        return JSON.writeValueAsString(fields);
    }

    /** The first choice, or a sentence that quotes the title. */
    private static String value(JsonNode property, String text) {
        JsonNode choice = property.path("enum").path(0);
        if (choice.isString()) {
            return choice.stringValue();
        }
        int title = text.indexOf("title\\\":\\\"");
        int begin = title + "title\\\":\\\"".length();
        int end = title < 0 ? -1 : text.indexOf("\\\"", begin);
        return NO_MODEL + (end < 0 ? "no title was given" : text.substring(begin, Math.min(end, begin + 200)));
    }

    @Override
    public void close() {
        server.close();
    }
}
