package io.millrace.views.sql;

import java.util.List;

/**
 * A type as it is written.
 *
 * @param name as Postgres' catalogue has it: {@code int4}, {@code varchar}
 * @param modifiers as of {@code numeric(12,2)}
 * @param interval the fields of an interval, as of {@code interval '1' day}; empty for all
 */
public record TypeName(Position at, String name, List<Integer> modifiers, String interval) {}
