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
 * @param filter by column (or field of an alert), the values of which one is needed
 * @param fields that may leave, of the input; {@code evidence.*} stands for all columns of an alert's evidence
 * @param redact fields whose values leave as tokens
 * @param settle for how long an input must be unchanged before it is asked about
 * @param prompt what is asked; the input follows it
 * @param fallback asked where the model cannot answer now; empty for none
 * @param price of the model
 * @param fallbackPrice of the fallback
 * @param budget of a month
 */
public record Recipe(
        String name,
        String description,
        String input,
        List<String> severities,
        Map<String, List<String>> filter,
        List<String> fields,
        List<String> redact,
        Duration settle,
        String prompt,
        List<OutputField> output,
        String model,
        String fallback,
        int maxTokens,
        Price price,
        Price fallbackPrice,
        Budget budget,
        Duration deadline) {
    /** Of a million tokens, in the currency of the budget. */
    public record Price(double input, double output) {}

    /**
     * Of a month; 0 for none.
     *
     * @param all that is spent
     * @param tenant what is spent on one tenant's records
     * @param tenantColumn says whose record it is
     */
    public record Budget(double all, double tenant, String tenantColumn) {}

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

    /** Whether it asks about this input. */
    public boolean wants(Map<String, String> input) {
        return filter.entrySet().stream()
                .allMatch(column -> column.getValue().contains(input.getOrDefault(column.getKey(), "")));
    }

    /** Whose record it is; empty if it does not say. */
    public String tenant(Map<String, String> input) {
        String column = budget.tenantColumn;
        return input.getOrDefault(column, input.getOrDefault("evidence." + column, ""));
    }

    /** What a question may cost at most, by its length. */
    public double estimate(String question) {
        long tokens = Math.round(question.length() / CHARACTERS);
        double first = cost(model, tokens, maxTokens);
        return fallback.isEmpty() ? first : Math.max(first, cost(fallback, tokens, maxTokens));
    }

    /** @param by the model or the fallback */
    public double cost(String by, long inputTokens, long outputTokens) {
        Price its = by.equals(model) ? price : fallbackPrice;
        return (inputTokens * its.input + outputTokens * its.output) / 1e6;
    }
}
