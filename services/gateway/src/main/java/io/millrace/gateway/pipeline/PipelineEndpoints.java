package io.millrace.gateway.pipeline;

import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Call;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Schema;
import io.millrace.operations.access.Permission;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.web.servlet.function.ServerResponse;

/** {@code /lag}: where every stage is, how late, and why. */
public final class PipelineEndpoints {
    private final Supplier<Optional<Object>> lag;

    /** @param lag the last report; empty if role monitoring does not run in this process, or not yet */
    public PipelineEndpoints(Supplier<Optional<Object>> lag) {
        this.lag = lag;
    }

    public List<Endpoint> all() {
        return List.of(Endpoint.get(
                "/lag",
                "getLag",
                Permission.PIPELINE_READ,
                "Lag",
                "Where every stage of the pipeline is, how late it is, whether it catches up, and why it does not.",
                List.of(),
                Map.of("application/json", report()),
                List.of(),
                this::report));
    }

    private ServerResponse report(Call call) {
        return Answers.json(
                lag.get()
                        .orElseThrow(
                                () -> new Problem(
                                        Problem.Kind.UNAVAILABLE,
                                        "there is no report of lag in this process",
                                        "ask a hub that runs role monitoring; one that just started has a report within seconds")),
                headers -> {});
    }

    private static Map<String, Object> report() {
        Map<String, Map<String, Object>> path = new LinkedHashMap<>();
        path.put("name", Schema.text("What is seen at its end: views, alerts, mail."));
        path.put("state", Schema.text("The worst of its stages'."));
        path.put("behindMillis", Schema.number("For how long the oldest commit has been waiting that is not seen."));
        path.put("cause", Schema.text("Empty if there is none to tell."));
        Map<String, Map<String, Object>> stage = new LinkedHashMap<>();
        stage.put("stage", Schema.text("Its name."));
        stage.put("part", Schema.text("A partition, or empty."));
        stage.put("state", Schema.text("Such as OK, LAGGING, STALLED, STOPPED."));
        stage.put("behindMillis", Schema.number("How late it is."));
        stage.put("backlog", Schema.number("What it has before it."));
        stage.put("unit", Schema.text("Of backlog and speed: bytes, records, mails."));
        stage.put("perSecond", Schema.decimal("How fast it works."));
        stage.put("estimateSeconds", Schema.nullable(Schema.number("Until it has everything, while it catches up.")));
        stage.put("since", Schema.time("When it came to its state."));
        stage.put("cause", Schema.text("Empty if there is none to tell."));
        Map<String, Map<String, Object>> members = new LinkedHashMap<>();
        members.put("at", Schema.time("When it was sampled."));
        members.put("verdict", Schema.text("One line."));
        members.put("paths", Schema.array(Schema.object(path)));
        members.put("stages", Schema.array(Schema.object(stage)));
        return Schema.object(members);
    }
}
