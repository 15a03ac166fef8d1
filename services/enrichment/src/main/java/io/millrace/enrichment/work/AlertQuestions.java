package io.millrace.enrichment.work;

import io.millrace.enrichment.Enricher;
import io.millrace.enrichment.ledger.Questions;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.schemas.avro.Alert;
import io.millrace.schemas.avro.AlertEvent;
import io.millrace.schemas.avro.AlertState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Writes down what is to be asked about an alert. No network but the ledger's: what it does twice, it does once. */
final class AlertQuestions {
    private static final Set<AlertEvent> ASKED = Set.of(AlertEvent.OPENED, AlertEvent.REOPENED);

    private final List<Recipe> recipes;
    private final Questions questions;

    AlertQuestions(List<Recipe> recipes, Questions questions) {
        this.recipes = recipes;
        this.questions = questions;
    }

    void take(Alert alert) {
        if (alert.getState() != AlertState.OPEN || !ASKED.contains(alert.getLastEvent())) {
            return;
        }
        String severity = alert.getSeverity().name().toLowerCase(Locale.ROOT);
        Map<String, String> input = input(alert, severity);
        for (Recipe recipe : recipes) {
            if ((recipe.severities().isEmpty() || recipe.severities().contains(severity)) && recipe.wants(input)) {
                questions.add(
                        recipe, alert.getId(), Enricher.prepare(recipe, input).key(), input);
            }
        }
    }

    private static Map<String, String> input(Alert alert, String severity) {
        Map<String, String> input = new LinkedHashMap<>();
        input.put("control", alert.getControl());
        input.put("severity", severity);
        input.put("owner", alert.getOwner());
        input.put("title", alert.getTitle());
        input.put("remedy", alert.getRemedy());
        input.put("openedAt", alert.getOpenedAt().toString());
        if (alert.getOpenedBy() != null) {
            input.put("openedBy", alert.getOpenedBy());
        }
        alert.getEvidence().forEach(column -> {
            if (column.getValue() != null) {
                input.put("evidence." + column.getName(), column.getValue());
            }
        });
        return input;
    }
}
