package io.millrace.operations.settings;

import java.time.Instant;
import java.util.List;

/**
 * A hub, and what it runs with.
 *
 * @param software version of Millrace
 * @param catalog and {@code configuration}: ids of versions
 * @param seenAt when it said last that it runs
 */
public record Run(
        String instance,
        String software,
        List<String> roles,
        String catalog,
        String configuration,
        Instant startedAt,
        String startedBy,
        Instant seenAt,
        boolean running) {}
