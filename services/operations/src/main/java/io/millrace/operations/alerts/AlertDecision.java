package io.millrace.operations.alerts;

import io.millrace.schemas.avro.AlertActionKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a person decided about alerts.
 *
 * @param by who says so
 * @param reason kept with the alert and in the audit trail
 * @param until of a suppression; null for others
 */
public record AlertDecision(
        AlertActionKind kind,
        String by,
        @Nullable String reason,
        @Nullable Instant until) {
    /** Whether it changes an alert that is as this one. */
    boolean changes(AlertRow alert) {
        return switch (kind) {
            case ACKNOWLEDGE -> alert.state().equals("open");
            case RESOLVE -> !alert.state().equals("resolved");
            case SUPPRESS -> true;
        };
    }
}
