package io.millrace.schemas.contract;

import io.millrace.schemas.Topic;
import io.millrace.schemas.TopicContract;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** docs/asyncapi.json: the topics in AsyncAPI 3.0, each as a channel that the hub sends to. */
final class AsyncApi {
    private static final String AVRO = "application/vnd.apache.avro+json;version=1.9.0";
    private static final String BINDING = "0.5.0";
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private AsyncApi() {}

    static String write(List<TopicContract> contracts) {
        Map<String, Object> channels = new LinkedHashMap<>();
        Map<String, Object> operations = new LinkedHashMap<>();
        Map<String, Object> messages = new LinkedHashMap<>();
        for (TopicContract contract : contracts) {
            String id = id(contract);
            channels.put(id, channel(id, contract));
            operations.put("send." + id, ordered("action", "send", "channel", reference("#/channels/" + id)));
            messages.put(id, message(contract));
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("asyncapi", "3.0.0");
        document.put("info", info());
        document.put("defaultContentType", "application/vnd.apache.avro+binary");
        document.put("channels", channels);
        document.put("operations", operations);
        document.put("components", Map.of("messages", messages));
        return JSON.writeValueAsString(document) + "\n";
    }

    private static Map<String, Object> info() {
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("title", "Millrace");
        info.put("version", "0.1");
        info.put(
                "description",
                "Topics that Millrace writes. Read them with isolation.level=read_committed. See topics.md for how rows are encoded.");
        info.put("license", Map.of("name", "Apache-2.0"));
        return info;
    }

    /** AsyncAPI allows no characters in it that names of topics have, but dots. */
    private static String id(TopicContract contract) {
        return contract.name().replaceAll("[<>]", "");
    }

    private static Map<String, Object> channel(String id, TopicContract contract) {
        Map<String, Object> channel = new LinkedHashMap<>();
        channel.put("address", contract.name().replace('<', '{').replace('>', '}'));
        channel.put("summary", contract.summary());
        channel.put("description", "Order within a partition: " + contract.order() + ".");
        channel.put("messages", Map.of("record", reference("#/components/messages/" + id)));
        if (!contract.parameters().isEmpty()) {
            Map<String, Object> parameters = new LinkedHashMap<>();
            contract.parameters()
                    .forEach(name -> parameters.put(name, Map.of("description", "Name of the " + name + ".")));
            channel.put("parameters", parameters);
        }
        channel.put(
                "tags",
                List.of(Map.of(
                        "name", contract.audience() == TopicContract.Audience.EVERYBODY ? "public" : "internal")));
        Map<String, Object> kafka = new LinkedHashMap<>();
        kafka.put("topicConfiguration", configuration(contract.retention()));
        kafka.put("bindingVersion", BINDING);
        channel.put("bindings", Map.of("kafka", kafka));
        return channel;
    }

    private static Map<String, Object> configuration(Topic.Retention retention) {
        return switch (retention) {
            case COMPACTED -> Map.of("cleanup.policy", List.of("compact"));
            case WEEK -> ordered("cleanup.policy", List.of("delete"), "retention.ms", 7L * 24 * 3600 * 1000);
            case FOREVER -> ordered("cleanup.policy", List.of("delete"), "retention.ms", -1);
        };
    }

    private static Map<String, Object> message(TopicContract contract) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("title", contract.summary());
        message.put(
                "description",
                contract.tombstone().isEmpty()
                        ? "Every record has a value."
                        : "A record without a value: " + contract.tombstone() + ".");
        message.put("contentType", "application/vnd.apache.avro+binary");
        if (!contract.headers().isEmpty()) {
            message.put("headers", headers(contract));
        }
        Schema value = contract.value();
        if (value != null) {
            message.put("payload", ordered("schemaFormat", AVRO, "schema", JSON.readTree(value.toString())));
        }
        Map<String, Object> kafka = new LinkedHashMap<>();
        switch (contract.key()) {
            case TEXT -> kafka.put("key", ordered("type", "string", "description", contract.keyMeaning()));
            case AVRO -> kafka.put("key", ordered("type", "object", "description", "Avro: " + contract.keyMeaning()));
            case NONE -> {}
        }
        kafka.put("schemaIdLocation", "payload");
        kafka.put("schemaIdPayloadEncoding", "confluent");
        kafka.put("bindingVersion", BINDING);
        message.put("bindings", Map.of("kafka", kafka));
        return message;
    }

    private static Map<String, Object> headers(TopicContract contract) {
        Map<String, Object> properties = new LinkedHashMap<>();
        contract.headers()
                .forEach(header ->
                        properties.put(header.name(), ordered("type", "string", "description", header.meaning())));
        return ordered(
                "type",
                "object",
                "properties",
                properties,
                "required",
                contract.headers().stream()
                        .filter(TopicContract.HeaderContract::always)
                        .map(TopicContract.HeaderContract::name)
                        .toList());
    }

    private static Map<String, Object> reference(String to) {
        return Map.of("$ref", to);
    }

    private static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i].toString(), pairs[i + 1]);
        }
        return map;
    }
}
