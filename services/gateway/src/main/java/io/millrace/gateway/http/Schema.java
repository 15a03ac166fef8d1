package io.millrace.gateway.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pieces of JSON Schema. */
public final class Schema {
    private Schema() {}

    public static Map<String, Object> text(String description) {
        return of("string", description);
    }

    public static Map<String, Object> number(String description) {
        return of("integer", description);
    }

    public static Map<String, Object> decimal(String description) {
        return of("number", description);
    }

    public static Map<String, Object> truth(String description) {
        return of("boolean", description);
    }

    public static Map<String, Object> time(String description) {
        Map<String, Object> schema = of("string", description);
        schema.put("format", "date-time");
        return schema;
    }

    /** The same, or null. */
    public static Map<String, Object> nullable(Map<String, Object> schema) {
        Map<String, Object> nullable = new LinkedHashMap<>(schema);
        nullable.computeIfPresent("type", (key, type) -> List.of(type, "null"));
        return nullable;
    }

    /** A list of these. */
    public static Map<String, Object> array(Map<String, Object> items) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "array");
        schema.put("items", items);
        return schema;
    }

    /** An object with one member, a list. */
    public static Map<String, Object> list(String name, Map<String, Object> items) {
        Map<String, Map<String, Object>> members = new LinkedHashMap<>();
        members.put(name, array(items));
        return object(members);
    }

    /** An object that has all of these members, and no others. */
    public static Map<String, Object> object(Map<String, Map<String, Object>> members) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", members);
        schema.put("required", List.copyOf(members.keySet()));
        schema.put("additionalProperties", false);
        return schema;
    }

    /** The same, of names and schemas by turns. */
    public static Map<String, Object> members(Object... namesAndSchemas) {
        Map<String, Map<String, Object>> members = new LinkedHashMap<>();
        for (int i = 0; i < namesAndSchemas.length; i += 2) {
            @SuppressWarnings("unchecked") // what this class makes
            Map<String, Object> schema = (Map<String, Object>) namesAndSchemas[i + 1];
            members.put((String) namesAndSchemas[i], schema);
        }
        return object(members);
    }

    /** An object of which only these members must be there. */
    public static Map<String, Object> needing(Map<String, Object> object, String... names) {
        Map<String, Object> schema = new LinkedHashMap<>(object);
        schema.put("required", List.of(names));
        return schema;
    }

    /** One of these words. */
    public static Map<String, Object> choice(String description, List<String> words) {
        Map<String, Object> schema = of("string", description);
        schema.put("enum", words);
        return schema;
    }

    /** An object with any members. */
    public static Map<String, Object> anything(String description) {
        return of("object", description);
    }

    private static Map<String, Object> of(String type, String description) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", type);
        schema.put("description", description);
        return schema;
    }
}
