package io.millrace.embedded;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
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

    private final HttpServer server;
    private final AtomicLong asked = new AtomicLong();

    private StandInLlm(HttpServer server) {
        this.server = server;
    }

    /** @param port 0 takes a free one */
    public static StandInLlm start(int port) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            StandInLlm llm = new StandInLlm(server);
            server.createContext("/v1/messages", llm::answerAsAnthropic);
            server.createContext("/v1/chat/completions", llm::answerAsOpenAi);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.start();
            return llm;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** How many questions came. */
    public long asked() {
        return asked.get();
    }

    private void answerAsAnthropic(HttpExchange exchange) throws IOException {
        JsonNode question = JSON.readTree(exchange.getRequestBody().readAllBytes());
        String answer = answer(
                question.path("messages").path(0).path("content").toString(),
                question.path("output_config").path("format").path("schema"));
        send(
                exchange,
                Map.of(
                        "id",
                        "msg_stand_in_" + asked.incrementAndGet(),
                        "type",
                        "message",
                        "role",
                        "assistant",
                        "model",
                        question.path("model").asString("stand-in"),
                        "content",
                        List.of(Map.of("type", "text", "text", answer)),
                        "stop_reason",
                        "end_turn",
                        "usage",
                        Map.of(
                                "input_tokens",
                                question.toString().length() / CHARACTERS,
                                "output_tokens",
                                answer.length() / CHARACTERS)));
    }

    private void answerAsOpenAi(HttpExchange exchange) throws IOException {
        JsonNode question = JSON.readTree(exchange.getRequestBody().readAllBytes());
        String answer = answer(
                question.path("messages").path(1).path("content").toString(),
                question.path("response_format").path("json_schema").path("schema"));
        send(
                exchange,
                Map.of(
                        "id",
                        "chat_stand_in_" + asked.incrementAndGet(),
                        "model",
                        question.path("model").asString("stand-in"),
                        "choices",
                        List.of(Map.of("finish_reason", "stop", "message", Map.of("content", answer))),
                        "usage",
                        Map.of(
                                "prompt_tokens",
                                question.toString().length() / CHARACTERS,
                                "completion_tokens",
                                answer.length() / CHARACTERS)));
    }

    private static String answer(String text, JsonNode schema) {
        Map<String, Object> fields = new LinkedHashMap<>();
        schema.path("properties")
                .properties()
                .forEach(property -> fields.put(property.getKey(), value(property.getValue(), text)));
        return JSON.writeValueAsString(fields);
    }

    private static void send(HttpExchange exchange, Map<String, Object> answer) throws IOException {
        try (exchange) {
            byte[] body = JSON.writeValueAsString(answer).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
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
        server.stop(0);
    }
}
