package io.millrace.notifications.inbound;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What providers post, read with suspicion. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int LINE = 300;

    private Json() {}

    static JsonNode array(byte[] body) {
        JsonNode node = read(body);
        if (!node.isArray()) {
            throw new IllegalArgumentException("it is not a JSON array");
        }
        return node;
    }

    static JsonNode object(byte[] body) {
        JsonNode node = read(body);
        if (!node.isObject()) {
            throw new IllegalArgumentException("it is not a JSON object");
        }
        return node;
    }

    private static JsonNode read(byte[] body) {
        try {
            return MAPPER.readTree(body);
        } catch (JacksonException wrong) {
            throw new IllegalArgumentException("it is not JSON: " + wrong.getOriginalMessage(), wrong);
        }
    }

    /** Empty if there is no such text. */
    static String text(JsonNode node, String field) {
        JsonNode value = node.path(field);
        return value.isString() ? value.stringValue() : "";
    }

    /** In one line of bounded length. */
    static String line(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() > LINE ? line.substring(0, LINE) + "…" : line;
    }
}
