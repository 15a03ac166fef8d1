package io.millrace.gateway.enrichment;

import io.millrace.gateway.http.Answers;
import io.millrace.gateway.http.Call;
import io.millrace.gateway.http.Endpoint;
import io.millrace.gateway.http.Parameter;
import io.millrace.gateway.http.Schema;
import io.millrace.operations.access.Permission;
import io.millrace.operations.enrichment.Enrichment;
import io.millrace.operations.enrichment.Enrichments;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerResponse;
import tools.jackson.databind.json.JsonMapper;

/** {@code /enrichments}: what an LLM said about alerts and rows. */
public final class EnrichmentEndpoints {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Parameter<String> RECIPE = Parameter.text("recipe", "Of this recipe.");
    private static final Parameter<String> SUBJECT =
            Parameter.text("subject", "About this: an alert's id, or the key of a row.");
    private static final Parameter<Integer> LIMIT = Parameter.number("limit", 1, 1_000, 100, "At most so many.");

    private static final Map<String, Object> ENRICHMENT = Schema.members(
            "recipe", Schema.text("The recipe of the catalog."),
            "subject", Schema.text("An alert's id, or the key of a row."),
            "state",
                    Schema.text(
                            "pending, asking, done, refused (the model does not answer), rejected (the answer was not what was asked for), deferred, over_budget, failed or withdrawn."),
            "fields", Schema.anything("The answer: fields of the recipe's output."),
            "model", Schema.nullable(Schema.text("That answered.")),
            "cost", Schema.text("In the budget's currency."),
            "detail", Schema.nullable(Schema.text("Why there is no answer.")),
            "changedAt", Schema.time("When it came to its state."));

    private final Enrichments enrichments;

    public EnrichmentEndpoints(Enrichments enrichments) {
        this.enrichments = enrichments;
    }

    public List<Endpoint> all() {
        return List.of(Endpoint.get(
                "/enrichments",
                "listEnrichments",
                Permission.ENRICHMENT_READ,
                "What an LLM said",
                "About alerts and rows of views, the newest first.",
                List.of(RECIPE, SUBJECT, LIMIT),
                Map.of("application/json", Schema.list("enrichments", ENRICHMENT)),
                List.of(),
                this::list));
    }

    private ServerResponse list(Call call) {
        return Answers.json(
                Map.of(
                        "enrichments",
                        enrichments
                                .list(
                                        call.optional(RECIPE).orElse(null),
                                        call.optional(SUBJECT).orElse(null),
                                        call.get(LIMIT))
                                .stream()
                                .map(EnrichmentEndpoints::described)
                                .toList()),
                headers -> {});
    }

    private static Map<String, @Nullable Object> described(Enrichment enrichment) {
        Map<String, @Nullable Object> described = new LinkedHashMap<>();
        described.put("recipe", enrichment.recipe());
        described.put("subject", enrichment.subject());
        described.put("state", enrichment.state());
        described.put("fields", JSON.readTree(enrichment.fields()));
        described.put("model", enrichment.model());
        described.put("cost", enrichment.cost().toPlainString());
        described.put("detail", enrichment.detail());
        described.put("changedAt", enrichment.changedAt().toString());
        return described;
    }
}
