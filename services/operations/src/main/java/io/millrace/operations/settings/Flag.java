package io.millrace.operations.settings;

import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.millrace.platform.failure.Suggestion;
import java.util.Arrays;
import java.util.List;

/** Something that may be changed while hubs run. Each is off unless somebody sets it. */
public enum Flag {
    CATALOG_NEEDS_SECOND_PERSON(
            "catalog-needs-second-person",
            "A hub starts with a catalog only if somebody other than who proposed it, or started it first, approved it."),
    GATEWAY_READ_ONLY(
            "gateway-read-only",
            "The gateway refuses whatever changes something, but for sessions and flags: for the time of a restore or an inquiry.");

    private final String text;
    private final String description;

    Flag(String text, String description) {
        this.text = text;
        this.description = description;
    }

    /** What it does when it is on. */
    public String description() {
        return description;
    }

    /** As it is typed and stored. */
    @Override
    public String toString() {
        return text;
    }

    /** @throws MillraceException if there is none of that name */
    public static Flag of(String text) {
        List<String> names = Arrays.stream(values()).map(Flag::toString).toList();
        return Arrays.stream(values())
                .filter(flag -> flag.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new MillraceException(
                        Category.USER,
                        "there is no flag '" + text + "'" + Suggestion.of(text, names),
                        "flags are " + String.join(", ", names)));
    }
}
