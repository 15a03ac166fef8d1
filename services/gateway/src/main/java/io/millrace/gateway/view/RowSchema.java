package io.millrace.gateway.view;

import io.millrace.gateway.view.Relation.Column;
import io.millrace.gateway.view.RowQuery.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON Schema of rows, as {@link RowQuery} has Postgres write them. */
final class RowSchema {
    private RowSchema() {}

    static Map<String, Object> of(Columns columns, Numbers numbers) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (Column column : columns.all()) {
            Map<String, Object> schema = value(column.baseType(), numbers, column.nullable());
            schema.put(
                    "description",
                    column.description().isEmpty() ? column.type() : column.description() + " (" + column.type() + ")");
            members.put(column.name(), schema);
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", columns.relation());
        schema.put("type", "object");
        schema.put("properties", members);
        schema.put("required", List.copyOf(members.keySet()));
        schema.put("additionalProperties", false);
        return schema;
    }

    private static Map<String, Object> value(String type, Numbers numbers, boolean nullable) {
        Map<String, Object> schema = new LinkedHashMap<>();
        if (type.endsWith("[]")) {
            schema.put("type", types(List.of("array"), nullable));
            // Of several dimensions, the elements are arrays.
            Map<String, Object> element = value(type.substring(0, type.length() - 2), numbers, true);
            schema.put("items", Map.of("anyOf", List.of(element, Map.of("type", "array"))));
            return schema;
        }
        switch (type) {
            case "smallint", "integer" -> schema.put("type", types(List.of("integer"), nullable));
            case "bigint", "numeric", "money" ->
                // NaN and infinity are strings always.
                schema.put(
                        "type",
                        types(numbers == Numbers.STRING ? List.of("string") : List.of("number", "string"), nullable));
            case "real", "double precision" -> schema.put("type", types(List.of("number", "string"), nullable));
            case "boolean" -> schema.put("type", types(List.of("boolean"), nullable));
            case "json", "jsonb" -> {
                // Whatever it is.
            }
            default -> schema.put("type", types(List.of("string"), nullable));
        }
        return schema;
    }

    private static List<String> types(List<String> types, boolean nullable) {
        List<String> all = new ArrayList<>(types);
        if (nullable) {
            all.add("null");
        }
        return all;
    }
}
