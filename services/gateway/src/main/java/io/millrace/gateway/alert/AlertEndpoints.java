package io.millrace.gateway.alert;

import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Call;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Parameter;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Schema;
import io.millrace.operations.Decisions;
import io.millrace.operations.Until;
import io.millrace.operations.access.Permission;
import io.millrace.operations.access.Tenants;
import io.millrace.operations.alerts.AlertDecision;
import io.millrace.operations.alerts.AlertRow;
import io.millrace.operations.alerts.Alerts;
import io.millrace.platform.failure.MillraceException;
import io.millrace.schemas.avro.AlertAction;
import io.millrace.schemas.avro.AlertActionKind;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.web.servlet.function.ServerResponse;
import tools.jackson.databind.JsonNode;

/** {@code /alerts}: what controls found, and what people decide about it. */
public final class AlertEndpoints {
    private static final int LONGEST_REASON = 1_000;

    /** Which alerts. */
    enum State {
        UNRESOLVED,
        OPEN,
        ACKNOWLEDGED,
        SUPPRESSED,
        RESOLVED,
        ALL
    }

    private static final Parameter<State> STATE = Parameter.choice("state", State.UNRESOLVED, "Alerts in this state.");
    private static final Parameter<String> CONTROL = Parameter.text("control", "Alerts of this control.");
    private static final Parameter<Integer> LIMIT = Parameter.number("limit", 1, 1_000, 100, "At most so many.");
    private static final Parameter<String> ID = Parameter.form(
                    "id", Pattern.compile("[0-9a-fA-F-]{36}"), "an alert's id", "The alert's id.")
            .inPath();

    private final Function<Tenants, Alerts> alerts;
    private final Supplier<Decisions<AlertAction>> actions;

    /**
     * @param alerts that somebody may see
     * @param actions topic {@code governance.actions}
     */
    public AlertEndpoints(Function<Tenants, Alerts> alerts, Supplier<Decisions<AlertAction>> actions) {
        this.alerts = alerts;
        this.actions = actions;
    }

    public List<Endpoint> all() {
        return List.of(
                Endpoint.get(
                        "/alerts",
                        "listAlerts",
                        Permission.ALERTS_READ,
                        "Alerts",
                        "What controls found, the most severe and newest first.",
                        List.of(STATE, CONTROL, LIMIT),
                        Map.of("application/json", Schema.list("alerts", AlertSchemas.ALERT)),
                        List.of(),
                        this::list),
                Endpoint.get(
                        "/alerts/{id}",
                        "getAlert",
                        Permission.ALERTS_READ,
                        "One alert",
                        "The alert, and what happened to it, oldest first.",
                        List.of(ID),
                        Map.of("application/json", AlertSchemas.WITH_EVENTS),
                        List.of(Problem.Kind.NOT_FOUND),
                        this::one),
                new Endpoint(
                        HttpMethod.POST,
                        "/alerts/{id}/decisions",
                        "decideAboutAlert",
                        Permission.ALERTS_DECIDE,
                        false,
                        "Acknowledge, resolve or suppress an alert",
                        "Answers with the alert after the decision took effect. Who asks is kept with it, in the alert's history and in"
                                + " the audit trail.",
                        List.of(ID),
                        AlertSchemas.DECISION,
                        Map.of("application/json", AlertSchemas.WITH_EVENTS),
                        List.of(Problem.Kind.NOT_FOUND, Problem.Kind.CONFLICT),
                        this::decide));
    }

    private ServerResponse list(Call call) {
        List<Map<String, @Nullable Object>> found = alerts
                .apply(call.tenants())
                .list(call.get(STATE).name(), call.optional(CONTROL).orElse(null), call.get(LIMIT))
                .stream()
                .map(AlertEndpoints::described)
                .toList();
        return Answers.json(Map.of("alerts", found), headers -> {});
    }

    private ServerResponse one(Call call) {
        return answer(call, find(call));
    }

    private AlertRow find(Call call) {
        return alerts.apply(call.tenants())
                .byId(call.get(ID))
                .orElseThrow(() -> new Problem(
                        Problem.Kind.NOT_FOUND,
                        "there is no alert " + call.get(ID),
                        "GET /api/v1/alerts?state=all lists them"));
    }

    private ServerResponse answer(Call call, AlertRow alert) {
        Map<String, @Nullable Object> described = described(alert);
        described.put(
                "events",
                alerts.apply(call.tenants()).events(alert).stream()
                        .map(event -> {
                            Map<String, @Nullable Object> one = new LinkedHashMap<>();
                            one.put("at", event.at().toString());
                            one.put("event", event.event());
                            one.put("by", event.by());
                            one.put("reason", event.reason());
                            one.put("title", event.title());
                            return one;
                        })
                        .toList());
        return Answers.json(described, headers -> {});
    }

    private ServerResponse decide(Call call) throws IOException {
        AlertRow alert = find(call);
        AlertDecision decision = decision(call);
        try {
            Alerts.requireEffect(List.of(alert), decision);
        } catch (MillraceException nothingToDo) {
            throw new Problem(
                    Problem.Kind.CONFLICT,
                    String.valueOf(nothingToDo.getMessage()),
                    "GET /api/v1/alerts/" + alert.id() + " shows what happened to it");
        }
        return answer(call, alerts.apply(call.tenants()).decide(alert, decision, actions.get()));
    }

    private static AlertDecision decision(Call call) throws IOException {
        JsonNode body = call.body();
        AlertActionKind kind = Objects.requireNonNull(
                AlertSchemas.DECISIONS.get(call.word(body, "decision", AlertSchemas.DECISIONS.keySet())));
        Optional<String> reason = call.text(body, "reason", LONGEST_REASON);
        Optional<String> until = call.text(body, "until", LONGEST_REASON);
        if (kind == AlertActionKind.SUPPRESS ? reason.isEmpty() || until.isEmpty() : until.isPresent()) {
            throw call.badBody("'suppress' needs a reason and a time until which; the others have no time");
        }
        try {
            return new AlertDecision(
                    kind,
                    call.by(),
                    reason.orElse(null),
                    until.map(text -> Until.parse(text, Instant.now())).orElse(null));
        } catch (MillraceException noTime) {
            throw new Problem(Problem.Kind.BAD_BODY, "'until' is " + noTime.getMessage(), noTime.remedy());
        }
    }

    static Map<String, @Nullable Object> described(AlertRow alert) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("id", alert.id());
        described.put("control", alert.control());
        described.put("severity", alert.severity());
        described.put("owner", alert.owner());
        described.put("title", alert.title());
        described.put("remedy", alert.remedy());
        described.put("state", alert.state().toLowerCase(Locale.ROOT));
        described.put("violated", alert.violated());
        described.put("openedAt", alert.openedAt().toString());
        described.put("openedLsn", alert.openedLsn());
        described.put("openedXid", alert.openedXid());
        described.put("openedBy", alert.openedBy());
        described.put("openings", alert.openings());
        Instant until = alert.suppressedUntil();
        described.put("suppressedUntil", until == null ? null : until.toString());
        described.put("evidence", alert.evidence());
        return described;
    }
}
