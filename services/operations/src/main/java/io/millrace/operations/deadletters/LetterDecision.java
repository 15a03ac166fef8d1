package io.millrace.operations.deadletters;

import io.millrace.schemas.avro.DeadLetterActionKind;
import org.jspecify.annotations.Nullable;

/**
 * What a person decided about dead letters.
 *
 * @param by who says so
 * @param why kept in the audit trail
 * @param perSecond letters that are decided about at most
 */
public record LetterDecision(
        DeadLetterActionKind kind, String by, @Nullable String why, int perSecond) {}
