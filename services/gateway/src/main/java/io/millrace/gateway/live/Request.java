package io.millrace.gateway.live;

import io.millrace.gateway.http.Arguments;
import io.millrace.gateway.http.Problem;
import io.millrace.platform.failure.Suggestion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a client says. */
sealed interface Request {
    /** The key, where it was not in the handshake. */
    record Key(String text) implements Request {}

    /**
     * A subscription.
     *
     * @param id which the client made up
     * @param to what kind of feed
     * @param said other members: texts by name
     */
    record Subscribe(String id, String to, Map<String, List<String>> said) implements Request {}

    /** No more of a subscription. */
    record Unsubscribe(String id) implements Request {}

    /** What cannot be read. */
    record Wrong(Problem problem) implements Request {}

    JsonMapper JSON = JsonMapper.builder().build();
    int LONGEST_ID = 64;
    List<String> TYPES = List.of("subscribe", "unsubscribe", "key");
    String REMEDY =
            "send {\"type\": \"subscribe\", \"id\": \"1\", \"to\": \"view\", \"view\": \"<name>\"}, {\"type\": \"unsubscribe\", \"id\": \"1\"},"
                    + " or {\"type\": \"key\", \"key\": \"mr_…\"}";

    static Request parse(String text) {
        try {
            JsonNode message = JSON.readTree(text);
            if (!message.isObject()) {
                throw bad("the message is no JSON object");
            }
            String type = member(message, "type");
            return switch (type) {
                case "key" -> new Key(member(message, "key"));
                case "unsubscribe" -> new Unsubscribe(id(message));
                case "subscribe" -> new Subscribe(id(message), member(message, "to"), said(message));
                default -> throw bad("there is no type '" + Arguments.shown(type) + "'" + Suggestion.of(type, TYPES));
            };
        } catch (JacksonException wrong) {
            return new Wrong(bad("the message is no JSON: " + wrong.getOriginalMessage()));
        } catch (Problem wrong) {
            return new Wrong(wrong);
        }
    }

    private static String id(JsonNode message) {
        String id = member(message, "id");
        if (id.isEmpty() || id.length() > LONGEST_ID) {
            throw bad("'id' has " + id.length() + " characters, and may have 1 to " + LONGEST_ID);
        }
        return id;
    }

    private static String member(JsonNode message, String name) {
        JsonNode value = message.path(name);
        if (!value.isString()) {
            throw bad("'" + name + "' is " + (value.isMissingNode() ? "missing" : "no text"));
        }
        return value.asString();
    }

    private static Map<String, List<String>> said(JsonNode message) {
        Map<String, List<String>> said = new LinkedHashMap<>();
        message.properties().forEach(member -> {
            if (!List.of("type", "id", "to").contains(member.getKey())) {
                said.put(member.getKey(), texts(member.getKey(), member.getValue()));
            }
        });
        return said;
    }

    private static List<String> texts(String name, JsonNode value) {
        if (value.isArray()) {
            return value.valueStream().map(each -> text(name, each)).toList();
        }
        return value.isNull() ? List.of() : List.of(text(name, value));
    }

    private static String text(String name, JsonNode value) {
        if (!value.isValueNode() || value.isNull()) {
            throw bad("'" + name + "' is neither a text nor a list of texts");
        }
        return value.asString();
    }

    private static Problem bad(String detail) {
        return new Problem(Problem.Kind.BAD_MESSAGE, detail, REMEDY);
    }
}
