package io.millrace.gateway.alert;

import io.millrace.gateway.http.Schema;
import io.millrace.schemas.avro.AlertActionKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What requests and answers about alerts look like. */
final class AlertSchemas {
    /** As they are written. */
    static final Map<String, AlertActionKind> DECISIONS = decisions();

    static final Map<String, Object> ALERT = Schema.object(alert());
    static final Map<String, Object> WITH_EVENTS = withEvents();
    static final Map<String, Object> DECISION = decision();

    private AlertSchemas() {}

    private static Map<String, AlertActionKind> decisions() {
        Map<String, AlertActionKind> decisions = new LinkedHashMap<>();
        decisions.put("acknowledge", AlertActionKind.ACKNOWLEDGE);
        decisions.put("resolve", AlertActionKind.RESOLVE);
        decisions.put("suppress", AlertActionKind.SUPPRESS);
        return decisions;
    }

    private static Map<String, Map<String, Object>> alert() {
        Map<String, Object> evidence = new LinkedHashMap<>();
        evidence.put("type", "object");
        evidence.put("description", "The violating row: texts by column, as Postgres writes them.");
        evidence.put("additionalProperties", Map.of("type", List.of("string", "null")));
        Map<String, Map<String, Object>> members = new LinkedHashMap<>();
        members.put("id", Schema.text("One violation is one alert, also when it comes again."));
        members.put("control", Schema.text("The control that found it."));
        members.put("severity", Schema.text("info, low, medium, high or critical."));
        members.put("owner", Schema.text("Who is responsible for the control."));
        members.put("title", Schema.text("What was found."));
        members.put("remedy", Schema.text("What to do about it."));
        members.put("state", Schema.text("open, acknowledged, suppressed or resolved."));
        members.put("violated", Schema.truth("Whether the violation is there now."));
        members.put("openedAt", Schema.time("Commit time of the transaction that opened it last."));
        members.put("openedLsn", Schema.text("Position of that transaction in the source's log."));
        members.put("openedXid", Schema.nullable(Schema.text("Id of that transaction, where known.")));
        members.put("openedBy", Schema.nullable(Schema.text("Its actor, where known.")));
        members.put("openings", Schema.number("How often the violation came."));
        members.put("suppressedUntil", Schema.nullable(Schema.time("Nobody is told before.")));
        members.put("evidence", evidence);
        return members;
    }

    private static Map<String, Object> withEvents() {
        Map<String, Map<String, Object>> event = new LinkedHashMap<>();
        event.put("at", Schema.time("When."));
        event.put("event", Schema.text("What happened."));
        event.put("by", Schema.nullable(Schema.text("Who: a transaction's actor, or who decided.")));
        event.put("reason", Schema.nullable(Schema.text("What the person said, or why it was resolved.")));
        event.put("title", Schema.text("The alert's title after it."));
        Map<String, Map<String, Object>> members = alert();
        members.put("events", Schema.array(Schema.object(event)));
        return Schema.object(members);
    }

    private static Map<String, Object> decision() {
        Map<String, Object> decision = Schema.text("What to do.");
        decision.put("enum", List.copyOf(DECISIONS.keySet()));
        Map<String, Map<String, Object>> members = new LinkedHashMap<>();
        members.put("decision", decision);
        members.put(
                "reason",
                Schema.nullable(
                        Schema.text("Why; kept with the alert and in the audit trail. A suppression needs one.")));
        members.put(
                "until",
                Schema.nullable(
                        Schema.text(
                                "Of a suppression: a date (2026-12-31), an instant (2026-12-31T18:00:00Z), or from now: 30m, 12h, 7d.")));
        Map<String, Object> schema = Schema.object(members);
        schema.put("required", List.of("decision"));
        return schema;
    }
}
