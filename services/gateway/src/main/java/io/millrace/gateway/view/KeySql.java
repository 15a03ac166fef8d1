package io.millrace.gateway.view;

import io.millrace.gateway.http.Problem;
import io.millrace.gateway.view.Relation.Column;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A row's key as text, made by Postgres: values with commas between, quoted as in CSV where they have a comma or a quote; null is
 * nothing, an empty text a pair of quotes. Two keys are equal if and only if their texts are. {@link Values} reads it.
 */
final class KeySql {
    /** Types whose equal values have equal texts, or that are brought to one. */
    private static final Set<String> TYPES = Set.of(
            "smallint",
            "integer",
            "bigint",
            "numeric",
            "real",
            "double precision",
            "money",
            "boolean",
            "text",
            "character varying",
            "bpchar",
            "\"char\"",
            "name",
            "uuid",
            "bytea",
            "date",
            "timestamp without time zone",
            "timestamp with time zone",
            "time without time zone",
            "time with time zone");

    private KeySql() {}

    /** @throws Problem if a key of these columns has no text by which it could be known */
    static void require(Relation relation, List<Column> key) {
        for (Column column : key) {
            if (!TYPES.contains(column.baseType())) {
                throw new Problem(
                        Problem.Kind.CONFLICT,
                        "view " + relation.name() + " cannot be followed: column " + column.name()
                                + " of its key is of type " + column.type(),
                        "read it again when Millrace-LSN moves: GET /api/v1/views/" + relation.name() + "/rows");
            }
        }
    }

    /** Of a row {@code t}. */
    static String of(List<Column> key) {
        return joined(
                key.stream().map(column -> text(column, "t." + column.quoted())).toList());
    }

    /** Of a row {@code k} with columns k0, k1 and so on. */
    static String ofNumbered(List<Column> key) {
        return joined(java.util.stream.IntStream.range(0, key.size())
                .mapToObj(i -> text(key.get(i), "k.k" + i))
                .toList());
    }

    private static String joined(List<String> texts) {
        return texts.stream()
                .map(text -> "CASE WHEN " + text + " IS NULL THEN '' WHEN " + text + " = '' OR " + text
                        + " ~ '[,\"]' THEN '\"' || replace(" + text + ", '\"', '\"\"') || '\"' ELSE " + text
                        + " END")
                .collect(Collectors.joining(" || ',' || "));
    }

    private static String text(Column column, String value) {
        return switch (column.baseType()) {
            // 1.0 and 1.00 are equal, and so are 0 and -0.
            case "numeric" -> "trim_scale(" + value + ")::text";
            case "real", "double precision" -> "(" + value + " + 0)::text";
            case "money" -> "trim_scale(" + value + "::numeric)::text";
            default -> value + "::text";
        };
    }
}
