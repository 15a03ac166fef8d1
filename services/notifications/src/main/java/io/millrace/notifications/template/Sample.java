package io.millrace.notifications.template;

import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.AlertEvent;
import io.millrace.schemas.avro.AlertState;
import io.millrace.schemas.avro.Evidence;
import io.millrace.schemas.avro.Severity;
import java.time.Instant;
import java.util.List;

/** An alert that is made up, for trying templates and providers. */
public final class Sample {
    private Sample() {}

    public static Alert alert() {
        Instant now = Instant.now();
        return Alert.newBuilder()
                .setId("00000000-0000-0000-0000-000000000000")
                .setVersion(1L)
                .setSource("test")
                .setLane(0)
                .setControl("test")
                .setSeverity(Severity.INFO)
                .setOwner("nobody")
                .setTitle("A test of the way that alerts take: <nothing> & \"nobody\" did wrong")
                .setRemedy("Nothing needs to be done.")
                .setState(AlertState.OPEN)
                .setViolated(true)
                .setLastEvent(AlertEvent.OPENED)
                .setAt(now)
                .setOpenings(1)
                .setOpenedLsn(0L)
                .setOpenedAt(now)
                .setKey(List.of("tenant_id"))
                .setEvidence(
                        List.of(new Evidence("tenant_id", "integer", "0"), new Evidence("comment", "text", "a test")))
                .build();
    }
}
