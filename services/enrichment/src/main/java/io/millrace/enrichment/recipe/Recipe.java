package io.millrace.enrichment.recipe;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What is asked of an LLM.
 *
 * @param input {@code alerts}, or the name of a view
 * @param severities of alerts that are asked about; empty for all
 * @param fields that may leave, of the input; {@code evidence.*} stands for all columns of an alert's evidence
 * @param redact fields whose values leave as tokens
 * @param prompt what is asked; the input follows it
 * @param fallback asked where the model cannot answer now; empty for none
 * @param inputPrice of a million tokens, in the currency of the budget
 * @param outputPrice of a million tokens
 * @param budget of a month
 */
public record Recipe(
        String name,
        String description,
        String input,
        List<String> severities,
        List<String> fields,
        List<String> redact,
        String prompt,
        List<OutputField> output,
        String model,
        String fallback,
        int maxTokens,
        double inputPrice,
        double outputPrice,
        double budget,
        Duration deadline) {
    /** About so many characters are a token. */
    private static final double CHARACTERS = 3.5;

    /** Of the answer, as JSON Schema. */
    public Map<String, Object> schema() {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (OutputField field : output) {
            Map<String, Object> property = new LinkedHashMap<>();
            property.put("type", "string");
            property.put("description", field.description());
            if (!field.oneOf().isEmpty()) {
                property.put("enum", field.oneOf());
            }
            properties.put(field.name(), property);
        }
        return Map.of(
                "type",
                "object",
                "properties",
                properties,
                "required",
                output.stream().map(OutputField::name).toList(),
                "additionalProperties",
                false);
    }

    /** What is wrong with an answer; empty if it is what was asked for. */
    public String problem(Map<String, Object> answer) {
        TreeSet<String> unknown = new TreeSet<>(answer.keySet());
        for (OutputField field : output) {
            unknown.remove(field.name());
            Object value = answer.get(field.name());
            String problem = value == null ? field.name() + " is missing" : field.problem(value);
            if (!problem.isEmpty()) {
                return problem;
            }
        }
        return unknown.isEmpty() ? "" : "nobody asked for " + String.join(", ", unknown);
    }

    /** What a question may cost at most, by its length. */
    public double estimate(String question) {
        return cost(Math.round(question.length() / CHARACTERS), maxTokens);
    }

    public double cost(long inputTokens, long outputTokens) {
        return (inputTokens * inputPrice + outputTokens * outputPrice) / 1e6;
    }
}
