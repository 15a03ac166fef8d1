package io.millrace.governance.audit;

import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.AuditRecord;
import java.util.List;
import java.util.Optional;

/**
 * What the alert stage published of a lane, with which it begins where its own state is lost: with Kafka's internal topics, or since
 * alerts and audit trail were recovered from the analytics database.
 */
public interface PublishedState {
    /** The newest state of each alert. */
    List<Alert> alerts(int lane);

    /** The last record of the lane's chain. */
    Optional<AuditRecord> lastAudit(int lane);
}
