package io.millrace.enrichment.recipe;

import java.util.List;

/**
 * A field of the answer.
 *
 * @param longest of a text, in characters; 0 for a choice
 * @param oneOf the answers that are allowed; empty for a text
 */
public record OutputField(String name, String description, int longest, List<String> oneOf) {
    /** What is wrong with a value; empty if it is right. */
    String problem(Object value) {
        if (!(value instanceof String text)) {
            return name + " is not a text";
        }
        if (!oneOf.isEmpty()) {
            return oneOf.contains(text) ? "" : name + " is none of " + String.join(", ", oneOf);
        }
        if (text.isBlank()) {
            return name + " is empty";
        }
        return text.length() <= longest ? "" : name + " is longer than " + longest + " characters";
    }
}
