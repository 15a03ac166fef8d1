package io.millrace.schemas;

import java.util.regex.Pattern;

/** Name of a source in the catalog; part of topic names and of the replication slot's name. */
public record SourceName(String value) {
    private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9_]{0,39}");

    public SourceName {
        if (!VALID.matcher(value).matches()) {
            throw new IllegalArgumentException("source name '" + value
                    + "' must be lower case letters, digits and '_', at most 40, a letter first");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
