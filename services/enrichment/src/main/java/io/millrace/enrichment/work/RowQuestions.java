package io.millrace.enrichment.work;

import io.millrace.enrichment.Enricher;
import io.millrace.enrichment.ledger.Answers;
import io.millrace.enrichment.ledger.Questions;
import io.millrace.enrichment.recipe.Recipe;
import io.millrace.schemas.registry.SchemaRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes down what is to be asked about the rows of a view: again when what may leave of a row has changed. */
final class RowQuestions {
    private final List<Recipe> recipes;
    private final Questions questions;
    private final Answers answers;
    private final RowReader reader;
    private final Set<Recipe> shown = new HashSet<>();

    /** @param recipes about the view */
    RowQuestions(List<Recipe> recipes, Questions questions, Answers answers, SchemaRegistry registry) {
        this.recipes = recipes;
        this.questions = questions;
        this.answers = answers;
        this.reader = new RowReader(registry);
    }

    /** @param row null where it is gone */
    void take(byte[] key, byte @Nullable [] row) {
        String subject = reader.read(key).entrySet().stream()
                .map(column -> column.getKey() + "=" + column.getValue())
                .collect(Collectors.joining(","));
        Map<String, String> input = row == null ? Map.of() : reader.read(row);
        for (Recipe recipe : recipes) {
            if (shown.add(recipe)) {
                answers.show(recipe, reader.columns(key));
            }
            if (row != null && recipe.wants(input)) {
                questions.add(recipe, subject, Enricher.prepare(recipe, input).key(), input);
            } else {
                questions.withdraw(recipe, subject);
            }
        }
    }
}
