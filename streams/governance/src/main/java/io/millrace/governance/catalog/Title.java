package io.millrace.governance.catalog;

import io.millrace.schemas.avro.Evidence;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Titles with the evidence's values in them. */
public final class Title {
    static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z_][a-z0-9_]*)}");
    private static final String NULL = "–";

    private Title() {}

    /** @param title with {@code {column}} */
    public static String of(String title, List<Evidence> evidence) {
        return PLACEHOLDER
                .matcher(title)
                .replaceAll(found -> Matcher.quoteReplacement(evidence.stream()
                        .filter(column -> column.getName().equals(found.group(1)))
                        .findFirst()
                        .map(column -> column.getValue() == null ? NULL : column.getValue())
                        .orElse(found.group())));
    }
}
