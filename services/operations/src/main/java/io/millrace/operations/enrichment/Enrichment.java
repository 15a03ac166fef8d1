package io.millrace.operations.enrichment;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code analytics.enrichment}.
 *
 * @param subject an alert's id, or the key of a row
 * @param fields the answer, as JSON
 */
public record Enrichment(
        String recipe,
        String subject,
        String state,
        String fields,
        @Nullable String model,
        BigDecimal cost,
        @Nullable String detail,
        Instant changedAt) {}
