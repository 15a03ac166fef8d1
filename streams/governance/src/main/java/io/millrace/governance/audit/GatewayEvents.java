package io.millrace.governance.audit;

import io.millrace.schemas.avro.GatewayEvent;

/** What happened at the gateway's door, as the audit trail has it. */
public final class GatewayEvents {
    /** So many are sent before it is written down that they are. */
    public static final int BATCH = 100;

    private GatewayEvents() {}

    static String words(GatewayEvent event) {
        return event.getKind() + ": " + event.getSubject()
                + (event.getDetail().isEmpty() ? "" : ", " + event.getDetail())
                + (event.getAddress().isEmpty() ? "" : ", from " + event.getAddress())
                + (event.getTimes() == 1 ? "" : ", " + event.getTimes() + " times");
    }
}
