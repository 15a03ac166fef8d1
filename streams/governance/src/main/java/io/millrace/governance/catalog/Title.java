package io.millrace.governance.catalog;

import io.millrace.schemas.avro.Evidence;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Titles with the evidence's values in them. */
public final class Title {
    static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z_][a-z0-9_]*)}");
    private static final String NULL = "–";
    private static final int LONGEST_VALUE = 200;

    private Title() {}

    /** @param title with {@code {column}} */
    public static String of(String title, List<Evidence> evidence) {
        return PLACEHOLDER
                .matcher(title)
                .replaceAll(found -> Matcher.quoteReplacement(evidence.stream()
                        .filter(column -> column.getName().equals(found.group(1)))
                        .findFirst()
                        .map(column -> shown(column.getValue()))
                        .orElse(found.group())));
    }

    private static String shown(@Nullable String value) {
        if (value == null) {
            return NULL;
        }
        return value.length() <= LONGEST_VALUE ? value : value.substring(0, LONGEST_VALUE) + "…";
    }
}
