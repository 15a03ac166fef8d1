package io.millrace.governance.alert;

import io.millrace.governance.catalog.Control;
import io.millrace.governance.catalog.Title;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.AlertAction;
import io.millrace.schemas.avro.AlertEvent;
import io.millrace.schemas.avro.AlertState;
import io.millrace.schemas.avro.Evidence;
import io.millrace.schemas.avro.Severity;
import io.millrace.schemas.avro.Violation;
import io.millrace.schemas.avro.ViolationTransaction;
import io.millrace.schemas.registry.Contracts;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The states of an alert and what leads from one to the next. Each method returns the alert's next version, or nothing where
 * nothing changes: what is told twice changes an alert once.
 */
final class AlertLife {
    static {
        Contracts.trust();
    }

    private static final String GONE = "the violation is gone";
    private static final String NO_CONTROL = "the control was changed or removed";

    private final Map<String, Control> controls;

    AlertLife(Map<String, Control> controls) {
        this.controls = controls;
    }

    /** A row of a control came, changed or went. */
    Optional<Alert> told(@Nullable Alert alert, Violation violation) {
        if (violation.getRow() == null) {
            return alert == null || !alert.getViolated() ? Optional.empty() : Optional.of(gone(alert, violation));
        }
        List<Evidence> evidence = violation.getRow().stream()
                .map(column -> new Evidence(column.getName(), column.getType(), column.getValue()))
                .toList();
        Control control = controls.getOrDefault(violation.getControl(), unknown(violation.getControl()));
        if (alert == null) {
            return Optional.of(first(violation, control, evidence));
        }
        Alert.Builder next = described(alert, control, evidence);
        if (!alert.getViolated()) {
            return Optional.of(again(next, alert, violation).build());
        }
        boolean sameEvidence = values(alert.getEvidence()).equals(values(evidence));
        boolean same = sameEvidence
                && alert.getSeverity() == control.severity()
                && alert.getTitle().equals(next.getTitle())
                && alert.getOwner().equals(control.owner())
                && alert.getRemedy().equals(control.remedy());
        if (same) {
            return Optional.empty();
        }
        boolean news = !sameEvidence && alert.getState() == AlertState.RESOLVED;
        return Optional.of(by(next, violation)
                .setState(news ? AlertState.OPEN : alert.getState())
                .setLastEvent(news ? AlertEvent.REOPENED : AlertEvent.CHANGED)
                .build());
    }

    /** Types may be those of an alert that was recovered, which has none. */
    private static List<String> values(List<Evidence> evidence) {
        return evidence.stream()
                .map(column -> column.getName() + "\0" + column.getValue())
                .toList();
    }

    private static Control unknown(String control) {
        return new Control(control, control, Severity.MEDIUM, "", "", "");
    }

    private static Alert first(Violation violation, Control control, List<Evidence> evidence) {
        ViolationTransaction transaction = violation.getTransaction();
        return Alert.newBuilder()
                .setId(violation.getId())
                .setVersion(1L)
                .setSource(violation.getSource())
                .setLane(violation.getLane())
                .setControl(violation.getControl())
                .setSeverity(control.severity())
                .setOwner(control.owner())
                .setTitle(Title.of(control.title(), evidence))
                .setRemedy(control.remedy())
                .setState(AlertState.OPEN)
                .setViolated(true)
                .setLastEvent(AlertEvent.OPENED)
                .setAt(violation.getCommittedAt())
                .setBy(transaction == null ? null : transaction.getActor())
                .setOpenings(1)
                .setOpenedLsn(violation.getCommitLsn())
                .setOpenedXid(transaction == null ? null : transaction.getXid())
                .setOpenedAt(violation.getCommittedAt())
                .setOpenedBy(transaction == null ? null : transaction.getActor())
                .setKey(violation.getKey())
                .setEvidence(evidence)
                .build();
    }

    private static Alert.Builder described(Alert alert, Control control, List<Evidence> evidence) {
        return next(alert)
                .setSeverity(control.severity())
                .setOwner(control.owner())
                .setTitle(Title.of(control.title(), evidence))
                .setRemedy(control.remedy())
                .setEvidence(evidence);
    }

    private static Alert.Builder next(Alert alert) {
        return Alert.newBuilder(alert).setVersion(alert.getVersion() + 1).setReason(null);
    }

    private static Alert.Builder by(Alert.Builder next, Violation violation) {
        ViolationTransaction transaction = violation.getTransaction();
        return next.setAt(violation.getCommittedAt()).setBy(transaction == null ? null : transaction.getActor());
    }

    private static Alert.Builder again(Alert.Builder next, Alert alert, Violation violation) {
        ViolationTransaction transaction = violation.getTransaction();
        boolean suppressed =
                alert.getSuppressedUntil() != null && alert.getSuppressedUntil().isAfter(violation.getCommittedAt());
        return by(next, violation)
                .setState(suppressed ? AlertState.SUPPRESSED : AlertState.OPEN)
                .setViolated(true)
                .setLastEvent(AlertEvent.REOPENED)
                .setOpenings(alert.getOpenings() + 1)
                .setKey(violation.getKey())
                .setOpenedLsn(violation.getCommitLsn())
                .setOpenedXid(transaction == null ? null : transaction.getXid())
                .setOpenedAt(violation.getCommittedAt())
                .setOpenedBy(transaction == null ? null : transaction.getActor());
    }

    private Alert gone(Alert alert, Violation violation) {
        boolean byPerson = alert.getState() == AlertState.RESOLVED;
        return by(next(alert), violation)
                .setState(AlertState.RESOLVED)
                .setViolated(false)
                .setLastEvent(byPerson ? AlertEvent.CLEARED : AlertEvent.RESOLVED)
                .setReason(
                        violation.getTransaction() == null && !controls.containsKey(alert.getControl())
                                ? NO_CONTROL
                                : GONE)
                .build();
    }

    /** A person decided something. */
    Optional<Alert> decided(@Nullable Alert alert, AlertAction action) {
        if (alert == null) {
            return Optional.empty();
        }
        Alert.Builder next =
                next(alert).setAt(action.getAt()).setBy(action.getBy()).setReason(action.getReason());
        return switch (action.getAction()) {
            case ACKNOWLEDGE ->
                alert.getState() != AlertState.OPEN
                        ? Optional.empty()
                        : Optional.of(next.setState(AlertState.ACKNOWLEDGED)
                                .setLastEvent(AlertEvent.ACKNOWLEDGED)
                                .build());
            case RESOLVE ->
                alert.getState() == AlertState.RESOLVED
                        ? Optional.empty()
                        : Optional.of(next.setState(AlertState.RESOLVED)
                                .setLastEvent(AlertEvent.RESOLVED_BY_PERSON)
                                .setSuppressedUntil(null)
                                .build());
            case SUPPRESS ->
                Optional.of(next.setState(alert.getViolated() ? AlertState.SUPPRESSED : AlertState.RESOLVED)
                        .setLastEvent(AlertEvent.SUPPRESSED)
                        .setSuppressedUntil(action.getUntil())
                        .build());
        };
    }

    /** Time has passed. */
    static Optional<Alert> passed(Alert alert, Instant now) {
        if (alert.getState() != AlertState.SUPPRESSED
                || alert.getSuppressedUntil() == null
                || alert.getSuppressedUntil().isAfter(now)) {
            return Optional.empty();
        }
        return Optional.of(next(alert)
                .setAt(now)
                .setBy(null)
                .setState(AlertState.OPEN)
                .setLastEvent(AlertEvent.LAPSED)
                .setSuppressedUntil(null)
                .build());
    }
}
