package io.millrace.gateway.view;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a WHERE clause.
 *
 * @param sql with a question mark for each value
 * @param values as text
 */
record Condition(String sql, List<@Nullable String> values) {}
