package io.millrace.gateway.pipeline;

import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Call;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Problem;
import io.millrace.gateway.http.Schema;
import io.millrace.operations.access.Permission;
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
        return Schema.members(
                "at", Schema.time("When it was sampled."),
                "verdict", Schema.text("One line."),
                "paths",
                        Schema.array(Schema.members(
                                "name", Schema.text("What is seen at its end: views, alerts, mail."),
                                "state", Schema.text("The worst of its stages'."),
                                "behindMillis",
                                        Schema.number(
                                                "For how long the oldest commit has been waiting that is not seen."),
                                "cause", Schema.text("Empty if there is none to tell."))),
                "stages",
                        Schema.array(Schema.members(
                                "stage", Schema.text("Its name."),
                                "part", Schema.text("A partition, or empty."),
                                "state", Schema.text("Such as OK, LAGGING, STALLED, STOPPED."),
                                "behindMillis", Schema.number("How late it is."),
                                "backlog", Schema.number("What it has before it."),
                                "unit", Schema.text("Of backlog and speed: bytes, records, mails."),
                                "perSecond", Schema.decimal("How fast it works."),
                                "estimateSeconds",
                                        Schema.nullable(Schema.number("Until it has everything, while it catches up.")),
                                "since", Schema.time("When it came to its state."),
                                "cause", Schema.text("Empty if there is none to tell."))));
    }
}
