package io.millrace.views.expression;

import java.util.List;

/**
 * A function of views, for {@code docs/sql.md}.
 *
 * @param usage how it is written
 * @param meaning what it does, where the name does not say it, and where it is narrower than Postgres'
 * @param names in Postgres' catalogue; none of what its grammar has
 */
public record ViewFunction(String usage, String meaning, List<String> names) {
    ViewFunction(String usage, String meaning, String... names) {
        this(usage, meaning, List.of(names));
    }
}
