package io.millrace.governance.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.governance.catalog.Control;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.AlertAction;
import io.millrace.schemas.avro.AlertActionKind;
import io.millrace.schemas.avro.AlertEvent;
import io.millrace.schemas.avro.AlertState;
import io.millrace.schemas.avro.Severity;
import io.millrace.schemas.avro.Violation;
import io.millrace.schemas.avro.ViolationColumn;
import io.millrace.schemas.avro.ViolationTransaction;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AlertLifeTest {
    private static final Instant T = Instant.parse("2026-11-25T10:00:00Z");
    private static final Control CONTROL =
            new Control("negative_stock", "Stock of {sku} is {on_hand}", Severity.HIGH, "warehouse", "count it", "");

    private final AlertLife life = new AlertLife(Map.of(CONTROL.name(), CONTROL));
    private @Nullable Alert alert;

    @Test
    void violation_opensOneAlertWithEvidenceAndTransaction_howeverOftenItIsTold() {
        assertThat(told("-3.000", 7, "warehouse1")).isTrue();
        assertThat(alert().getTitle()).isEqualTo("Stock of SKU-1 is -3.000");
        assertThat(alert().getState()).isEqualTo(AlertState.OPEN);
        assertThat(alert().getSeverity()).isEqualTo(Severity.HIGH);
        assertThat(alert().getOpenedXid()).isEqualTo(7);
        assertThat(alert().getOpenedBy()).isEqualTo("warehouse1");
        assertThat(alert().getEvidence().get(1).getValue()).isEqualTo("-3.000");
        // A rebuild tells all rows again, without a transaction.
        assertThat(told("-3.000", null, null)).isFalse();
        assertThat(alert().getVersion()).isEqualTo(1);
    }

    @Test
    void changedEvidence_isANewVersion_andTheAlertStaysAsItIs() {
        told("-3.000", 7, "warehouse1");
        decided(AlertActionKind.ACKNOWLEDGE, null);
        assertThat(told("-4.000", 8, "warehouse2")).isTrue();
        assertThat(alert().getState()).isEqualTo(AlertState.ACKNOWLEDGED);
        assertThat(alert().getLastEvent()).isEqualTo(AlertEvent.CHANGED);
        assertThat(alert().getBy()).isEqualTo("warehouse2");
        assertThat(alert().getOpenedXid()).isEqualTo(7);
    }

    @Test
    void goneViolation_resolvesByItself_andOpensAgain() {
        told("-3.000", 7, "warehouse1");
        assertThat(gone(8)).isTrue();
        assertThat(alert().getState()).isEqualTo(AlertState.RESOLVED);
        assertThat(alert().getEvidence().get(1).getValue()).isEqualTo("-3.000");
        assertThat(gone(8)).isFalse();
        assertThat(told("-1.000", 9, "warehouse1")).isTrue();
        assertThat(alert().getState()).isEqualTo(AlertState.OPEN);
        assertThat(alert().getLastEvent()).isEqualTo(AlertEvent.REOPENED);
        assertThat(alert().getOpenings()).isEqualTo(2);
        assertThat(alert().getOpenedXid()).isEqualTo(9);
    }

    @Test
    void resolvedByAPerson_staysSoUntilTheEvidenceChanges() {
        told("-3.000", 7, "warehouse1");
        assertThat(decided(AlertActionKind.RESOLVE, null)).isTrue();
        assertThat(told("-3.000", null, null)).isFalse();
        assertThat(told("-5.000", 8, "warehouse1")).isTrue();
        assertThat(alert().getState()).isEqualTo(AlertState.OPEN);
        assertThat(alert().getLastEvent()).isEqualTo(AlertEvent.REOPENED);
    }

    @Test
    void suppressed_isQuietUntilItsTime_alsoWhenTheViolationComesAgain() {
        told("-3.000", 7, "warehouse1");
        decided(AlertActionKind.SUPPRESS, T.plusSeconds(3600));
        assertThat(told("-4.000", 8, "warehouse1")).isTrue();
        assertThat(alert().getState()).isEqualTo(AlertState.SUPPRESSED);
        gone(9);
        assertThat(alert().getState()).isEqualTo(AlertState.RESOLVED);
        told("-3.000", 10, "warehouse1");
        assertThat(alert().getState()).isEqualTo(AlertState.SUPPRESSED);
        assertThat(AlertLife.passed(alert(), T.plusSeconds(3599))).isEmpty();
        alert = AlertLife.passed(alert(), T.plusSeconds(3600)).orElseThrow();
        assertThat(alert().getState()).isEqualTo(AlertState.OPEN);
        assertThat(alert().getLastEvent()).isEqualTo(AlertEvent.LAPSED);
        assertThat(AlertLife.passed(alert(), T.plusSeconds(7200))).isEmpty();
    }

    @Test
    void actions_thatChangeNothing_makeNoVersion() {
        assertThat(decided(AlertActionKind.ACKNOWLEDGE, null)).isFalse();
        told("-3.000", 7, "warehouse1");
        assertThat(decided(AlertActionKind.ACKNOWLEDGE, null)).isTrue();
        assertThat(decided(AlertActionKind.ACKNOWLEDGE, null)).isFalse();
        gone(8);
        assertThat(decided(AlertActionKind.RESOLVE, null)).isFalse();
        assertThat(alert().getVersion()).isEqualTo(3);
    }

    private boolean told(String onHand, @Nullable Integer xid, @Nullable String actor) {
        return tell(
                xid,
                actor,
                List.of(
                        new ViolationColumn("sku", "text", "SKU-1"),
                        new ViolationColumn("on_hand", "numeric", onHand)));
    }

    private boolean gone(int xid) {
        return tell(xid, "warehouse1", null);
    }

    private boolean tell(@Nullable Integer xid, @Nullable String actor, @Nullable List<ViolationColumn> row) {
        Violation violation = new Violation(
                "id",
                "erp",
                0,
                CONTROL.name(),
                16L,
                T,
                xid == null ? null : new ViolationTransaction((long) xid, actor),
                List.of("sku"),
                row);
        return take(life.told(alert, violation).orElse(null));
    }

    private boolean decided(AlertActionKind kind, @Nullable Instant until) {
        return take(life.decided(alert, new AlertAction("id", kind, "anna", "seen", until, T))
                .orElse(null));
    }

    private boolean take(@Nullable Alert next) {
        if (next != null) {
            alert = next;
        }
        return next != null;
    }

    private Alert alert() {
        return java.util.Objects.requireNonNull(alert);
    }
}
