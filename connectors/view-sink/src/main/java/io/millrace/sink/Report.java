package io.millrace.sink;

import java.util.Map;

/**
 * A query over views, kept as an SQL view in the analytics database. It may use everything that Postgres has.
 *
 * @param name of the SQL view in schema {@code analytics}
 * @param file for messages
 */
public record Report(
        String name, String file, String sql, String description, Map<String, String> columnDescriptions) {}
