package io.millrace.schemas.contract;

import io.millrace.schemas.TopicContract;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.StringJoiner;
import org.apache.avro.Schema;

/** The list of topics in docs/topics.md. */
final class TopicsMarkdown {
    private TopicsMarkdown() {}

    static String write(List<TopicContract> contracts) {
        StringBuilder text = new StringBuilder();
        for (TopicContract.Audience audience : TopicContract.Audience.values()) {
            text.append(
                    switch (audience) {
                        case EVERYBODY -> "### For downstream systems\n";
                        case THE_HUB ->
                            "\n### Between the hub's parts\nCommands write them; they may change with any version.\n";
                    });
            contracts.stream()
                    .filter(contract -> contract.audience() == audience)
                    .forEach(contract -> topic(contract, text));
        }
        return text.toString();
    }

    private static void topic(TopicContract contract, StringBuilder text) {
        text.append("\n#### `").append(contract.name()).append("`\n");
        text.append(contract.summary()).append("\n\n| | |\n|---|---|\n");
        row(text, "key", key(contract));
        Schema value = contract.value();
        row(
                text,
                "value",
                value == null
                        ? "Avro: a field for each column; schema under `" + contract.name() + "-value`"
                        : "Avro: `" + value.getFullName() + "`");
        if (!contract.tombstone().isEmpty()) {
            row(text, "no value", contract.tombstone());
        }
        row(text, "partition", partitions(contract.partitions()));
        row(text, "order", contract.order());
        row(text, "kept", retention(contract));
        contract.headers()
                .forEach(header -> row(
                        text,
                        "header `" + header.name() + "`",
                        header.meaning() + (header.always() ? "" : " Not on every record.")));
        if (value != null) {
            text.append("\n<details><summary>Fields</summary>\n\n| field | type | |\n|---|---|---|\n");
            fields("", value, text);
            text.append("\n</details>\n");
        }
    }

    private static void row(StringBuilder text, String name, String content) {
        text.append("| ").append(name).append(" | ").append(cell(content)).append(" |\n");
    }

    private static String key(TopicContract contract) {
        return switch (contract.key()) {
            case AVRO -> "Avro: " + contract.keyMeaning() + "; schema under `" + contract.name() + "-key`";
            case TEXT -> "text: " + contract.keyMeaning();
            case NONE -> "none";
        };
    }

    private static String partitions(TopicContract.Partitions partitions) {
        return switch (partitions) {
            case LANES -> "the lane";
            case BY_KEY -> "by the hash of the key, as Kafka's clients compute it";
            case ONE -> "one";
        };
    }

    private static String retention(TopicContract contract) {
        return switch (contract.retention()) {
            case COMPACTED -> "the newest record of each key (compacted)";
            case WEEK -> "every record, for a week";
            case FOREVER -> "every record, for ever";
        };
    }

    private static void fields(String prefix, Schema record, StringBuilder text) {
        for (Schema.Field field : record.getFields()) {
            text.append("| `").append(prefix).append(field.name()).append("` | ");
            text.append(type(field.schema())).append(" | ");
            StringJoiner doc = new StringJoiner(" ");
            if (field.doc() != null) {
                doc.add(field.doc());
            }
            Schema inner = inner(field.schema());
            if (inner.getType() == Schema.Type.ENUM && inner.getDoc() != null) {
                doc.add(inner.getDoc());
            }
            text.append(cell(doc.toString())).append(" |\n");
            if (inner.getType() == Schema.Type.RECORD) {
                fields(prefix + field.name() + (isArray(field.schema()) ? "[]." : "."), inner, text);
            }
        }
    }

    private static boolean isArray(Schema schema) {
        return present(schema).getType() == Schema.Type.ARRAY;
    }

    private static Schema inner(Schema schema) {
        Schema present = present(schema);
        return present.getType() == Schema.Type.ARRAY ? present(present.getElementType()) : present;
    }

    /** A union's other branch than null. */
    private static Schema present(Schema schema) {
        return schema.isUnion()
                ? schema.getTypes().stream()
                        .filter(branch -> branch.getType() != Schema.Type.NULL)
                        .findFirst()
                        .orElseThrow()
                : schema;
    }

    private static String type(Schema schema) {
        if (schema.isUnion()) {
            return type(present(schema)) + ", may be null";
        }
        return switch (schema.getType()) {
            case ARRAY -> "array of " + type(schema.getElementType());
            case MAP -> "map of " + type(schema.getValueType());
            case ENUM -> String.join(", ", schema.getEnumSymbols());
            case RECORD -> "`" + schema.getName() + "`";
            default ->
                schema.getLogicalType() == null
                        ? schema.getType().name().toLowerCase(Locale.ROOT)
                        : Objects.requireNonNull(schema.getLogicalType()).getName();
        };
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
